import type { Shown } from '../../bundle/report-input.ts';

type Gone = Exclude<Shown<unknown>['state'], 'kept'>;

const GONE: Readonly<Record<Gone, string>> = {
  erased:
    'were erased on somebody’s order: their key is destroyed. Their commitment stands in the journal still.',
  missing: 'are not where they were kept. Their commitment stands in the journal still.',
  damaged: 'are damaged: what is kept is not what the journal committed to.',
  unread: 'cannot be read here, as the workspace’s key is not here.',
};

/** Why contents are not shown. @param what such as `They` */
export function goneWords(what: string, state: Gone): string {
  return `${what} ${GONE[state]}`;
}
