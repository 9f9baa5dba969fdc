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
