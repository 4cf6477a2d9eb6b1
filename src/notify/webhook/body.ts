import { excerpt } from '../../core/argument-rows.ts';
import { cautions } from '../../core/cautions.ts';
import { shortened } from '../../core/characters.ts';
import { sha256 } from '../../core/digest.ts';
import type { Phase } from '../../core/request.ts';
import { markText, revealedLine, type Segment } from '../../core/reveal.ts';
import { DeliveryError, type PlaceNotice } from '../channel.ts';
import { excerptNote, letterOf } from '../letter.ts';
import { DROPPABLE, type WebhookEvent, type WebhookEventType } from './event.ts';

/** What is sent of a notice. */
export interface Content {
  /** The same for the same notice, however often it is sent. */
  readonly id: string;
  readonly body: string;
}

const BODY_BYTES = 64 * 1024;
const EXCERPT_CHARACTERS = 600;
const NAME_MAX = 200;
const TEXT_MAX = 1000;

/**
 * The body of a webhook about a notice. What would make it too long is left out, and the body says so.
 *
 * @param publicUrl the base of links, without a trailing slash
 * @param now milliseconds since the epoch
 * @throws DeliveryError when it would be too long all the same
 */
export function contentOf(notice: PlaceNotice, publicUrl: string, now: number): Content {
  const type = typeOf(notice);
  const round = notice.kind === 'ask' ? notice.round : 0;
  const digest = sha256([notice.request.id, type, round].join('\n'));
  return { id: `msg_${digest.slice(0, 32)}`, body: fitted(eventOf(notice, type, publicUrl, now)) };
}

function typeOf(notice: PlaceNotice): WebhookEventType {
  if (notice.kind === 'outcome') return 'approval.resolved';
  if (notice.round > 0) return 'approval.reminder';
  return notice.escalated === undefined ? 'approval.requested' : 'approval.escalated';
}

function eventOf(notice: PlaceNotice, type: WebhookEventType, publicUrl: string, now: number): WebhookEvent {
  const { request, card, args, names } = notice;
  const reason = reasonOf(request.phase);
  return {
    type,
    timestamp: happened(notice, type, now),
    data: {
      request_id: request.id,
      text: textOf(notice, now),
      status: request.phase.kind,
      ...(reason === '' ? {} : { reason: line(reason) }),
      ...(notice.kind === 'ask' && notice.round > 0 ? { reminder: notice.round } : {}),
      ...(notice.kind === 'ask' && notice.escalated !== undefined ? { escalated: notice.escalated } : {}),
      agent: name(card.agent),
      agent_identity: card.identity,
      owner: { id: request.owner, name: name(card.owner.name) },
      server: name(card.server),
      tool: name(card.tool_name),
      ...(card.summary === undefined ? {} : { summary: line(card.summary) }),
      rules: request.terms.map(({ rule, quorum, verification, reviewers }) => ({
        id: rule,
        quorum,
        verification,
        reviewers: [...reviewers],
      })),
      requested_at: request.requested_at,
      expires_at: request.expires_at,
      decisions: request.decisions.map((each) => ({
        person: { id: each.reviewer, name: name(names[each.reviewer] ?? each.reviewer) },
        decision: each.decision,
        verification: each.verification,
        ...(each.reason ? { reason: line(each.reason) } : {}),
        at: each.at,
      })),
      arguments: excerptOf(notice),
      cautions: [...cautions(card, args)],
      url: notice.kind === 'ask' ? notice.link : `${publicUrl}/console/requests/${request.id}`,
      action_digest: request.action_digest,
      ...(notice.checkpoint === undefined ? {} : { checkpoint: notice.checkpoint }),
    },
  };
}

function happened({ request }: PlaceNotice, type: WebhookEventType, now: number): string {
  const { phase } = request;
  switch (type) {
    case 'approval.requested':
      return request.requested_at;
    case 'approval.reminder':
      return new Date(now).toISOString();
    case 'approval.escalated':
      return request.escalations?.at(-1)?.at ?? new Date(now).toISOString();
    case 'approval.resolved':
      return 'at' in phase ? phase.at : new Date(now).toISOString();
  }
}

function reasonOf(phase: Phase): string {
  if ('reason' in phase) return phase.reason;
  return 'detail' in phase ? phase.detail : '';
}

function textOf(notice: PlaceNotice, now: number): string {
  const { kicker, heading, facts } = letterOf(notice, now, 'message');
  return [kicker, heading, ...facts.map(([label, value]) => `${label}: ${value}`)].join('\n');
}

function excerptOf({ args }: PlaceNotice): WebhookEvent['data']['arguments'] {
  const of = excerpt(args, EXCERPT_CHARACTERS);
  return {
    note: excerptNote(of),
    rows: of.rows.map((row) => ({
      path: lineOf(row.path),
      type: row.type,
      value: lineOf(row.value),
      left_out: row.left_out,
    })),
    rows_left_out: of.rows_left_out,
    shown: of.shown,
    total: of.total,
  };
}

function fitted(event: WebhookEvent): string {
  const omitted: (typeof DROPPABLE)[number][] = [];
  let data: WebhookEvent['data'] = event.data;
  for (const part of [undefined, ...DROPPABLE]) {
    if (part !== undefined && data[part] !== undefined) {
      omitted.push(part);
      const { [part]: _, ...rest } = data;
      data = { ...rest, omitted: [...omitted] };
    }
    const body = JSON.stringify({ ...event, data });
    if (Buffer.byteLength(body) <= BODY_BYTES) return body;
  }
  throw new DeliveryError(
    `What there is to say is longer than ${BODY_BYTES / 1024} KiB, even without the arguments.`,
    true,
  );
}

/** The line feeds that are left are those of indented JSON, and ours. */
function lineOf(segments: readonly Segment[]): string {
  return segments
    .map((segment) => (segment.kind === 'text' ? segment.text.replaceAll('\n', ' ') : markText(segment)))
    .join('');
}

function name(hostile: string): string {
  return shortened(revealedLine(hostile), NAME_MAX);
}

function line(hostile: string): string {
  return shortened(revealedLine(hostile), TEXT_MAX);
}
