import type { Language } from './words.js';

/** What an agent prefers, on all tabs of this browser. */
export class Settings {
  get language(): Language {
    const chosen = read('language') ?? navigator.language;
    return chosen.toLowerCase().startsWith('zh') ? 'zh' : 'en';
  }

  set language(language: Language) {
    write('language', language);
  }

  get dark(): boolean {
    return (read('theme') ?? (matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light')) === 'dark';
  }

  set dark(dark: boolean) {
    write('theme', dark ? 'dark' : 'light');
  }

  /** Only what was chosen: otherwise the style sheet follows the system. */
  showTheme(): void {
    const theme = read('theme');
    if (theme !== null) {
      document.documentElement.dataset.theme = theme;
    }
  }

  get sound(): boolean {
    return read('sound') === 'on';
  }

  set sound(on: boolean) {
    write('sound', on ? 'on' : 'off');
  }

  get notify(): boolean {
    return read('notify') === 'on' && typeof Notification !== 'undefined' && Notification.permission === 'granted';
  }

  set notify(on: boolean) {
    write('notify', on ? 'on' : 'off');
  }
}

function read(name: string): string | null {
  try {
    return localStorage.getItem(`desk.${name}`);
  } catch {
    return null;
  }
}

function write(name: string, value: string): void {
  try {
    localStorage.setItem(`desk.${name}`, value);
  } catch {
    // Forbidden by the browser's settings: then it holds until the page ends.
  }
}
