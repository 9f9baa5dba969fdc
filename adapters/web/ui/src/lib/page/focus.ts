// Where what has the focus goes from the page, or moves in it, the focus goes on to what is next to
// it: left to the browser, one would begin again at the top of the page.

/** What had the focus last, and all that it was in. */
let trail: Element[] = [];
/** What got the focus from here, and not from who uses the page. */
let placed: Element | null = null;

/** Has nobody gone on to something with the focus? */
export function isFree(): boolean {
  const now = document.activeElement;
  return !now || now === placed || now.matches('body, main');
}

/** In an element, by what is looked for first: the entry that the list goes on at; what stands in
 *  the place of a list; the head. */
const kinds = ['[role=grid] [tabindex="0"]', '.empty .title, .error .title', 'summary, h1, h2'];

function nextIn(home: Element): HTMLElement | undefined {
  const row = home.matches('li') && home.querySelector<HTMLElement>('button:not(:disabled)');
  if (row) return row;
  const within = home.closest('[role=grid]')?.parentElement ?? home;
  const seen = (kind: string) =>
    [...within.querySelectorAll<HTMLElement>(kind)].find((found) => found.offsetWidth > 1);
  for (const kind of kinds) {
    const found = seen(kind);
    if (found) return found;
  }
  return undefined;
}

function take(element: HTMLElement): boolean {
  placed = element;
  if (element.tabIndex < 0) element.tabIndex = -1;
  element.focus({preventScroll: true});
  return document.activeElement === element;
}

function goOn(): void {
  const [last] = trail;
  // The page as a whole had it: what is in it is better.
  const hadPage = last?.matches('main');
  if (last instanceof HTMLElement && !hadPage && last.isConnected && take(last)) return;
  const modal = [...document.querySelectorAll('dialog:modal')].at(-1);
  const homes = trail.filter((element) => element.isConnected &&
    (modal ? modal.contains(element) : element.closest('main, dialog, section.tray')));
  const main = document.querySelector('main')!;
  const isThere = [...homes, modal ?? main].some((home) => {
    const next = nextIn(home);
    return next && take(next);
  });
  if (!isThere) take(main);
}

/** Follows what is in the page. */
export function keepFocus(): void {
  addEventListener('focusin', (event) => {
    if (event.target !== placed) placed = null;
    else if (placed?.matches('main')) return; // it waits there for what comes
    trail = event.composedPath().filter((target) => target instanceof Element);
  });
  // Whoever presses elsewhere has left it.
  addEventListener('pointerdown', ({target}) => {
    if (!trail[0]?.contains(target as Node)) trail = [];
  }, true);
  new MutationObserver(() => {
    const now = document.activeElement;
    const waits = now === placed && now?.matches('main');
    if ((waits || now === document.body) && trail.length > 0 && document.hasFocus()) goOn();
  }).observe(document.body, {childList: true, subtree: true});
}

/** Dialogs that lie over the page, the one on top last. */
let modals: Element[] = [];
let messages: Element | null = null;

/** Messages are in the one on top: what is below it cannot be reached. */
export function carryMessages(dialog: Element): () => void {
  messages ??= document.querySelector('.messages');
  const place = () => (modals.at(-1) ?? document.getElementById('app')!).append(messages!);
  modals.push(dialog);
  place();
  return () => {
    modals = modals.filter((other) => other !== dialog);
    place();
  };
}

/** Shows a dialog over the page. Returns how it goes: then the focus comes back to where it is now,
 *  or to what is next to that. */
export function showModal(dialog: HTMLDialogElement): () => void {
  const from = trail;
  dialog.showModal();
  const putBack = carryMessages(dialog);
  return () => {
    if (dialog.open) dialog.close();
    putBack();
    trail = from;
    goOn();
  };
}
