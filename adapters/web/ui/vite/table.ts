// What the C++ side needs of a build: every file compressed, and a list of them all.
import {createHash} from 'node:crypto';
import {readFileSync, readdirSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {brotliCompressSync, constants, gzipSync} from 'node:zlib';
import type {Plugin} from 'vite';

const types: Record<string, string> = {
  css: 'text/css; charset=utf-8',
  html: 'text/html; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  png: 'image/png',
  svg: 'image/svg+xml',
  txt: 'text/plain; charset=utf-8'
};

function filesBelow(folder: string, prefix = ''): string[] {
  return readdirSync(folder, {withFileTypes: true}).flatMap((entry) =>
    entry.isDirectory()
      ? filesBelow(join(folder, entry.name), `${prefix}/${entry.name}`)
      : [`${prefix}/${entry.name}`]
  );
}

/** Empty where it saves nothing. */
function smaller(coded: Buffer, content: Buffer): Buffer {
  return coded.length < content.length ? coded : Buffer.alloc(0);
}

/** What is best for one file is not for another: how much goes into a block. */
function smallest(content: Buffer): Buffer {
  const all = [5, 6, 7, 8].map((memLevel) => gzipSync(content, {level: 9, memLevel}));
  return all.reduce((best, one) => (one.length < best.length ? one : best));
}

export function writeTable(folder: string): void {
  // By bytes, as the server looks them up.
  const paths = filesBelow(folder).sort((a, b) => (a < b ? -1 : 1));
  const lines = paths.map((path, number) => {
    const content = readFileSync(folder + path);
    const type = types[path.slice(path.lastIndexOf('.') + 1)];
    if (!type) throw new Error(`what type has ${path}?`);
    const gzip = smaller(smallest(content), content);
    const brotli = smaller(
      brotliCompressSync(content, {params: {[constants.BROTLI_PARAM_SIZE_HINT]: content.length}}),
      content
    );
    writeFileSync(`${folder}${path}.gz`, gzip);
    writeFileSync(`${folder}${path}.br`, brotli);
    const hash = createHash('sha256').update(content).digest('hex');
    const sizes = [content.length, gzip.length, brotli.length].join(', ');
    return `BALUHOST_ASSET(${number}, "${path}", "${type}", "${hash}", ${sizes})\n`;
  });
  writeFileSync(`${folder}/table.inc`, lines.join(''));
}

export function table(): Plugin {
  let folder = '';
  return {
    name: 'table',
    apply: 'build',
    configResolved(config) {
      folder = join(config.root, config.build.outDir);
      if (config.build.outDir.startsWith('/')) folder = config.build.outDir;
    },
    closeBundle() {
      writeTable(folder);
    }
  };
}
