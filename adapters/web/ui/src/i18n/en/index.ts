import {account} from './account';
import {activity} from './activity';
import {common} from './common';
import {files} from './files';
import {link} from './link';
import {login} from './login';
import {share} from './share';
import {shared} from './shared';
import {uploads} from './uploads';
import {users} from './users';

/** What the application says, a file for each page. Other languages have the same keys. */
export const en = {
  ...common, ...account, ...activity, ...files, ...link, ...login, ...share, ...shared,
  ...uploads, ...users
};
