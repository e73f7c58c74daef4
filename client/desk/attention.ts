const ICON_SIZE = 64;

/** How the desk makes itself noticed from another tab or window. */
export class Attention {
  readonly #icon = document.querySelector<HTMLLinkElement>('link[rel=icon]')!;
  readonly #plainIcon = this.#icon.href;
  #audio: AudioContext | undefined;

  /** The count in the title and on the tab's icon. */
  showCount(count: number, title: string): void {
    document.title = count === 0 ? title : `(${count}) ${title}`;
    const icon = count === 0 ? this.#plainIcon : badge(count > 99 ? '99+' : String(count));
    if (this.#icon.href !== icon) {
      this.#icon.href = icon;
    }
  }

  /** Browsers allow sound only after the user did something: call it once from a click. */
  chime(): void {
    this.#audio ??= new AudioContext();
    const { currentTime } = this.#audio;
    this.#tone(660, currentTime);
    this.#tone(880, currentTime + 0.12);
  }

  notify(title: string, body: string, tag: string): void {
    const notification = new Notification(title, { body, tag, icon: this.#plainIcon });
    notification.onclick = () => {
      window.focus();
      notification.close();
    };
  }

  #tone(frequency: number, at: number): void {
    const oscillator = this.#audio!.createOscillator();
    const gain = this.#audio!.createGain();
    oscillator.frequency.value = frequency;
    gain.gain.setValueAtTime(0, at);
    gain.gain.linearRampToValueAtTime(0.12, at + 0.02);
    gain.gain.exponentialRampToValueAtTime(0.001, at + 0.35);
    oscillator.connect(gain).connect(this.#audio!.destination);
    oscillator.start(at);
    oscillator.stop(at + 0.4);
  }
}

function badge(text: string): string {
  const canvas = document.createElement('canvas');
  canvas.width = canvas.height = ICON_SIZE;
  const context = canvas.getContext('2d');
  if (context === null) {
    return '';
  }
  context.fillStyle = '#0b6e63';
  context.beginPath();
  context.roundRect(0, 0, ICON_SIZE, ICON_SIZE, 16);
  context.fill();
  context.fillStyle = '#ffffff';
  context.font = `700 ${text.length > 2 ? 28 : 42}px system-ui, sans-serif`;
  context.textAlign = 'center';
  context.textBaseline = 'middle';
  context.fillText(text, ICON_SIZE / 2, ICON_SIZE / 2 + 3);
  return canvas.toDataURL('image/png');
}
