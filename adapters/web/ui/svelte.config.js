// Short names of classes: each stands in a style and beside its elements.
const cssHash = ({hash, name, css}) => `s${hash(name + css).slice(0, 4)}`;

export default {compilerOptions: {runes: true, cssHash}};
