import { revealedLine } from '../core/reveal.ts';
import type { CallContext, Reading } from './reading.ts';

/** An event in one line for people, with what cannot be seen made visible. */
export function sentenceOf(reading: Reading, call: Partial<CallContext>): string {
  const { name, detail } = reading;
  const tail = detail === undefined ? '' : `: ${detail}`;
  return revealedLine(
    `${name}, ${reading.about === 'call' ? callWords(reading, call) : entityWords(reading)}${tail}`,
  );
}

function callWords(reading: Reading & { about: 'call' }, call: Partial<CallContext>): string {
  const { agent = 'an agent', owner = 'its owner', server = '?', tool = '?' } = call;
  const by = typeof reading.by === 'object' ? ` by ${reading.by.person}` : '';
  return `${server}/${tool} of ${agent} for ${owner}${by}`;
}

function entityWords({ entity, by }: Reading & { about: 'entity' }): string {
  const { type, name, uid } = entity;
  return `${type} ${name ?? uid} by ${by}`;
}
