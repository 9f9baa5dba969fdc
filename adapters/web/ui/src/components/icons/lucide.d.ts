declare module 'lucide/dist/esm/icons/*' {
  const glyph: import('./icons').Glyph;
  export default glyph;
}
