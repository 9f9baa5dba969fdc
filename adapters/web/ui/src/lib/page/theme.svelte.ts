export type Theme = 'system' | 'light' | 'dark';
export const themes: Theme[] = ['system', 'light', 'dark'];

const kStored = 'baluhost.theme';

class ThemeChoice {
  current = $state<Theme>('system');

  begin(): void {
    const value = localStorage.getItem(kStored);
    this.use(value === 'light' || value === 'dark' ? value : 'system');
  }

  use(theme: Theme): void {
    this.current = theme;
    localStorage.setItem(kStored, theme);
    // style.css chooses by it; without it the system does.
    if (theme === 'system') delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = theme;
  }
}

export const theme = new ThemeChoice();
