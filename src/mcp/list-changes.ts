import type { OfferKind, OfferView, ServerOffer } from './offers.ts';
import type { SessionConnections } from './server-side.ts';

const MEMBERS: Readonly<Record<Exclude<OfferKind, 'tools'>, readonly (keyof ServerOffer)[]>> = {
  prompts: ['prompts'],
  resources: ['resources', 'templates'],
};

/**
 * Tells when a list that a client sees is another. Tools are offered by Placet, so it tells; of prompts and resources
 * each server whose connection stands tells by itself, and is told of here only while it has none.
 *
 * @returns the way to stop it
 */
export function followLists(options: {
  readonly view: OfferView;
  readonly connections: Pick<SessionConnections, 'standing'>;
  readonly tell: (method: string) => void;
}): () => void {
  const { view, connections, tell } = options;
  const before = { prompts: view.offers(), resources: view.offers() };

  function isOther(what: keyof typeof before): boolean {
    const [then, now] = [before[what], view.offers()];
    before[what] = now;
    return [...then, ...now].some(({ server }) => {
      if (connections.standing(server)) return false;
      const [was, is] = [then, now].map((offers) => offers.find((each) => each.server === server));
      return MEMBERS[what].some((member) => was?.[member] !== is?.[member]);
    });
  }

  return view.onChange((what) => {
    if (what === 'tools' || isOther(what)) tell(`notifications/${what}/list_changed`);
  });
}
