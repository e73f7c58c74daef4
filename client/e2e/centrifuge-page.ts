// An application's page that uses the published Centrifuge SDK, and what it has told, for the test to look at.
import { Centrifuge, type ServerSubscribedContext } from 'centrifuge';

declare global {
  interface Window {
    centrifuge: { seen: number[]; subscribed: ServerSubscribedContext[]; start(url: string, uuid: string): void };
  }
}

window.centrifuge = {
  seen: [],
  subscribed: [],
  start(url, uuid) {
    const sdk = new Centrifuge(url, {
      minReconnectDelay: 50,
      maxReconnectDelay: 1_000,
      getToken: async () => (await fetch(`/token?uuid=${uuid}&seconds=3600`)).text(),
    });
    sdk.on('publication', ({ data }) => window.centrifuge.seen.push((data as { response: { n: number } }).response.n));
    sdk.on('subscribed', (context) => window.centrifuge.subscribed.push(context));
    sdk.connect();
  },
};
