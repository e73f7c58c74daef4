// The operator's page. It asks the tools, and shows what they say: every value as text, never as
// markup.

const EVERY_MS = 5_000;
const token = takeToken();
const $ = (id) => document.getElementById(id);
let lanesBefore = null;

// The token comes in the fragment, which is never sent, and does not stay in the address bar.
function takeToken() {
  const given = new URLSearchParams(location.hash.slice(1)).get('token');
  if (given) {
    sessionStorage.setItem('token', given);
    history.replaceState(null, '', location.pathname);
  }
  return given ?? sessionStorage.getItem('token') ?? '';
}

async function call(path, said) {
  const response = await fetch(`api/${path}`, {
    method: said ? 'POST' : 'GET',
    headers: { Authorization: `Bearer ${token}`, ...(said && { 'Content-Type': 'application/json' }) },
    body: said && JSON.stringify(said),
  });
  const answer = await response.json();
  if (!response.ok) throw new Error(answer.error ?? answer.detail ?? `HTTP ${response.status}`);
  return answer;
}

// --- small parts

function element(name, className, text) {
  const made = document.createElement(name);
  if (className) made.className = className;
  if (text !== undefined && text !== null) made.textContent = String(text);
  return made;
}

function button(text, label, onPress) {
  const made = element('button', 'small', text);
  made.type = 'button';
  made.setAttribute('aria-label', label);
  made.addEventListener('click', onPress);
  return made;
}

const time = (iso) => (iso ? iso.replace('T', ' ').replace(/(\.\d{3})?\d*Z$/, '$1') : '-');
const number = (value) => (value === undefined || value === null ? '?' : value.toLocaleString('en'));

// columns: [title, class, row → text or element]
function table(into, label, columns, rows, none) {
  const focused = document.activeElement?.getAttribute('aria-label');
  if (rows.length === 0) {
    into.replaceChildren(element('p', 'none', none));
    into.removeAttribute('tabindex');
    into.removeAttribute('role');
    return;
  }
  const made = element('table');
  made.setAttribute('role', 'table'); // on a phone its rows are laid out as cards
  const head = made.createTHead().insertRow();
  head.setAttribute('role', 'row');
  for (const [title, className] of columns) {
    const cell = element('th', className);
    cell.scope = 'col';
    cell.setAttribute('role', 'columnheader');
    if (title) cell.textContent = title;
    else cell.append(element('span', 'unseen', 'Deeds'));
    head.append(cell);
  }
  const body = made.createTBody();
  for (const row of rows) {
    const line = body.insertRow();
    line.setAttribute('role', 'row');
    for (const [title, className, value] of columns) {
      const cell = line.insertCell();
      cell.setAttribute('role', 'cell');
      if (title) cell.dataset.title = title;
      if (className) cell.className = className;
      const shown = value(row);
      if (shown instanceof Node) cell.append(shown);
      else cell.textContent = shown ?? '-';
    }
  }
  into.replaceChildren(made);
  into.tabIndex = 0; // it may have to be scrolled with the keyboard
  into.setAttribute('role', 'region');
  into.setAttribute('aria-label', label);
  if (focused && into !== document.activeElement) {
    into.querySelector(`[aria-label="${CSS.escape(focused)}"]`)?.focus({ preventScroll: true });
  }
}

function marked(text, className) {
  return element('span', className, text);
}

function deeds(...buttons) {
  const made = element('div', 'deeds');
  made.append(...buttons);
  return made;
}

// Resolves to null when it was left, else to what was said as the reason ('' when not asked).
function sure(title, text, yes, askWhy = false) {
  const dialog = $('sure');
  $('sure-title').textContent = title;
  $('sure-text').textContent = text;
  $('sure-yes').textContent = yes;
  $('sure-why').hidden = !askWhy;
  $('reason').required = askWhy;
  $('reason').value = '';
  dialog.returnValue = '';
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener(
      'close',
      () => resolve(dialog.returnValue === 'yes' ? $('reason').value : null),
      { once: true },
    );
  });
}
$('sure-no').addEventListener('click', () => $('sure').close('no'));

async function act(what, path, said) {
  try {
    const answer = await call(path, said);
    const why = answer.lines.filter((line) => line.sent === false).map((line) => line.why).join('; ');
    const held = answer.code === 0 && !why;
    announce(held ? `${what}: done` : `${what}: ${why || answer.error || 'it did not hold'}`, !held);
  } catch (error) {
    announce(`${what}: ${error.message}`, true);
  }
  refresh();
}

function announce(text, bad) {
  $('announce').textContent = text;
  $('problem').hidden = !bad;
  if (bad) $('problem').textContent = text;
}

// --- what is shown

function showEdges(lines) {
  const total = lines.reduce((sum, each) => sum + (each.connections ?? 0), 0);
  $('edges-sum').textContent = `${lines.length}, ${number(total)} connections`;
  table($('edges'), 'Edge nodes', [
    ['Edge', 'name', (each) => each.edge],
    ['Since (UTC)', 'time', (each) => time(each.since).slice(0, 19)],
    ['Browsers connect to', '', (each) => each.address],
    ['Connections', 'number', (each) => number(each.connections)],
    ['State', '', (each) => (each.state === 'ready' ? 'ready' : marked(each.state, each.draining ? 'warn' : 'bad'))],
    ['', '', (each) => deeds(drainButton(each))],
  ], lines, 'No edge node holds a lease: no browser can connect.');
}

function drainButton(each) {
  const made = button('Drain', `Drain ${each.edge}`, async () => {
    const text = `Its ${number(each.connections)} connections are sent to other edge nodes, and the process ends. Whoever supervises it may start it again.`;
    if ((await sure(`Drain ${each.edge}?`, text, 'Drain')) !== null) act(`Drain ${each.edge}`, 'drain', { edge: each.edge });
  });
  made.disabled = each.draining;
  return made;
}

function showLanes(lines) {
  const now = performance.now();
  const before = lanesBefore;
  lanesBefore = { now, ends: new Map(lines.map((each) => [each.lane, each.end])) };
  const seconds = before ? (now - before.now) / 1_000 : 0;
  const rate = (each) => {
    const end = before?.ends.get(each.lane);
    return end === undefined ? null : Math.max(0, each.end - end) / seconds;
  };
  const lag = lines.reduce((sum, each) => sum + each.lag, 0);
  const total = before ? lines.reduce((sum, each) => sum + (rate(each) ?? 0), 0) : null;
  $('lanes-sum').textContent = `${lines.length}, ${number(lag)} behind${total === null ? '' : `, ${total.toFixed(1)} records a second`}`;
  table($('lanes'), 'Lanes', [
    ['Lane', 'name', (each) => each.lane],
    ['Owner', '', (each) => each.owner ?? marked('nobody', 'bad')],
    ['End', 'number', (each) => number(each.end)],
    ['Per second', 'number', (each) => (rate(each) === null ? '-' : rate(each).toFixed(1))],
    ['Behind', 'number', (each) => (each.lag > 0 ? marked(`${number(each.lag)} (${(each.lag_ms / 1_000).toFixed(1)} s)`, 'warn') : '0')],
    ['Open', 'number', (each) => number(each.open)],
    ['Delayed', 'number', (each) => number(each.delayed)],
    ['Note', '', (each) => (each.healthy ? each.note : marked(each.note || 'not healthy', 'bad'))],
  ], lines, 'The events topic has no lanes.');
}

function showLetters(lines) {
  $('letters-sum').textContent = lines.length === 0 ? '' : `${lines.length} open`;
  table($('letters'), 'Dead letters', [
    ['Since (UTC)', 'time', (each) => time(each.at ?? each.since).slice(0, 19)],
    ['App', '', (each) => each.app ?? '?'],
    ['Why', '', (each) => [each.msg, each.detail].filter(Boolean).join(': ') || each.why],
    ['Key', '', (each) => each.key],
    ['', '', (each) => deeds(
      button('Show', `Show ${each.key}`, () => showLetter(each.key)),
      button('Send again', `Send again ${each.key}`, async () => {
        if ((await sure('Send it again?', `${each.key}: under the event's own id, with a new ttl. What would be refused again is not sent.`, 'Send')) !== null) {
          act(`Send ${each.key} again`, 'dead-letters/redrive', { key: each.key });
        }
      }),
      button('Drop', `Drop ${each.key}`, async () => {
        const reason = await sure('Drop it?', `${each.key}: nothing will be done about it. It can still be sent again by its key.`, 'Drop', true);
        if (reason !== null) act(`Drop ${each.key}`, 'dead-letters/drop', { key: each.key, reason });
      }),
    )],
  ], lines, 'None is open.');
}

async function showLetter(key) {
  try {
    const answer = await call('dead-letters/show', { key });
    const raw = element('pre', 'raw', answer.lines.map((line) => JSON.stringify(line, null, 2)).join('\n') || answer.error);
    raw.tabIndex = 0;
    $('trace-answer').replaceChildren(raw);
    raw.focus();
  } catch (error) {
    announce(error.message, true);
  }
}

function showAgents(lines) {
  const online = lines.filter((each) => each.online).length;
  $('agents-sum').textContent = `${online} online, ${lines.length} with a place or something unread`;
  table($('agents'), 'Agents', [
    ['Address', '', (each) => each.address],
    ['Online at', '', (each) => (each.online ? each.edges.join(' ') : '-')],
    ['Since (UTC)', 'time', (each) => time(each.since).slice(0, 19)],
    ['Unread', 'number', (each) => number(each.unread)],
    ['Oldest unread', '', (each) => (each.oldest_unread_id ? traceButton(each.oldest_unread_id) : '-')],
    ['', '', (each) => (each.online ? deeds(kickButton(each)) : '')],
  ], lines, 'Nobody is online or has anything unread.');
}

function kickButton(each) {
  return button('Kick', `Kick ${each.address}`, async () => {
    const agent = each.address.slice('agent:'.length);
    if ((await sure(`Kick ${agent}?`, 'Its connections are closed. What is unread stays; a good token may come again.', 'Kick')) !== null) {
      act(`Kick ${agent}`, 'kick', { agent });
    }
  });
}

function traceButton(id) {
  return button(id, `Trace ${id}`, () => {
    $('trace-id').value = id;
    trace(id);
    $('trace-id').focus();
  });
}

async function trace(id) {
  $('trace-answer').replaceChildren(element('p', 'none', 'Looking…'));
  let answer;
  try {
    answer = await call('trace', { id });
  } catch (error) {
    $('trace-answer').replaceChildren();
    announce(error.message, true);
    return;
  }
  const shown = [];
  const hops = answer.lines.filter((line) => line.hop);
  if (hops.length > 0) {
    const path = element('ol', 'path');
    let before = null;
    for (const hop of hops) {
      const line = element('li');
      const at = hop.at ? Date.parse(hop.at) : null;
      line.append(
        element('span', 'time', hop.at ? time(hop.at) : 'now'),
        element('span', 'what', hop.hop),
        element('span', 'detail', [hop.where, hop.detail].filter(Boolean).join(' · ')),
        element('span', 'took', at !== null && before !== null ? `+${number(at - before)} ms` : ''),
      );
      before = at ?? before;
      path.append(line);
    }
    shown.push(path);
  }
  for (const line of answer.lines.filter((each) => each.verdict)) {
    const verdict = element('p', 'verdict', line.verdict);
    verdict.dataset.fate = line.fate;
    shown.push(verdict);
  }
  if (shown.length === 0) shown.push(element('p', 'verdict', answer.error || 'nothing was found'));
  $('trace-answer').replaceChildren(...shown);
}

// --- in time

const VIEWS = [['edges', showEdges], ['lanes', showLanes], ['dead-letters', showLetters], ['agents', showAgents]];
let asking = false;

async function refresh() {
  if (asking || document.hidden || $('sure').open) return;
  asking = true;
  let problem = null;
  for (const [path, show] of VIEWS) {
    try {
      const answer = await call(path);
      // Lanes that are not well are an answer, too.
      if (answer.lines.length === 0 && answer.error) throw new Error(answer.error);
      show(answer.lines);
    } catch (error) {
      problem = error.message;
    }
  }
  asking = false;
  $('status').dataset.state = problem ? 'bad' : 'good';
  $('status-text').textContent = problem ? 'not answered' : `as of ${new Date().toISOString().slice(11, 19)} UTC`;
  if (problem) {
    $('problem').textContent = problem;
    $('problem').hidden = false;
  } else if ($('status').dataset.was === 'bad') {
    $('problem').hidden = true;
  }
  $('status').dataset.was = problem ? 'bad' : 'good';
}

$('trace').addEventListener('submit', (event) => {
  event.preventDefault();
  trace($('trace-id').value.trim());
});
document.addEventListener('keydown', (event) => {
  if (event.key === '/' && !/^(INPUT|TEXTAREA)$/.test(document.activeElement?.tagName ?? '')) {
    event.preventDefault();
    $('trace-id').focus();
  }
});
document.addEventListener('visibilitychange', refresh);

const wanted = localStorage.getItem('theme');
if (wanted) document.documentElement.dataset.theme = wanted;
$('theme').addEventListener('click', () => {
  const dark = getComputedStyle(document.documentElement).colorScheme === 'dark';
  document.documentElement.dataset.theme = dark ? 'light' : 'dark';
  localStorage.setItem('theme', dark ? 'light' : 'dark');
});

refresh();
setInterval(refresh, EVERY_MS);
