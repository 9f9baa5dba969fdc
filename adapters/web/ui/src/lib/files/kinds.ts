import type {FileInfo} from '../../api/client';

export type Kind =
  'folder' | 'image' | 'audio' | 'video' | 'text' | 'code' | 'archive' | 'other';

const code = new Set(
  ('c cc cpp cxx h hpp hxx cs css dart ex exs go graphql hs html ini java js json jsx kt lua mjs ' +
   'nix php pl proto py r rb rs scala sh sql svelte swift tf toml ts tsx vue xml yaml yml zig')
    .split(' ')
);
const archives = /\.(zip|7z|rar|tar|gz|tgz|bz2|xz|zst|jar|iso|deb|rpm)$/i;

export function ending(name: string): string {
  const dot = name.lastIndexOf('.');
  return dot > 0 ? name.slice(dot + 1).toLowerCase() : '';
}

/** What a file looks like, by its type and name. */
export function kindOf(item: Pick<FileInfo, 'kind' | 'mime_type' | 'name'>): Kind {
  if (item.kind === 'directory') return 'folder';
  const type = item.mime_type ?? '';
  if (code.has(ending(item.name))) return 'code';
  const group = type.split('/')[0];
  if (group === 'image' || group === 'audio' || group === 'video' || group === 'text') return group;
  return archives.test(item.name) ? 'archive' : 'other';
}

export type Preview = 'image' | 'audio' | 'video' | 'text';

const rasters = /^image\/(png|jpeg|gif|webp|avif|bmp|x-icon|vnd\.microsoft\.icon)$/;

/** How a file may be shown; undefined: not at all. Nothing that could run ever is. */
export function previewOf(
  item: Pick<FileInfo, 'kind' | 'mime_type' | 'name'>
): Preview | undefined {
  if (item.kind === 'directory') return undefined;
  const type = (item.mime_type ?? '').split(';')[0]!;
  if (rasters.test(type)) return 'image';
  const kind = kindOf(item);
  if (kind === 'audio' || kind === 'video') return kind;
  if (kind === 'code' || kind === 'text') return 'text';
  return type === 'application/json' || type === 'application/xml' ? 'text' : undefined;
}

/** What the bytes of a text say; null: they are none that can be shown. `isCut`: more follows. */
export function readText(bytes: ArrayBuffer, isCut = false): string | null {
  const [first, second] = new Uint8Array(bytes);
  const format = first === 0xfe && second === 0xff ? 'utf-16be'
    : first === 0xff && second === 0xfe ? 'utf-16le' : 'utf-8';
  const text = new TextDecoder(format).decode(bytes, {stream: isCut});
  const lost = text.split('\ufffd').length - 1;
  // Control characters that no text has, or more that cannot be read than that can.
  return /[\0-\x06\x0e-\x19]/.test(text) || lost * 2 > text.length ? null : text;
}
