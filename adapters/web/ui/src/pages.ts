// Every page: its address, who may open it, and where it stands in the navigation. Each is loaded
// when it is opened, but for the sign-in, which is there at once.
import {
  Activity, Folder, type Glyph, ScrollText, Server, Share2, Trash2, Users
} from './components/icons/icons';
import type {Component} from 'svelte';
import type {User} from './api/client';
import type {Key} from './lib/language/i18n.svelte';
import type {Route} from './lib/page/router.svelte';
import Login from './pages/login/Login.svelte';

type Role = User['role'];

/** One that needs no parameters may leave them out. */
export type PageComponent = Component<any>;

export interface Page {
  load: () => Promise<{default: PageComponent}>;
  /** `open`: without a login too; else whoever is signed in, or has one of these roles. */
  access: 'open' | 'signed-in' | Role[];
  /** Not within the frame of navigation and account. */
  bare?: boolean;
  /** Needs no texts but those that are there at once (`lib/language/first.ts`). */
  saysAtOnce?: boolean;
  /** Opens even before a second factor is set up that one has to have. */
  beforeSecondFactor?: boolean;
}

export const routes: Route<Page>[] = [
  {
    pattern: '/login',
    page: {
      load: async () => ({default: Login}), access: 'open', bare: true, saysAtOnce: true
    }
  },
  {
    pattern: '/s/{id}',
    page: {load: () => import('./pages/link/Link.svelte'), access: 'open', bare: true}
  },
  {
    pattern: '/files/{path}',
    page: {load: () => import('./pages/files/Files.svelte'), access: 'signed-in'}
  },
  {
    pattern: '/shared',
    page: {load: () => import('./pages/shared/Shared.svelte'), access: 'signed-in'}
  },
  {
    pattern: '/trash',
    page: {load: () => import('./pages/trash/Trash.svelte'), access: 'signed-in'}
  },
  {
    pattern: '/search',
    page: {load: () => import('./pages/search/Search.svelte'), access: 'signed-in'}
  },
  {
    pattern: '/activity',
    page: {load: () => import('./pages/activity/Activity.svelte'), access: 'signed-in'}
  },
  {
    pattern: '/users',
    page: {load: () => import('./pages/users/Users.svelte'), access: ['admin']}
  },
  {
    pattern: '/users/{name}',
    page: {load: () => import('./pages/users/User.svelte'), access: ['admin']}
  },
  {
    pattern: '/account',
    page: {
      load: () => import('./pages/account/Account.svelte'),
      access: 'signed-in',
      beforeSecondFactor: true
    }
  },
  {
    pattern: '/audit',
    page: {load: () => import('./pages/audit/Audit.svelte'), access: ['admin', 'auditor']}
  },
  {
    pattern: '/audit/reports',
    page: {load: () => import('./pages/reports/Reports.svelte'), access: ['admin', 'auditor']}
  },
  {
    pattern: '/audit/reports/{name}',
    page: {load: () => import('./pages/reports/Reports.svelte'), access: ['admin', 'auditor']}
  },
  {
    pattern: '/system',
    page: {load: () => import('./pages/system/System.svelte'), access: ['admin']}
  }
];

export const notFound: Page = {
  load: () => import('./pages/not-found/NotFound.svelte'),
  access: 'open'
};

export interface Entry {
  href: string;
  label: Key;
  icon: Glyph;
  roles?: Role[];
}

/** The navigation, in its order; `roles` as the page's. */
export const navigation: Entry[] = [
  {href: '/files', label: 'nav.files', icon: Folder},
  {href: '/shared', label: 'nav.shared', icon: Share2},
  {href: '/trash', label: 'nav.trash', icon: Trash2},
  {href: '/activity', label: 'nav.activity', icon: Activity},
  {href: '/users', label: 'nav.users', icon: Users, roles: ['admin']},
  {href: '/audit', label: 'nav.audit', icon: ScrollText, roles: ['admin', 'auditor']},
  {href: '/system', label: 'nav.system', icon: Server, roles: ['admin']}
];

export function mayOpen(page: Page, role: Role | undefined): boolean {
  if (page.access === 'open') return true;
  if (!role) return false;
  return page.access === 'signed-in' || page.access.includes(role);
}
