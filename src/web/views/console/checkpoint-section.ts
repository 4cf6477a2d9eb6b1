import { html } from 'hono/html';
import type { ServedWitness } from '../../served-log.ts';
import { moment } from '../moment.ts';
import { revealed, type Html } from '../segments.ts';

/** The journal as a transparency log. Times are RFC 3339, UTC. */
export interface LogView {
  /** The way to the site's root. */
  readonly root: string;
  /** The verifier key in force. */
  readonly key: string;
  /** Entries that the checkpoint does not cover yet. */
  readonly newer: number;
  /** Nothing before the first. */
  readonly checkpoint?: {
    readonly origin: string;
    readonly size: number;
    /** The root hash, base64, as the checkpoint has it. */
    readonly hash: string;
    readonly signed_at: string;
  };
  readonly witnesses: readonly ServedWitness[];
  /** Only where an authority is set. */
  readonly stamps?: {
    readonly last?: { readonly size: number; readonly at: string; readonly authority: string };
  };
  /** Why no checkpoints are signed, in a sentence. */
  readonly trouble?: string;
}

/** The newest checkpoint, so that people can compare it with one that they kept. */
export function checkpointSection(view: LogView): Html {
  const { root, checkpoint, trouble } = view;
  return html`<section aria-labelledby="checkpoint"><h2 id="checkpoint">The newest checkpoint</h2>
${trouble === undefined ? '' : html`<p class="banner bad" role="alert">No checkpoint is signed: ${revealed(trouble)}</p>`}
${
  checkpoint === undefined
    ? html`<p class="muted">None is signed yet. The first one follows within seconds of the first entry.</p>`
    : html`<p class="muted">A signed statement of how many entries there are and what they say. Compare it with the checkpoint of a mail that you kept: the same size must have the same root.</p>
${facts(view, checkpoint)}
<p class="note">As programs read it: <a href="${root}checkpoint">checkpoint</a>. To prove that the journal goes on from an older one, run <code>placet log verify --witness FILE</code>.</p>`
}</section>`;
}

function facts(
  { key, newer, stamps, witnesses }: LogView,
  checkpoint: NonNullable<LogView['checkpoint']>,
): Html {
  const { size, hash, signed_at, origin } = checkpoint;
  return html`<dl class="facts">
<div><dt>Size</dt><dd>${size.toLocaleString('en')} ${size === 1 ? 'entry' : 'entries'}<span class="note">${newer === 0 ? 'Nothing has come since.' : `${newer.toLocaleString('en')} newer, which the next one covers.`}</span></dd></div>
<div><dt>Root</dt><dd><code>${hash}</code></dd></div>
<div><dt>Signed</dt><dd>${moment(signed_at)}</dd></div>
<div><dt>Log</dt><dd><code>${origin}</code></dd></div>
<div><dt>Key</dt><dd><code>${key}</code></dd></div>
<div><dt>Witness</dt><dd>${
    witnesses.length === 0
      ? html`Nobody else is asked to sign. The mails that reviewers keep are the witnesses.`
      : witnesses.map((witness) => witnessLine(witness, size))
  }</dd></div>
${
  stamps === undefined
    ? ''
    : html`<div><dt>Stamp</dt><dd>${stamps.last === undefined ? html`<span class="muted">None yet</span>` : html`${moment(stamps.last.at)}<span class="note">for ${stamps.last.size.toLocaleString('en')} entries, by ${revealed(stamps.last.authority)}</span>`}</dd></div>`
}
</dl>`;
}

function witnessLine({ name, size, at, trouble }: ServedWitness, newest: number): Html {
  const which = size === newest ? '' : ` an earlier one, of ${(size ?? 0).toLocaleString('en')},`;
  return html`<span class="witness"><code>${name}</code> ${at === undefined ? html`<span class="muted">has signed none since the start</span>` : html`signed${which} ${moment(at)}`}${trouble === undefined ? '' : html`<span class="note">${revealed(trouble)}</span>`}</span>`;
}
