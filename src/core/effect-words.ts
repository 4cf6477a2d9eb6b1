import type { Effects } from './card.ts';

/** What the server claims of a tool's effects, for people; nobody has checked it. */
export interface EffectWords {
  /** One sentence on whether a call can be undone. */
  readonly sentence: string;
  readonly tone: 'bad' | 'good' | 'unsure';
  /** Further claims, a few words each. */
  readonly more: readonly string[];
}

export function effectWords(effects: Effects | undefined): EffectWords {
  const more = [
    ...(effects?.idempotent === true ? ['doing it twice changes nothing more'] : []),
    ...(effects?.open_world === true ? ['it reaches systems outside'] : []),
  ];
  if (effects?.destructive === true) {
    return { sentence: 'The server says that it can destroy or overwrite something.', tone: 'bad', more };
  }
  if (effects?.read_only === true) {
    return { sentence: 'The server says that it only reads.', tone: 'good', more };
  }
  if (effects?.destructive === false) {
    return {
      sentence: 'The server says that it only adds, and does not say whether that can be undone.',
      tone: 'unsure',
      more,
    };
  }
  return { sentence: 'The server does not say whether it can be undone.', tone: 'unsure', more };
}
