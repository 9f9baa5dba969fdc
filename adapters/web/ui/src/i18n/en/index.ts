import {common} from './common';
import {files} from './files';
import {link} from './link';
import {login} from './login';
import {share} from './share';
import {uploads} from './uploads';

/** What the application says, a file for each page. Other languages have the same keys. */
export const en = {...common, ...files, ...link, ...login, ...share, ...uploads};
