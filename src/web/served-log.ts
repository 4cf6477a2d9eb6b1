import type { Checkpoint } from '../tlog/checkpoint.ts';
import type { Verifier } from '../tlog/note.ts';
import type { ReadTile } from '../tlog/tile.ts';

/** A checkpoint as it may leave the host: signed, and kept durably. */
export interface ServedCheckpoint extends Checkpoint {
  /** The signed note, with the cosignatures that have come in. */
  readonly note: string;
  /** When it was signed. RFC 3339, UTC. */
  readonly at: string;
}

/** How things stand with a witness. */
export interface ServedWitness {
  /** Of its key. */
  readonly name: string;
  /** The size of the newest checkpoint that it cosigned; nothing before the first since the start. */
  readonly size?: number;
  /** When it did, by its own clock. RFC 3339, UTC. */
  readonly at?: string;
  /** Why it does not cosign, in a sentence. */
  readonly trouble?: string;
}

/** An authority's word that a checkpoint was there at a time (RFC 3161). */
export interface ServedStamp {
  /** The size of the checkpoint that was stamped. */
  readonly size: number;
  /** What the authority says. RFC 3339, UTC. */
  readonly at: string;
  /** Who said so. */
  readonly authority: string;
}

/** The journal as a transparency log, for monitors and for the people of the console. All of it only reads. */
export interface ServedLog {
  /** The newest checkpoint; nothing before the first. */
  readonly newest: () => ServedCheckpoint | undefined;
  /** The tiles of the tree. Nothing is asked for that the newest checkpoint does not cover. */
  readonly tile: ReadTile;
  /** The bytes of entries, in order, without line feeds; `to` is not among them. */
  readonly lines: (from: number, to: number) => AsyncIterable<Uint8Array>;
  /** The log's key in force. */
  readonly key: () => Verifier;
  /** Those who are asked to cosign; what is said of them has been checked. */
  readonly witnesses: () => readonly ServedWitness[];
  /** The last time stamp; the function is there only where an authority is set. */
  readonly stamp?: () => ServedStamp | undefined;
  /** Nothing while checkpoints are signed; otherwise one sentence that says why they are not. */
  readonly trouble?: () => string | undefined;
  /** With which a monitor may read the entries; nobody may without. Secret. */
  readonly monitorToken?: string;
}
