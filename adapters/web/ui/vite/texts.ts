// The texts of every language have the same keys: those stand once, and not with each of them.
import {readFile} from 'node:fs/promises';
import {fileURLToPath} from 'node:url';
import {type Plugin, transformWithEsbuild} from 'vite';

const folder = fileURLToPath(new URL('../src/i18n/', import.meta.url));
const prefix = '\0keys/';

/** What a file of texts exports, which imports nothing. */
async function textsOf(path: string): Promise<Record<string, string>> {
  const {code} = await transformWithEsbuild(await readFile(path, 'utf8'), path);
  const module = await import('data:text/javascript,' + encodeURIComponent(code));
  return Object.values<Record<string, string>>(module)[0]!;
}

const keysOf = async (name: string) => Object.keys(await textsOf(`${folder}en/${name}.ts`));

export function texts(): Plugin {
  return {
    name: 'texts',
    apply: 'build',
    resolveId: (id) => (id.startsWith('keys/') ? '\0' + id : undefined),
    async load(id) {
      if (id.startsWith(prefix)) {
        const keys = (await keysOf(id.slice(prefix.length))).join(' ');
        return `const keys = ${JSON.stringify(keys)}.split(' ');
          export const of = (texts) => Object.fromEntries(keys.map((key, i) => [key, texts[i]]));`;
      }
      const name = id.startsWith(folder) && /^\w+\/(\w+)\.ts$/.exec(id.slice(folder.length))?.[1];
      if (!name || name === 'index' || name === 'said') return undefined;
      const found = await textsOf(id);
      const inOrder = (await keysOf(name)).map((key) => found[key]);
      return `import {of} from 'keys/${name}';
        export const ${name} = of(${JSON.stringify(inOrder)});`;
    }
  };
}
