import {mount} from 'svelte';
import App from './App.svelte';
import {i18n} from './lib/i18n.svelte';
import {theme} from './lib/theme.svelte';
import './style.css';

theme.begin();
await i18n.begin();
mount(App, {target: document.getElementById('app')!});
