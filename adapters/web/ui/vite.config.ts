import {svelte} from '@sveltejs/vite-plugin-svelte';
import {defineConfig} from 'vitest/config';
import {early} from './vite/early';
import {table} from './vite/table';
import {texts} from './vite/texts';

/** Whose looks are needed before a page is: the frame, and what the sign-in has. */
const frame = 'App|Login|Shell|SearchField|Menu|Toasts|Skeleton|EmptyState|ErrorState|Notice|' +
  'Button|Field|Icon';
/** What every page needs, and the sign-in with its texts in each language: one file, which is all
 *  that one waits for there. Each language's other texts are one. What says events in words is
 *  needed later, and so is how all pages look: one file, as forty small ones compress badly; and
 *  the record with its reports, for who reads one reads the other; people's pages, one's own and
 *  those of others, which have much in common. Left to itself the bundler puts small parts of one
 *  into files of another. */
const chunks: [string, RegExp][] = [
  ['early', /src\/(early|lib\/language\/language)\.ts|vite\/preload-helper/],
  ['looks', new RegExp(`/(?!(?:${frame})\\.)\\w+\\.svelte\\?.*type=style`)],
  ['sentences', /src\/(lib\/language\/(sentences|names)\/|pages\/audit\/(says|links))/],
  ['sentences', /src\/components\/lists\/(Sentence|GrantRows)\.svelte$/],
  ['record', /src\/pages\/(audit|reports)\//],
  ['base', /node_modules\/(svelte|esm-env|clsx|openapi-fetch)\/|src\/api\//],
  ['base', /src\/lib\/\w+\/(i18n|first|visible|router|session|paths|format|words|theme|toasts)\./],
  ['base', /src\/lib\/page\/(again|patience|focus|tray)\./],
  ['base', /(src\/i18n\/\w+|\0keys)\/(common|login)|src\/pages\/login\//],
  ['keys', /^\0keys\//],
  ['base', new RegExp(`/(${frame})\\.svelte$`)],
  ['parts', /src\/(components\/\w+\/\w+\.svelte|pages\/shared\/grants\.ts)$/],
  ['parts', /src\/lib\/\w+\/(days|loaded|pages|password|placing|roving|selection|shares)\./],
  ['parts', /src\/lib\/\w+\/(touch|trash|virtual)\./],
  ['people', /src\/pages\/(account|activity|shared|users)\//],
  ['en', /src\/i18n\/en\//],
  ['de', /src\/i18n\/de\//]
];

const server = process.env.BALUHOST_SERVER ?? 'http://127.0.0.1:8080';

export default defineConfig({
  plugins: [svelte(), texts(), early(), table()],
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
    // What several pages share goes into few files: each is compressed, and asked for, by itself.
    rollupOptions: {
      output: {
        experimentalMinChunkSize: 40_000,
        manualChunks: (id) => chunks.find(([, pattern]) => pattern.test(id))?.[0]
      }
    }
  },
  server: {proxy: {'/api': server, '/readyz': server}},
  test: {include: ['src/**/*.test.ts', 'vite/**/*.test.ts'], environment: 'node'}
});
