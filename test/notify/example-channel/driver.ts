import { appendFile } from 'node:fs/promises';
import { markText } from '../../../src/core/reveal.ts';
import type { Clock } from '../../../src/core/clock.ts';
import { DeliveryError, type Driver, type Place } from '../../../src/notify/channel.ts';
import { letterOf, type Letter } from '../../../src/notify/letter.ts';
import { unlinked } from '../../../src/notify/unlinked.ts';

/** A place that is a file: each notice is some lines at its end. */
export function createFileDriver({ file, clock }: { readonly file: string; readonly clock: Clock }): Driver {
  const place: Place = {
    name: 'file',
    async post({ checkpoint: _checkpoint, ...notice }) {
      const letter = letterOf(notice, clock.now(), 'message');
      try {
        await appendFile(file, `${linesOf(letter).join('\n')}\n\n`);
      } catch (error) {
        throw new DeliveryError('The file of notices cannot be written.', false, { cause: error });
      }
      return { message_id: `${notice.kind}.${notice.request.id}` };
    },
  };
  return {
    place: (name) => (name === place.name ? place : undefined),
    close: async () => undefined,
  };
}

function linesOf({ kicker, heading, facts, cautions, excerpt, link, closing }: Letter): readonly string[] {
  return [
    `${kicker}: ${unlinked(heading)}`,
    ...facts.map(([name, value]) => `${name}: ${unlinked(value)}`),
    ...cautions.map((sentence) => `Look twice: ${unlinked(sentence)}`),
    ...(excerpt === undefined ? [] : [excerpt.note, ...excerpt.of.rows.map(rowOf)]),
    ...(link === undefined ? [] : [`${link.label}: ${link.href}`]),
    ...closing,
  ];
}

type Row = NonNullable<Letter['excerpt']>['of']['rows'][number];

/** Everything hidden in it is spelt out, so that it stays one line. */
function rowOf({ path, value }: Row): string {
  const text = (segments: Row['value']) =>
    segments.map((segment) => (segment.kind === 'text' ? segment.text : markText(segment))).join('');
  return unlinked(`Argument ${text(path)}: ${text(value)}`);
}
