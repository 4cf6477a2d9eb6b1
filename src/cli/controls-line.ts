import type { ControlMapping } from '../core/controls.ts';
import type { Entry } from '../core/entry.ts';
import { revealedLine } from '../core/reveal.ts';

/** The controls that an entry is evidence for, in one line as the members of an entry are shown; nothing where there are none. */
export function controlsLine(mapping: ControlMapping, entry: Entry): string {
  const supported = mapping.controlsOf([entry]);
  if (supported.length === 0) return '';
  const named = supported.map(({ framework, id }) => `${framework} ${id}`);
  return `\n${'evidence for'.padEnd(18)} ${revealedLine(named.join(', '))}`;
}
