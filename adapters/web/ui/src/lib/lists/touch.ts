const kHeld = 500;

/** Was it a finger? */
export function isTouch(event: MouseEvent): boolean {
  return (event as PointerEvent).pointerType === 'touch';
}

/** A finger that stays on something: not every browser says so itself. */
export class Hold {
  #timer: ReturnType<typeof setTimeout> | undefined;
  #held = false;

  begin(event: PointerEvent, run: () => void): void {
    this.end();
    this.#held = false;
    if (!isTouch(event)) return;
    this.#timer = setTimeout(() => {
      this.#held = true;
      run();
    }, kHeld);
  }

  /** It was lifted, or scrolls. */
  end = (): void => clearTimeout(this.#timer);

  /** Of a click, or of a menu of the browser's: does it belong to one? Then it is none. */
  takes(event: MouseEvent): boolean {
    const isMenu = event.type === 'contextmenu' && isTouch(event);
    if (!isMenu && !this.#held) return false;
    event.preventDefault();
    event.stopPropagation();
    return true;
  }
}
