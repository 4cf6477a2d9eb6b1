import type { z } from 'zod';
import type { SupportedControl } from '../../core/controls.ts';
import { cautions } from '../../core/cautions.ts';
import type { HistoryItem } from '../../core/history.ts';
import { longArguments } from '../../core/long-arguments.ts';
import type { Request } from '../../core/request.ts';
import { standing } from '../../core/standing.ts';
import type { ReviewView, WaitingItem } from '../../guard/ports.ts';
import type { ReviewerKey } from '../../core/reviewer-access.ts';
import type { challengeSchema, decidedSchema, requestSchema, summarySchema } from './schemas.ts';

type Summary = z.infer<typeof summarySchema>;
type Status = Summary['status'];

/** What the core holds is read-only. */
type Sent<T> = T extends readonly (infer Item)[]
  ? readonly Sent<Item>[]
  : T extends object
    ? { readonly [Name in keyof T]: Sent<T[Name]> }
    : T;

/** What the API shows of requests. Texts of agents and servers go out as they are: JSON shows nothing by itself. */
export function createShownAtApi(publicUrl: string) {
  const base = publicUrl.replace(/\/$/, '');
  const pageOf = (id: string): string => `${base}/console/requests/${id}`;

  return {
    waiting({ request, summary }: WaitingItem): Summary {
      const { id, agent, owner, server, tool, policy, requested_at, expires_at } = request;
      return {
        id,
        status: statusOf(request),
        agent,
        owner,
        server,
        tool,
        rule: policy.rule,
        ...(summary === undefined ? {} : { summary }),
        requested_at,
        expires_at,
        page: pageOf(id),
      };
    },

    listed(item: HistoryItem): Summary {
      const { id, outcome: status, agent, owner, server, tool, rule, requested_at } = item;
      return { id, status, agent, owner, server, tool, rule, requested_at, page: pageOf(id) };
    },

    request(
      view: ReviewView,
      key: Pick<ReviewerKey, 'scope'>,
      {
        challenge,
        controls,
      }: {
        readonly challenge: z.infer<typeof challengeSchema> | undefined;
        readonly controls: readonly SupportedControl[];
      },
    ): Sent<z.infer<typeof requestSchema>> {
      const { request, card, args } = view;
      const { approved, rejected, ended, pending } = view.precedents;
      const byKey = key.scope === 'decide' && view.admits.includes('api') ? (['api'] as const) : [];
      const waysTo = (decision: 'approve' | 'reject') => [
        ...(challenge?.[decision] === undefined ? [] : (['passkey'] as const)),
        ...byKey,
      ];
      return {
        id: request.id,
        status: statusOf(request),
        standing: standing(request),
        state: view.state,
        card,
        args,
        cautions: cautions(card, args),
        long_arguments: longArguments(args),
        card_digest: request.card_digest,
        action_digest: request.action_digest,
        terms: request.terms,
        progress: view.progress,
        decisions: view.decisions.map(({ reviewer, name, decision, verification, reason, at }) => ({
          reviewer,
          name,
          decision,
          verification,
          ...(reason === undefined ? {} : { reason }),
          at,
        })),
        may: { approve: waysTo('approve'), reject: waysTo('reject') },
        reason: view.reason,
        precedents: { approved, rejected, ended, pending },
        requested_at: request.requested_at,
        expires_at: request.expires_at,
        page: pageOf(request.id),
        controls,
        ...(challenge === undefined ? {} : { challenge }),
      };
    },

    /** The person's decision, as it stands. Nothing where they have made none. */
    decided(
      { request, progress }: ReviewView,
      person: string,
    ): Sent<z.infer<typeof decidedSchema>> | undefined {
      const own = request.decisions.find(({ reviewer }) => reviewer === person);
      if (!own) return undefined;
      const { decision, verification, at } = own;
      const status = statusOf(request);
      return { id: request.id, decision, verification, at, status, standing: standing(request), progress };
    },
  };
}

function statusOf({ phase }: Pick<Request, 'phase'>): Status {
  switch (phase.kind) {
    case 'claimed':
    case 'started':
      return 'approved';
    case 'reconciled_done':
      return 'succeeded';
    case 'reconciled_not_done':
      return 'failed';
    default:
      return phase.kind;
  }
}

export type ShownAtApi = ReturnType<typeof createShownAtApi>;
