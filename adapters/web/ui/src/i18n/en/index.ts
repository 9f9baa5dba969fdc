import {common} from './common';
import {files} from './files';
import {login} from './login';

/** What the application says, a file for each page. Other languages have the same keys. */
export const en = {...common, ...files, ...login};
