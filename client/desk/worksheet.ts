import type { SwitchboardEvent } from '../src/index.js';
import type { Language, Words } from './words.js';

/** One worksheet on the desk: the event, and its card. What it carries is only ever shown as text. */
export class Worksheet {
  readonly event: SwitchboardEvent;
  readonly item: HTMLLIElement;
  readonly card: HTMLElement;
  readonly #fields: Record<string, unknown>;

  constructor(event: SwitchboardEvent, onAck: (worksheet: Worksheet) => void) {
    this.event = event;
    this.#fields = isObject(event.data) ? event.data : { infos: event.data };
    const template = document.querySelector<HTMLTemplateElement>('#card')!;
    this.item = (template.content.cloneNode(true) as DocumentFragment).querySelector('li')!;
    this.card = this.item.querySelector('article')!;
    this.#part('.text').textContent = this.text;
    this.#showMore();
    this.#part('.again').hidden = event.redelivered === undefined;
    this.#part('.ack').addEventListener('click', () => onAck(this));
  }

  /** What people read: the payload's own words for it, as far as it has any. */
  get text(): string {
    const text = TEXT_FIELDS.map((field) => this.#fields[field]).find((value) => value !== undefined && value !== null);
    return text === undefined ? '' : asText(text);
  }

  type(words: Words): string {
    const type = this.#fields.type;
    return typeof type === 'string' ? (words.types[type] ?? type.replace(/_/g, ' ')) : this.event.name;
  }

  show(words: Words, language: Language): void {
    this.#part('.type').textContent = this.type(words);
    const feed = this.#part('.feed');
    feed.hidden = this.event.to === 'agent';
    feed.textContent = this.event.to === 'app' ? words.everyone : this.event.to.replace(/^role:/, '');
    this.#part('.again').textContent = words.redelivered;
    this.#part('.held').textContent = words.held;
    this.#part('.ack').textContent = words.ack;
    if (this.text === '') {
      this.#part('.text').textContent = words.noText;
    }
    const latencyMs = Math.max(0, this.event.received - this.event.sent);
    this.#part('.latency').textContent =
      latencyMs < LIVE_MS ? words.deliveredIn(duration(latencyMs, language)) : words.waited(duration(latencyMs, language));
    this.showAge(language);
  }

  showAge(language: Language, now = Date.now()): void {
    const age = this.#part('.age') as HTMLTimeElement;
    const sent = new Date(this.event.sent);
    age.dateTime = sent.toISOString();
    age.title = sent.toLocaleString(language);
    age.textContent = ago(now - this.event.sent, language);
  }

  showDone(held: boolean): void {
    this.card.classList.remove('new');
    this.showHeld(held);
  }

  showHeld(held: boolean): void {
    this.#part('.held').hidden = !held;
  }

  #showMore(): void {
    const more = this.#part('.more');
    const shown = TEXT_FIELDS.find((field) => this.#fields[field] !== undefined && this.#fields[field] !== null);
    for (const [name, value] of Object.entries(this.#fields)) {
      if (name !== shown && name !== 'type') {
        const term = document.createElement('dt');
        const description = document.createElement('dd');
        term.textContent = name;
        description.textContent = asText(value);
        more.append(term, description);
      }
    }
    more.hidden = more.childElementCount === 0;
  }

  #part(selector: string): HTMLElement {
    return this.item.querySelector<HTMLElement>(selector)!;
  }
}

const TEXT_FIELDS = ['infos', 'text', 'message', 'title'];
/** What took longer was waiting for its agent and not on its way. */
const LIVE_MS = 10_000;

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function asText(value: unknown): string {
  if (typeof value === 'string') {
    return value;
  }
  const isFlat = isObject(value) && !Object.values(value).some((each) => typeof each === 'object');
  return isFlat
    ? Object.entries(value)
        .map(([name, each]) => `${name}: ${String(each)}`)
        .join(' · ')
    : JSON.stringify(value);
}

const STEPS: readonly (readonly [Intl.RelativeTimeFormatUnit, number])[] = [
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
  ['second', 1_000],
];

function step(ms: number): readonly [Intl.RelativeTimeFormatUnit, number] {
  return STEPS.find(([, size]) => ms >= size) ?? STEPS[STEPS.length - 1]!;
}

function ago(ms: number, language: Language): string {
  const [unit, size] = step(ms);
  const format = new Intl.RelativeTimeFormat(language, { numeric: 'auto', style: 'short' });
  return ms < 10_000 ? format.format(0, 'second') : format.format(-Math.round(ms / size), unit);
}

function duration(ms: number, language: Language): string {
  if (ms < 1_000) {
    return `${ms} ms`;
  }
  const [unit, size] = step(ms);
  return new Intl.NumberFormat(language, {
    style: 'unit',
    unit,
    unitDisplay: 'short',
    maximumFractionDigits: unit === 'second' && ms < 10_000 ? 1 : 0,
  }).format(ms / size);
}
