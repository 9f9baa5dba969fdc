/** Gives the browser a file of its own to keep. */
export function save(name: string, type: string, content: string): void {
  const url = URL.createObjectURL(new Blob([content], {type}));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  // The download has begun by then; the next turn is too early for some browsers.
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
