import type { Segment } from '../../core/reveal.ts';
import { argumentText } from '../argument-text.ts';
import type { Row } from '../../core/argument-rows.ts';
import { counted } from '../../core/time-words.ts';
import type { Letter } from '../letter.ts';
import { unlinked } from '../unlinked.ts';

/** Stands before each line that the agent wrote, so that it cannot pass for a line of ours. */
const QUOTED = '    | ';

export function textPart(letter: Letter): string {
  const blocks = [
    letter.kicker.toUpperCase(),
    [unlinked(letter.heading), ...(letter.heading_note ? [`(${unlinked(letter.heading_note)})`] : [])].join(
      '\n',
    ),
    letter.facts.map(([label, value]) => `${`${label}:`.padEnd(13)} ${unlinked(value)}`).join('\n'),
    ...(letter.cautions.length > 0
      ? [['LOOK TWICE', ...letter.cautions.map((sentence) => `- ${unlinked(sentence)}`)].join('\n')]
      : []),
    ...(letter.excerpt ? [argumentsBlock(letter.excerpt)] : []),
    ...(letter.link === undefined ? [] : [`${letter.link.label}:\n${letter.link.href}`]),
    letter.closing.join('\n'),
  ];
  return `${blocks.join('\n\n')}\n`;
}

function argumentsBlock({ note, of }: NonNullable<Letter['excerpt']>): string {
  return [`ARGUMENTS (written by the agent)\n${note}`, ...of.rows.map(argument)].join('\n\n');
}

function argument(row: Row): string {
  const left = row.left_out > 0 ? `\n    [${counted(row.left_out, 'character')} left out]` : '';
  return `    ${quoted(row.path, '    ')} (${row.type})\n${QUOTED}${quoted(row.value, QUOTED)}${left}`;
}

function quoted(segments: readonly Segment[], prefix: string): string {
  return unlinked(argumentText(segments, prefix));
}
