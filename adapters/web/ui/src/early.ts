// What the page begins with, before the rest is here: so texts and the sign-in come beside it.
import {load, wished} from './lib/language';

// Where it fails, it is asked for again.
load(wished()).catch(() => {});
if (location.pathname === '/login') import('./pages/login/Login.svelte').catch(() => {});
