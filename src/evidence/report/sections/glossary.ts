import { html, type Html } from '../html.ts';

const WORDS: readonly (readonly [string, string])[] = [
  ['Agent', 'A program driven by an AI model that works for a person, its owner, and calls tools.'],
  ['Call', 'One request of an agent to run one tool with certain arguments.'],
  ['Rule', 'What the workspace has laid down for calls: let pass, deny, or hold until people have approved.'],
  ['Held', 'A call that waits for people. It is not sent to the tool before enough of them have approved.'],
  ['Card', 'What every person was shown of a held call before deciding, the same for all.'],
  ['Decision', 'One person’s approval or rejection, with how it was proven who they are.'],
  [
    'Verification',
    'How a person proved who they are: by passkey (a key in their device, which signs the very decision), by sign-on at the organisation’s identity provider, by a personal link and a typed name, by a button in Slack, or by a key at the programming interface.',
  ],
  [
    'Outcome unknown',
    'The call was sent and no answer came, for instance as a machine went down. It is never tried again by itself.',
  ],
  ['Journal', 'The list of everything that happened, one line an entry. Lines are added and never changed.'],
  [
    'Checkpoint',
    'A signed statement of how many entries the journal has, with one number that depends on all of them.',
  ],
  [
    'Root',
    'That number. It is computed from all lines (a Merkle tree of SHA-256); a single other character in any of them gives another root.',
  ],
  [
    'Consistency proof',
    'Numbers that show that the journal at the end begins with the journal at the start.',
  ],
  [
    'Commitment',
    'The fingerprint of arguments or a result that stands in the journal in their place, so that these can be erased and cannot be exchanged.',
  ],
  ['Population', 'All calls of the period: what a sample is drawn from.'],
];

/** The words of this report, for who has never seen the program. */
export function glossarySection(): Html {
  return html`<section aria-labelledby="glossary">
<h2 id="glossary">Words</h2>
<dl class="words">${WORDS.map(([word, meaning]) => html`<div><dt>${word}</dt><dd>${meaning}</dd></div>`)}</dl>
</section>`;
}
