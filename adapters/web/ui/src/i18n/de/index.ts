import type {Texts} from '../../lib/language/i18n.svelte';
import {account} from './account';
import {activity} from './activity';
import {audit} from './audit';
import {common} from './common';
import {files} from './files';
import {link} from './link';
import {login} from './login';
import {reports} from './reports';
export {said} from './said';
import {search} from './search';
import {share} from './share';
import {shared} from './shared';
import {system} from './system';
import {trash} from './trash';
import {uploads} from './uploads';
import {users} from './users';

export const de: Texts = {
  ...account, ...activity, ...audit, ...common, ...files, ...link, ...login, ...reports, ...search,
  ...share, ...shared, ...system, ...trash, ...uploads, ...users
};
