import {fileURLToPath} from 'node:url';
import {svelte} from '@sveltejs/vite-plugin-svelte';
import {defineConfig} from 'vitest/config';
import {table} from './vite/table';

const server = process.env.BALUHOST_SERVER ?? 'http://127.0.0.1:8080';

export default defineConfig({
  plugins: [svelte(), table()],
  resolve: {alias: {'url-parse': fileURLToPath(new URL('vite/url-parse.ts', import.meta.url))}},
  build: {
    outDir: process.env.BALUHOST_WEB_OUT ?? '../dist',
    emptyOutDir: true,
    target: 'es2022',
    // Nothing inline: the server's policy forbids it.
    assetsInlineLimit: 0,
    // A twentieth smaller than what the usual one makes.
    minify: 'terser',
    terserOptions: {module: true, ecma: 2020, compress: {passes: 2}},
    modulePreload: {polyfill: false},
    cssCodeSplit: true,
    reportCompressedSize: false,
    rollupOptions: {output: {manualChunks: undefined}}
  },
  server: {proxy: {'/api': server, '/readyz': server}},
  test: {include: ['src/**/*.test.ts', 'vite/**/*.test.ts'], environment: 'node'}
});
