import type {Texts} from '../../lib/i18n.svelte';
import {common} from './common';
import {files} from './files';
import {link} from './link';
import {login} from './login';
import {share} from './share';
import {uploads} from './uploads';

export const de: Texts = {...common, ...files, ...link, ...login, ...share, ...uploads};
