const kStored = 'baluhost.no-hotkey';

/** The key that lists all keys: by itself, so it can be put out, for who speaks to a computer or
 *  strikes keys by chance. */
class Hotkey {
  isOn = $state(!localStorage.getItem(kStored));

  use(isOn: boolean): void {
    this.isOn = isOn;
    if (isOn) localStorage.removeItem(kStored);
    else localStorage.setItem(kStored, 'yes');
  }

  /** Is it that key, where nobody writes? */
  is({key, target, defaultPrevented}: KeyboardEvent): boolean {
    const writes = (target as Element).closest?.('input:not([type=checkbox]), textarea, select');
    return this.isOn && key === '?' && !defaultPrevented && !writes;
  }
}

export const hotkey = new Hotkey();
