import type {Schemas} from '../../api/client';
import type {Key} from '../language/i18n.svelte';

type Share = Schemas['Share'];
export type ShareKind = 'view' | 'drop' | 'both';

/** Whether a link still opens. */
export function shareState(
  share: Pick<Share, 'expires_at' | 'max_uses' | 'uses'>, now = Date.now()
): 'open' | 'ended' | 'used_up' {
  if (share.expires_at !== null && Date.parse(share.expires_at) <= now) return 'ended';
  return share.max_uses !== null && share.uses >= share.max_uses ? 'used_up' : 'open';
}

export function kindOfRights(rights: Share['rights']): ShareKind {
  if (!rights.includes('create')) return 'view';
  return rights.includes('read') ? 'both' : 'drop';
}

export const rightsOfKind: Record<ShareKind, Share['rights']> = {
  view: ['read'], drop: ['create'], both: ['read', 'create']
};

/** What who has a link may do. */
export function shareWords(rights: Share['rights']): Key {
  return `links.may_${kindOfRights(rights)}`;
}

/** The end of a link as a date field has it; empty: none. */
export function dateOf(time: string | null): string {
  if (time === null) return '';
  const date = new Date(time);
  const two = (value: number) => String(value).padStart(2, '0');
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}

/** To the end of that day, here; null: no end; undefined: it is over. */
export function endOfDay(date: string, now = Date.now()): string | null | undefined {
  if (date === '') return null;
  const end = new Date(`${date}T23:59:59`);
  return Number.isNaN(end.getTime()) || end.getTime() <= now ? undefined : end.toISOString();
}
