import { EMPTY_LEDGER, Ledger } from '../../src/core/ledger.ts';

/** A ledger that has seen these tools before anything else, so that none of them counts as changed. */
export function ledgerKnowing(
  server: string,
  tools: readonly string[],
  definitionSha256: string = 'd1',
): Ledger {
  const ledger = new Ledger();
  ledger.load({
    ...EMPTY_LEDGER,
    definitions: tools.map((tool) => ({
      server,
      tool,
      current: definitionSha256,
      accepted: [definitionSha256],
      changed: [],
      replaced: [],
      since: '2026-11-20T09:00:00.000Z',
    })),
  });
  return ledger;
}
