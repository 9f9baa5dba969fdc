import type {Texts} from '../../lib/i18n.svelte';
import {common} from './common';
import {files} from './files';
import {login} from './login';

export const de: Texts = {...common, ...files, ...login};
