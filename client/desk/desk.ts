import { CloseCode, isAfter, Switchboard, type Lost, type StateChange, type SwitchboardEvent } from '../src/index.js';
import { Attention } from './attention.js';
import { dropSession, saveSession, takeSession, type Session } from './session.js';
import { Settings } from './settings.js';
import { WORDS, type Language, type Words } from './words.js';
import { Worksheet } from './worksheet.js';

const POSITIONS = 'desk.positions';
const MOST_DONE = 50;
const AGE_EVERY_MS = 15_000;

const settings = new Settings();
const attention = new Attention();
let language: Language = settings.language;
let words: Words = WORDS[language];

let switchboard: Switchboard | undefined;
let lastChange: StateChange | undefined;
let problem: ((words: Words) => string) | undefined;
/** Newest first, as they are shown. */
let unread: Worksheet[] = [];
let done: Worksheet[] = [];
let arrivedUnannounced = 0;

function element<E extends HTMLElement>(id: string): E {
  return document.getElementById(id) as E;
}

// ---- signing in and out

function start(session: Session | undefined): void {
  switchboard?.close();
  switchboard = undefined;
  lastChange = undefined;
  [...unread, ...done].forEach((worksheet) => worksheet.item.remove());
  unread = [];
  done = [];
  element('notices').replaceChildren();
  element('me-name').textContent = '';
  if (session !== undefined) {
    problem = undefined;
    const urls = session.edges.length > 0 ? session.edges : [new URL('../ws', location.href).href];
    switchboard = new Switchboard(urls, {
      token: session.token,
      ack: 'manual',
      name: POSITIONS,
      onEvent: onWorksheet,
      onLost,
      onState,
      onError: (trouble) => console.warn('switchboard:', trouble),
    });
  }
  show();
  if (session === undefined) {
    element('token').focus();
  }
}

function signOut(why?: (words: Words) => string): void {
  problem = why;
  dropSession();
  switchboard?.close();
  sessionStorage.removeItem(POSITIONS);
  start(undefined);
}

// ---- what comes

function onWorksheet(event: SwitchboardEvent): void {
  const worksheet = new Worksheet(event, acknowledge);
  worksheet.show(words, language);
  worksheet.card.classList.add('new');
  // By time and not by arrival: several feeds are caught up one after another.
  const index = unread.findIndex((other) => other.event.sent <= event.sent);
  const older = unread[index];
  unread.splice(older ? index : unread.length, 0, worksheet);
  element('unread').insertBefore(worksheet.item, older?.item ?? null);
  arrivedUnannounced++;
  showSoon();
  if (settings.notify && document.hidden) {
    attention.notify(worksheet.type(words), worksheet.text, event.id);
  }
}

function onLost(lost: Lost): void {
  if (lost.acknowledgedElsewhere) {
    const gone = unread.filter(({ event }) => event.to === lost.to && !isAfter(event.position, lost.through));
    unread = unread.filter((worksheet) => !gone.includes(worksheet));
    gone.forEach((worksheet) => worksheet.item.remove());
  }
  const texts: ((words: Words) => string)[] = [];
  if (lost.acknowledgedElsewhere) {
    texts.push((its) => its.elsewhere);
  }
  if (lost.expired > 0) {
    texts.push((its) => its.expired(lost.expired));
  }
  if (lost.overflow > 0) {
    texts.push((its) => its.overflow(lost.overflow));
  }
  if (lost.unknown) {
    texts.push((its) => its.lostUnknown);
  }
  texts.forEach((text) => notice(text(words)));
  showSoon();
}

function notice(text: string): void {
  const item = (element<HTMLTemplateElement>('notice').content.cloneNode(true) as DocumentFragment).querySelector('li')!;
  item.querySelector('p')!.textContent = text;
  const close = item.querySelector('button')!;
  close.textContent = words.dismiss;
  close.addEventListener('click', () => item.remove());
  element('notices').prepend(item);
}

function onState(change: StateChange): void {
  lastChange = change;
  if (change.state === 'closed' && change.code !== undefined) {
    const { code, codeName } = change;
    const ended: Partial<Record<number, (words: Words) => string>> = {
      [CloseCode.TOKEN_EXPIRED]: (its) => its.ended,
      [CloseCode.BAD_TOKEN]: (its) => its.refused,
      [CloseCode.KICKED]: (its) => its.kicked,
    };
    signOut(ended[code] ?? ((its) => its.over(codeName?.toLowerCase().replace(/_/g, ' ') ?? String(code))));
    return;
  }
  show();
}

// ---- acknowledging

function acknowledge(worksheet: Worksheet): void {
  const index = unread.indexOf(worksheet);
  if (index < 0) {
    return;
  }
  const hadFocus = worksheet.item.contains(document.activeElement);
  worksheet.event.ack();
  unread.splice(index, 1);
  toDone([worksheet]);
  if (hadFocus) {
    // The next older one; at the end the one above; else the heading, so that the place is not lost.
    (unread[index]?.card ?? unread[index - 1]?.card ?? element('unread-title')).focus();
  }
  show();
}

function acknowledgeAll(): void {
  const all = unread;
  unread = [];
  // Oldest first, so that each is reported at once.
  [...all].reverse().forEach((worksheet) => worksheet.event.ack());
  toDone(all);
  element('unread-title').focus();
  show();
}

function toDone(worksheets: readonly Worksheet[]): void {
  done = [...worksheets, ...done];
  done.splice(MOST_DONE).forEach((worksheet) => worksheet.item.remove());
  element('done').prepend(...worksheets.filter((worksheet) => done.includes(worksheet)).map((worksheet) => worksheet.item));
  worksheets.forEach((worksheet) => worksheet.showDone(false));
}

/** Acknowledgements are cumulative per feed: the edge hears of one when all before it are acknowledged too. */
function isHeld({ event }: Worksheet): boolean {
  return unread.some((older) => older.event.to === event.to && isAfter(event.position, older.event.position));
}

// ---- showing

let showing: ReturnType<typeof setTimeout> | undefined;

/** Once for a burst. */
function showSoon(): void {
  showing ??= setTimeout(() => {
    if (arrivedUnannounced > 0) {
      element('announce').textContent = words.arrived(arrivedUnannounced);
      arrivedUnannounced = 0;
      if (settings.sound) {
        attention.chime();
      }
    }
    show();
  }, 30);
}

function show(): void {
  clearTimeout(showing);
  showing = undefined;
  const signedIn = switchboard !== undefined;
  element('sign-in').hidden = signedIn;
  element('desk').hidden = !signedIn;
  ['sound', 'notify', 'keys', 'sign-out', 'status'].forEach((id) => (element(id).hidden = !signedIn));
  if (typeof Notification === 'undefined') {
    element('notify').hidden = true;
  }
  element('sign-in-problem').hidden = problem === undefined;
  element('sign-in-problem').textContent = problem?.(words) ?? '';
  element('sound').setAttribute('aria-pressed', String(settings.sound));
  element('notify').setAttribute('aria-pressed', String(settings.notify));
  showConnection();
  element('unread-title').textContent = words.toDo(unread.length);
  element<HTMLButtonElement>('ack-all').hidden = unread.length === 0;
  element('empty').hidden = unread.length > 0;
  element('done-section').hidden = done.length === 0;
  element('done-title').textContent = words.doneCount(done.length);
  done.forEach((worksheet) => worksheet.showHeld(isHeld(worksheet)));
  attention.showCount(unread.length, signedIn ? words.brand : 'Switchboard');
}

function showConnection(): void {
  const online = switchboard?.online;
  const state = switchboard === undefined ? undefined : !navigator.onLine && !online ? 'offline' : switchboard.state;
  const status = element('status');
  if (state !== undefined && status.dataset.state !== state) {
    status.dataset.state = state;
  }
  const text = state === undefined ? '' : online?.transport === 'sse' ? words.onlineSse : words[state];
  // A live region speaks when it is written, changed or not.
  if (element('status-text').textContent !== text) {
    element('status-text').textContent = text;
  }
  const trouble = element('trouble');
  trouble.hidden = state !== 'offline' && state !== 'waiting' && !(state === 'connecting' && lastChange?.previous === 'waiting');
  trouble.dataset.state = state ?? '';
  element('trouble-text').textContent = state === 'offline' ? words.offlineText : words.waitingText;
  element('retry').hidden = state !== 'waiting';
  if (online) {
    element('me-name').textContent = online.agent;
    element('me-roles').textContent = online.roles.join(', ');
  }
  element('me').hidden = switchboard === undefined || element('me-name').textContent === '';
}

function showLanguage(): void {
  words = WORDS[language];
  document.documentElement.lang = language === 'zh' ? 'zh-CN' : 'en';
  element('language').lang = language === 'zh' ? 'en' : 'zh-CN';
  document.querySelectorAll<HTMLElement>('[data-i18n]').forEach((each) => {
    each.textContent = words[each.dataset.i18n as keyof Words] as string;
  });
  document.querySelectorAll<HTMLElement>('[data-i18n-label]').forEach((each) => {
    const label = words[each.dataset.i18nLabel as keyof Words] as string;
    each.setAttribute('aria-label', label);
    each.title = label;
  });
  [...unread, ...done].forEach((worksheet) => worksheet.show(words, language));
  show();
}

// ---- the agent's hands

element('sign-in').addEventListener('submit', (event) => {
  event.preventDefault();
  const field = element<HTMLInputElement>('token');
  const session = saveSession(field.value);
  field.value = '';
  if (session !== undefined) {
    start(session);
  }
});
element('sign-out').addEventListener('click', () => signOut());
element('ack-all').addEventListener('click', acknowledgeAll);
element('retry').addEventListener('click', () => switchboard?.retryNow());
element('keys').addEventListener('click', () => element<HTMLDialogElement>('help').showModal());
element('theme').addEventListener('click', () => {
  settings.dark = !settings.dark;
  settings.showTheme();
});
element('language').addEventListener('click', () => {
  language = language === 'en' ? 'zh' : 'en';
  settings.language = language;
  showLanguage();
});
element('sound').addEventListener('click', () => {
  settings.sound = !settings.sound;
  if (settings.sound) {
    attention.chime();
  }
  show();
});
element('notify').addEventListener('click', () => {
  void (async () => {
    settings.notify = !settings.notify && (await Notification.requestPermission()) === 'granted';
    show();
  })();
});

function move(by: number): void {
  const at = unread.findIndex((worksheet) => worksheet.item.contains(document.activeElement));
  const to = at < 0 ? (by > 0 ? 0 : unread.length - 1) : Math.min(Math.max(at + by, 0), unread.length - 1);
  unread[to]?.card.focus();
}

const KEYS: Readonly<Record<string, () => void>> = {
  j: () => move(1),
  k: () => move(-1),
  a: () => {
    const focused = unread.find((worksheet) => worksheet.item.contains(document.activeElement));
    if (focused) {
      acknowledge(focused);
    } else {
      move(1);
    }
  },
  A: acknowledgeAll,
  '?': () => element<HTMLDialogElement>('help').showModal(),
};

document.addEventListener('keydown', (event) => {
  const elsewhere = event.ctrlKey || event.metaKey || event.altKey || event.isComposing || event.target instanceof HTMLInputElement;
  if (switchboard !== undefined && !elsewhere && !element<HTMLDialogElement>('help').open && KEYS[event.key]) {
    event.preventDefault();
    KEYS[event.key]!();
  }
});

window.addEventListener('online', show);
window.addEventListener('offline', show);
window.addEventListener('hashchange', () => {
  if (location.hash.includes('token=')) {
    start(takeSession());
  }
});
setInterval(() => unread.concat(done).forEach((worksheet) => worksheet.showAge(language)), AGE_EVERY_MS);

settings.showTheme();
showLanguage();
start(takeSession());
