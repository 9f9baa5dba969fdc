import {t} from '../language/i18n.svelte';
import {session} from '../session/session.svelte';
import {nameOf} from './paths';

/** What a folder is called wherever it is named: one's own home has one name. */
export function folderName(path: string): string {
  return path === '/' + session.user?.username ? t('files.home')
    : nameOf(path) || t('files.homes');
}
