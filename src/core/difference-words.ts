import type { DefinitionDifference } from './definition-diff.ts';
import { counted } from './time-words.ts';

/** What a difference amounts to, for people, a sentence each. */
export function differenceWords({
  kind,
  lost,
  changes,
  left_out: leftOut,
}: DefinitionDifference): readonly string[] {
  return [
    sentence(kind, lost === true, changes.length + leftOut),
    ...(leftOut > 0
      ? [
          `Not all of it can be shown: ${counted(leftOut, 'further part')} of the definition ${leftOut === 1 ? 'differs' : 'differ'}.`,
        ]
      : []),
  ];
}

function sentence(kind: DefinitionDifference['kind'], lost: boolean, count: number): string {
  if (kind === 'new') {
    return 'This tool is new: it appeared after its server was first seen, and nobody has accepted it.';
  }
  if (lost) {
    return 'The definition of this tool has changed since it was accepted. What it was before is not kept any more.';
  }
  if (count === 0) {
    return 'What runs this tool has changed since it was accepted: its command, folder or address. What the server says of it is the same.';
  }
  return `The definition of this tool has changed since it was accepted: ${counted(count, 'difference')}.`;
}
