// Paths of the API, `/anna/letters/a.txt`, and where they stand in the application.

/** Of a path of ours, `/anna/a b`, for a URL: `anna/a%20b`. */
export function encodePath(path: string): string {
  return path.replace(/^\//, '').split('/').map(encodeURIComponent).join('/');
}

export function parentOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/'));
}

export function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

export function join(folder: string, name: string): string {
  return `${folder}/${name}`;
}

/** True for what lies in `folder`, however deep, and for it itself. */
export function isWithin(path: string, folder: string): boolean {
  return path === folder || path.startsWith(folder + '/');
}

/** The address of a folder's page. */
export function folderHref(path: string): string {
  return path ? '/files/' + encodePath(path) : '/files';
}

/** Where a file's bytes are: a browser reads them with its cookie. */
export function contentUrl(path: string, disposition?: 'inline'): string {
  const query = disposition ? `?disposition=${disposition}` : '';
  return `/api/v1/files/${encodePath(path)}${query}`;
}

/** Where the bytes of a version of a file are. */
export function versionUrl(path: string, id: string, disposition?: 'inline'): string {
  const query = new URLSearchParams({id, ...(disposition && {disposition})});
  return `/api/v1/versions/${encodePath(path)}?${query}`;
}

/** The folders that lead to a path, the home first. */
export function ancestors(path: string): string[] {
  const segments = path.split('/').slice(1);
  return segments.map((_, i) => '/' + segments.slice(0, i + 1).join('/'));
}

/** `report (2).pdf`: a name that is not taken, like this one. */
export function freeName(name: string, isTaken: (name: string) => boolean): string {
  const dot = name.lastIndexOf('.');
  const [stem, ending] = dot > 0 ? [name.slice(0, dot), name.slice(dot)] : [name, ''];
  for (let i = 2; ; ++i) {
    const candidate = `${stem} (${i})${ending}`;
    if (!isTaken(candidate)) return candidate;
  }
}

/** Why a name is none for a file here; undefined where it is one. */
export function nameFault(name: string): 'empty' | 'character' | 'edge' | 'long' | undefined {
  if (name === '') return 'empty';
  if (/[/\\\u0000-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069\u061c]/.test(name))
    return 'character';
  if (name === '.' || name === '..' || /^ | $|\.$/.test(name)) return 'edge';
  return new TextEncoder().encode(name.normalize('NFC')).length > 255 ? 'long' : undefined;
}
