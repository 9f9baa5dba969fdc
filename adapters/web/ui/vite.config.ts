import {svelte} from '@sveltejs/vite-plugin-svelte';
import {defineConfig} from 'vitest/config';
import {table} from './vite/table';

const server = process.env.BALUHOST_SERVER ?? 'http://127.0.0.1:8080';

export default defineConfig({
  plugins: [svelte(), table()],
  build: {
    outDir: process.env.BALUHOST_WEB_OUT ?? '../dist',
    emptyOutDir: true,
    target: 'es2022',
    // Nothing inline: the server's policy forbids it.
    assetsInlineLimit: 0,
    modulePreload: {polyfill: false},
    cssCodeSplit: true,
    reportCompressedSize: false,
    rollupOptions: {output: {manualChunks: undefined}}
  },
  server: {proxy: {'/api': server, '/readyz': server}},
  test: {include: ['src/**/*.test.ts', 'vite/**/*.test.ts'], environment: 'node'}
});
