import {api, ask, type Schemas} from '../../api/client';
import {everyPage, pageQuery} from '../../lib/lists/loaded.svelte';

type Grant = Schemas['Grant'];

export interface Grants {
  items: Grant[];
  complete: boolean;
}

function listed(of: {path?: string; grantee?: string}, signal?: AbortSignal): Promise<Grants> {
  return everyPage((cursor) => {
    const params = {query: {...of, ...pageQuery(cursor)}};
    return ask(api.GET('/api/v1/grants', signal ? {params, signal} : {params}));
  });
}

export function grantsToMe(me: string, signal?: AbortSignal): Promise<Grants> {
  return listed({grantee: me}, signal);
}

/** Places of others where one may give rights on; more are not looked at. */
const kPlaces = 50;

/** Those in one's own home, and those that one gave on elsewhere. */
export async function grantsByMe(me: string, signal?: AbortSignal): Promise<Grants> {
  const [own, toMe] = await Promise.all([listed({}, signal), grantsToMe(me, signal)]);
  const places = toMe.items.filter((grant) => grant.rights.includes('share'));
  const given = await Promise.all(places.slice(0, kPlaces).map(async ({path}) =>
    (await listed({path}, signal)).items.filter((grant) => grant.granted_by === me)));
  const known = new Set(own.items.map((grant) => `${grant.path}\0${grant.grantee}`));
  const elsewhere = given.flat().filter((g) => !known.has(`${g.path}\0${g.grantee}`));
  return {
    items: [...own.items, ...elsewhere],
    complete: own.complete && toMe.complete && places.length <= kPlaces
  };
}

export async function endGrant({path, grantee}: Grant): Promise<void> {
  await ask(api.DELETE('/api/v1/grants', {params: {query: {path, grantee}}}));
}

/** What lies at the paths that one may read: a grant does not say whether it is a folder. */
export async function kindsOf(
  grants: Grant[], me: string
): Promise<Map<string, 'file' | 'directory'>> {
  const kinds = new Map<string, 'file' | 'directory'>();
  const readable = grants.filter((g) => g.grantee !== me || g.rights.includes('read'));
  const paths = [...new Set(readable.map(({path}) => path))].slice(0, 100);
  await Promise.all(paths.map(async (path) => {
    try {
      const meta = await ask(api.GET('/api/v1/meta/{path}', {params: {path: {path}}}));
      kinds.set(path, meta.kind);
    } catch {
      // It is gone: then nothing leads there.
    }
  }));
  return kinds;
}
