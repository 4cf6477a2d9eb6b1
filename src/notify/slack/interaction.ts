import { z } from 'zod';

/** Who pressed, as Slack says it: an account of a workspace there. */
export interface Account {
  readonly team: string;
  readonly user: string;
}

/** With the names that the account and its workspace have there now. */
export interface NamedAccount extends Account {
  readonly name: string;
  readonly domain: string;
}

/** A button below a message was pressed. */
export interface Press {
  readonly kind: 'press';
  readonly account: NamedAccount;
  readonly action: string;
  readonly value: string;
  /** Lets a dialog be opened, once and for three seconds. */
  readonly trigger: string;
}

/** A dialog was sent off. */
export interface Submission {
  readonly kind: 'submission';
  readonly account: Account;
  readonly callback: string;
  /** As it was given to Slack with the dialog. */
  readonly metadata: string;
  /** What was typed, by the input's block. */
  readonly typed: Readonly<Record<string, string>>;
}

/** Something else, of which nothing is to be done. */
export interface Other {
  readonly kind: 'other';
}

export type Interaction = Press | Submission | Other;

const id = z.string().regex(/^[A-Z][A-Z0-9]{2,30}$/);

const name = z.string().max(200).default('');

const from = {
  team: z.object({ id, domain: name }),
  user: z.object({ id, team_id: id.optional(), name }),
};

const press = z.object({
  ...from,
  type: z.literal('block_actions'),
  trigger_id: z.string().min(1).max(500),
  actions: z.tuple([z.object({ action_id: z.string().max(255), value: z.string().max(2000).default('') })]),
});

const submission = z.object({
  ...from,
  type: z.literal('view_submission'),
  view: z.object({
    callback_id: z.string().max(255),
    private_metadata: z.string().max(3000),
    state: z.object({
      values: z.record(z.string(), z.record(z.string(), z.object({ value: z.string().max(3000).nullish() }))),
    }),
  }),
});

const other = z.object({ type: z.string() });

/** Reads what Slack signed; nothing where it has not the shape that Slack gives it. */
export function readInteraction(payload: unknown): Interaction | undefined {
  const type = other.safeParse(payload).data?.type;
  if (type === 'block_actions') {
    const { data } = press.safeParse(payload);
    if (!data) return undefined;
    const [{ action_id: action, value }] = data.actions;
    const account = { ...accountOf(data), name: data.user.name, domain: data.team.domain };
    return { kind: 'press', account, action, value, trigger: data.trigger_id };
  }
  if (type === 'view_submission') {
    const { data } = submission.safeParse(payload);
    if (!data) return undefined;
    const { callback_id: callback, private_metadata: metadata, state } = data.view;
    const typed = Object.entries(state.values).map(([block, values]) => [
      block,
      Object.values(values)[0]?.value ?? '',
    ]);
    return {
      kind: 'submission',
      account: accountOf(data),
      callback,
      metadata,
      typed: Object.fromEntries(typed),
    };
  }
  return type === undefined ? undefined : { kind: 'other' };
}

/** The payload in the body of a request to the endpoint, where it stands once. */
export function payloadIn(body: string): unknown {
  const [payload, more] = new URLSearchParams(body).getAll('payload');
  if (payload === undefined || more !== undefined) return undefined;
  try {
    return JSON.parse(payload) as unknown;
  } catch {
    return undefined;
  }
}

/** In a shared channel somebody may be of another workspace than the one in which they press. */
function accountOf({ team, user }: z.infer<typeof press> | z.infer<typeof submission>): Account {
  return { team: user.team_id ?? team.id, user: user.id };
}
