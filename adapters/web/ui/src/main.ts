import {mount} from 'svelte';
import App from './App.svelte';
import {i18n} from './lib/language/i18n.svelte';
import {keepFocus} from './lib/page/focus';
import {match, router} from './lib/page/router.svelte';
import {theme} from './lib/page/theme.svelte';
import {routes} from './pages';
import './style.css';

theme.begin();
keepFocus();
// The first page comes while the language does; where one fails, it is asked for again.
match(routes, router.place.path)?.page.load().catch(() => {});
i18n.begin();
mount(App, {target: document.getElementById('app')!});
