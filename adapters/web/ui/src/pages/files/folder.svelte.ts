import {MediaQuery} from 'svelte/reactivity';
import {api, ask, type FileInfo} from '../../api/client';
import {openFold} from '../../components/layout/Fold.svelte';
import {metaOf} from '../../lib/files/existing';
import {folderHref, isWithin, join, parentOf} from '../../lib/files/paths';
import {router} from '../../lib/page/router.svelte';
import {Selection} from '../../lib/lists/selection.svelte';
import type {Placing} from './actions';
import {type Entries, Listing, type Sort, sorts} from './listing.svelte';
import {rights} from './rights.svelte';

/** What a dialog is about. */
export type Asking =
  | {kind: 'folder'}
  | {kind: 'place'; how: Placing; items: FileInfo[]}
  | {kind: 'delete'; items: FileInfo[]}
  | {kind: 'share'; item: FileInfo}
  | {kind: 'quota'; needed: number; left: number}
  | {kind: 'details'};

export type View = 'list' | 'tiles';

/** Others change it too: so often it is asked for anew when one comes back to it, ms. */
const kBetween = 3000;

/** The folder that is shown: its entries, which are chosen, how they are shown, and what is asked
 *  about them. */
export class Folder {
  readonly listing = new Listing();
  readonly selection =
    new Selection(() => this.listing.items.map((item) => item.path), this.listing);
  readonly chosen = $derived(
    this.selection.size > 0 ? this.listing.items.filter((item) => this.selection.has(item.path))
                            : []
  );
  readonly wide = new MediaQuery('min-width: 1100px');
  asking = $state.raw<Asking>();
  /** What gets another name in its place. */
  renaming = $state.raw<FileInfo>();
  /** The field of a name goes with what it stands in. */
  onleave = () => {};
  /** The file that an address led to: its folder may not be readable, or too long to have it. */
  linked = $state.raw<FileInfo>();
  view = $state<View>(localStorage.getItem('baluhost.view') === 'tiles' ? 'tiles' : 'list');
  showsDetails = $state(localStorage.getItem('baluhost.details') === 'yes');
  entries = $state<Entries>();
  /** Chosen once, kept for every folder; a link may say another. */
  readonly sort = $derived.by((): Sort => {
    const wanted = router.place.query.get('sort') ?? localStorage.getItem('baluhost.sort');
    return sorts.find((s) => s === wanted) ?? 'name';
  });
  readonly isReadable = $derived.by(() => this.path === '' || rights.may(this.path, 'read'));
  readonly #path: () => string;
  #soon: ReturnType<typeof setTimeout> | undefined;

  constructor(path: () => string) {
    this.#path = path;
  }

  /** Empty: the homes. */
  get path(): string {
    return this.#path();
  }

  /** Shows its entries; none where one may not see them, or does not know that yet. */
  load(sort: Sort): void {
    this.onleave();
    this.selection.clear();
    const order = this.path === '' ? undefined : sort;
    if (this.isReadable) void this.#open(this.path, order);
    else this.listing.clear();
  }

  /** The address that one comes with may be a file's: that is shown over its folder, and chosen
   *  there. */
  async #open(path: string, sort: Sort | undefined): Promise<void> {
    const {listing} = this;
    if (listing.askedAt === 0 && parentOf(path)) {
      const params = {path: {path}};
      const info = await ask(api.GET('/api/v1/meta/{path}', {params}))
        .catch((error) => listing.fail(path, sort, error));
      if (!info || this.path !== path) return;
      if (info.kind === 'file') {
        this.linked = info;
        router.go(folderHref(parentOf(path)), 'replace');
        return router.open(path, folderHref(path));
      }
    }
    await listing.open(path, sort, () => this.entries);
    const {linked} = this;
    const isHere = listing.items.some((item) => item.path === linked?.path);
    if (linked && isHere && router.over === linked.path) this.selection.pick(linked.path);
  }

  sortBy(by: string): void {
    localStorage.setItem('baluhost.sort', by);
    router.setQuery({sort: by});
  }

  use(view: View): void {
    this.onleave();
    this.view = view;
    localStorage.setItem('baluhost.view', view);
  }

  showDetails(shows: boolean): void {
    if (!this.wide.current) {
      this.asking = {kind: 'details'};
      return;
    }
    this.showsDetails = shows;
    localStorage.setItem('baluhost.details', shows ? 'yes' : 'no');
  }

  showVersions(item: FileInfo): void {
    this.selection.pick(item.path);
    openFold('versions');
    this.showDetails(true);
  }

  /** What an action on an entry is for: all that is chosen, where it is among that. */
  targets(item: FileInfo): FileInfo[] {
    return this.selection.has(item.path) ? this.chosen : [item];
  }

  async refresh(): Promise<void> {
    const {listing} = this;
    if (await listing.refresh() && !listing.more)
      this.selection.keep(new Set(listing.items.map((item) => item.path)));
  }

  /** After each change of one's own. */
  refreshSoon(): void {
    clearTimeout(this.#soon);
    this.#soon = setTimeout(() => void this.refresh(), 500);
  }

  cameBack(): void {
    const isEarly = Date.now() - this.listing.askedAt < kBetween;
    if (document.visibilityState !== 'hidden' && !isEarly) void this.refresh();
  }

  leave(): void {
    this.onleave();
    clearTimeout(this.#soon);
  }

  /** What was stored below this folder, or the folder of this one that it is in. */
  async show(stored: string): Promise<void> {
    const {path, listing} = this;
    if (!isWithin(stored, path) || stored === path) return;
    const below = stored.slice(path.length + 1).split('/')[0]!;
    const isDeep = parentOf(stored) !== path;
    if (isDeep && listing.has(below)) return;
    const info = await metaOf(join(path, below)).catch(() => undefined);
    if (info) listing.put(info);
  }
}
