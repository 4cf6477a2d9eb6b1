import { actionDigest } from '../core/action.ts';
import type { Card, Effects } from '../core/card.ts';
import { countCharacters, firstCharacters } from '../core/characters.ts';
import { timestamp } from '../core/clock.ts';
import type { Draft, SecretsRef } from '../core/entry.ts';
import { newId } from '../core/ids.ts';
import { isJsonObject, type JsonObject } from '../core/json.ts';
import type { Person } from '../core/person.ts';
import type { Asked, Policy } from '../core/policy.ts';
import type { Secret } from '../core/secret.ts';
import type { Contents } from './contents.ts';
import type { GuardContext } from './context.ts';
import { createDefinitionNews } from './difference.ts';
import { actionOf, at, policyRef, requested, type Judged, type ReviewVerdict } from './judged.ts';
import { withoutSecrets } from './masking.ts';
import type { Streams } from './streams.ts';

const SAID_MAX = 2000;

/** MCP's names of a tool's annotations. */
const HINTS: Readonly<Record<keyof Effects, string>> = {
  read_only: 'readOnlyHint',
  destructive: 'destructiveHint',
  idempotent: 'idempotentHint',
  open_world: 'openWorldHint',
};

/** What was found out about a call before anybody is asked. */
export type Found = Pick<Card, 'input_check' | 'summary' | 'summary_trouble'>;

/** Keeps arguments and card, and makes the request durable. @returns its id */
export type OpenRequest = (judged: Judged, verdict: ReviewVerdict, found: Found) => Promise<string>;

export function createOpenRequest({
  context,
  contents,
  streams,
}: {
  readonly context: GuardContext;
  readonly contents: Contents;
  readonly streams: Streams;
}): OpenRequest {
  const { clock, random } = context;
  const news = createDefinitionNews(context);

  return async (
    judged: Judged,
    verdict: ReviewVerdict,
    found: Pick<Card, 'input_check' | 'summary' | 'summary_trouble'>,
  ) => {
    const { call, agent, policy, callId } = judged;
    const requestId = newId('apr', clock.now(), random);
    const { secrets, args: masked } = judged.hidden;
    const args = await contents.keep(masked.text, 'written');
    const action = actionOf(judged, args);
    const terms = verdict.asked.map((each) => each.terms);
    const expires = Math.min(...verdict.asked.map((each) => each.review.expires_ms));
    const timeout = Math.min(...verdict.asked.map((each) => each.review.timeout_ms));
    const difference = news.difference(call.tool);
    const hidden = news.hidden(call.tool);
    const card: Card = {
      v: 1,
      request_id: requestId,
      tool: call.tool.name,
      server: call.tool.server,
      tool_name: call.tool.tool,
      ...text('title', call.tool.definition.title),
      ...text('description', call.tool.definition.description),
      tags: call.tool.tags,
      ...text('runs', call.tool.runs),
      agent: agent.id,
      owner: { id: agent.owner, name: nameOf(policy, agent.owner) },
      identity: call.caller.identity,
      ...text('client', call.caller.client),
      input_check: found.input_check,
      ...text('summary', found.summary && withoutSecrets(found.summary, secrets)),
      ...text('summary_trouble', found.summary_trouble && withoutSecrets(found.summary_trouble, secrets)),
      args_commit: action.args_commit,
      definition_sha256: action.definition_sha256,
      action_digest: actionDigest(action),
      ...effects(call.tool.definition),
      ...(difference === undefined ? {} : { difference }),
      ...(hidden.length === 0 ? {} : { hidden }),
      session: call.caller.session,
      why: verdict.reason,
      ...text('said', said(withoutSecrets(call.said ?? '', secrets))),
      terms,
      requested_at: timestamp(clock),
      expires_at: timestamp(clock, expires),
    };
    const kept = await contents.keep(Buffer.from(JSON.stringify(card)), 'written');
    // Before the entries are written that point at them, so that no entry is ever on the disk without its payloads. A
    // crash in between leaves payloads that nobody points at. Calls at the same time share both syncs.
    await contents.sync();
    await holding(secrets, (ref) =>
      streams.open(requestId, [
        requested(judged, args),
        {
          type: 'approval.requested',
          request_id: requestId,
          call_id: callId,
          ...action,
          ...at('args_at', args),
          ...ref,
          action_digest: card.action_digest,
          card_digest: kept.commit,
          ...at('card_at', kept),
          policy: policyRef(judged, verdict.rule),
          terms,
          expires_at: card.expires_at,
          timeout_ms: timeout,
          session: call.caller.session,
          ...ownerChannels(policy, agent.owner),
        },
        ...refusedOwners(verdict.asked).map(
          (person): Draft => ({
            type: 'self_approval.refused',
            request_id: requestId,
            reviewer: person.id,
            reason: 'The agent acts for this person, who was therefore not asked.',
          }),
        ),
      ]),
    );
    return requestId;
  };

  /** Keeps secrets for as long as it takes to name them in the journal; what it does not name is erased again. */
  async function holding(
    secrets: readonly Secret[],
    open: (ref: SecretsRef) => Promise<unknown>,
  ): Promise<void> {
    if (secrets.length === 0) {
      await open({});
      return;
    }
    const commit = await contents.keepSecrets(secrets);
    try {
      await open({ secrets_commit: commit });
    } catch (error) {
      // What cannot be erased now is at the next start, as no entry names it.
      await context.secrets.erase(commit).catch(() => undefined);
      throw error;
    }
  }
}

function text<K extends string>(key: K, value: unknown): { readonly [P in K]?: string } {
  return typeof value === 'string' && value !== ''
    ? ({ [key]: value } as { readonly [P in K]?: string })
    : {};
}

/** What the server claims of the tool; what is no plain yes or no claims nothing. */
function effects({ annotations }: JsonObject): { readonly effects?: Effects } {
  if (!isJsonObject(annotations)) return {};
  const claims = Object.entries(HINTS).flatMap(([name, hint]) => {
    const claim = annotations[hint];
    return typeof claim === 'boolean' ? [[name, claim] as const] : [];
  });
  return claims.length === 0 ? {} : { effects: Object.fromEntries(claims) };
}

/** What the agent said, at most `SAID_MAX` characters; where more was said, the last of them say so. */
function said(words: string | undefined): string | undefined {
  const all = words?.trim() ?? '';
  const count = countCharacters(all);
  if (count <= SAID_MAX) return all;
  const note = ` [Placet cut this here: the agent said ${count} characters.]`;
  return `${firstCharacters(all, SAID_MAX - countCharacters(note))}${note}`;
}

function nameOf(policy: Policy, id: string): string {
  return policy.people.people.find((person) => person.id === id)?.name ?? id;
}

/** By which channels the owner wants to be told of the outcome. */
function ownerChannels(policy: Policy, id: string): { readonly owner_channels?: readonly string[] } {
  const { outcomes = [] } = policy.people.people.find((person) => person.id === id) ?? {};
  return outcomes.length === 0 ? {} : { owner_channels: outcomes };
}

function refusedOwners(asked: readonly Asked[]): readonly Person[] {
  return [...new Map(asked.flatMap((each) => each.refused).map((person) => [person.id, person])).values()];
}
