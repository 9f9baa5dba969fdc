import type {Key} from '../language/i18n.svelte';

/** Why the server would not take a password; undefined where only it can tell. */
export function passwordFault(password: string, username: string): Key | undefined {
  const size = new TextEncoder().encode(password.normalize('NFC')).length;
  if (size < 8) return 'password.short';
  if (size > 1024) return 'password.long';
  const name = username.toLowerCase();
  if (name.length >= 4 && password.toLowerCase().includes(name)) return 'password.has_name';
  return undefined;
}

const letters = 'abcdefghjkmnpqrstuvwxyz23456789';

/** One that nobody guesses, in groups that can be read out. */
export function suggestPassword(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(64));
  // Without a bias: what lies beyond a multiple of the alphabet's size is left out.
  const fair = [...bytes].filter((byte) => byte < 256 - (256 % letters.length)).slice(0, 20);
  if (fair.length < 20) return suggestPassword();
  return fair.map((byte, i) => (i && i % 5 === 0 ? '-' : '') + letters[byte % letters.length])
    .join('');
}
