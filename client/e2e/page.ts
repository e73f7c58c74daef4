// The application's page in the browser tests: the SDK, and what it has told, for the test to look at.
import { Switchboard, type Online, type Problem, type StateChange } from '../src/index.js';

export interface Probe {
  start(urls: readonly string[], uuid: string, options?: { seconds?: number; ack?: 'auto' | 'manual' }): void;
  block(ms: number): void;
  seen: unknown[];
  states: StateChange[];
  problems: Problem[];
  lost: unknown[];
  online(): Online | undefined;
  switchboard: Switchboard | undefined;
}

declare global {
  interface Window {
    probe: Probe;
  }
}

const probe: Probe = {
  seen: [],
  states: [],
  problems: [],
  lost: [],
  switchboard: undefined,
  online: () => probe.switchboard?.online,
  start(urls, uuid, { seconds = 3_600, ack = 'auto' } = {}) {
    // So that a reload and a duplicated tab start by themselves, as an application's page does.
    sessionStorage.setItem('page', JSON.stringify([urls, uuid, { seconds, ack }]));
    probe.switchboard = new Switchboard<{ n: number }>(urls, {
      token: async () => (await fetch(`/token?uuid=${uuid}&seconds=${seconds}`)).text(),
      ack,
      onEvent: ({ data }) => void probe.seen.push(data.n),
      onState: (change) => probe.states.push(change),
      onLost: (lost) => probe.lost.push(lost),
      onError: (problem) => probe.problems.push(problem),
    }) as Switchboard;
  },
  block(ms) {
    const until = performance.now() + ms;
    while (performance.now() < until) {
      // As a page does that computes something long.
    }
  },
};
window.probe = probe;

const before = sessionStorage.getItem('page');
if (before !== null) {
  probe.start(...(JSON.parse(before) as Parameters<Probe['start']>));
}
