import { z } from 'zod';

/** What the host answers to `placet people …` over the owner's socket. None of it is a link; a new key is told once. */

/** To `invite`. `code` is told here and nowhere else. Times are RFC 3339, UTC. */
export const invitedSchema = z.object({
  person: z.string(),
  name: z.string(),
  invitation: z.string(),
  code: z.string(),
  /** The person has had a passkey before: nothing is mailed until a second person approves in the console. */
  needs_approval: z.boolean(),
  /** Where a second person approves; the console of the reviewers' site. */
  console_url: z.string(),
});
export type Invited = z.infer<typeof invitedSchema>;

const keySchema = z.object({
  credential_id: z.string(),
  name: z.string(),
  algorithm: z.number(),
  backed_up: z.boolean(),
  enrolled_at: z.string(),
  used_at: z.string().optional(),
  revoked_at: z.string().optional(),
});

/** To `passkeys`: everyone of people.yaml, and whoever else has keys. */
export const passkeysSchema = z.array(
  z.object({
    person: z.string(),
    /** Keys that can be used, and revoked ones, oldest first. */
    keys: z.array(keySchema),
    /** An invitation is open: sent, or waiting for a second person. */
    invited: z.enum(['no', 'waits_for_approval', 'to_be_sent', 'sent']),
  }),
);
export type PasskeysOfPeople = z.infer<typeof passkeysSchema>;

/** To `revoke`: the keys that were revoked; without a `credential_id` all that the person had. */
export const revokedSchema = z.object({
  person: z.string(),
  revoked: z.array(z.object({ credential_id: z.string(), name: z.string() })),
});
export type Revoked = z.infer<typeof revokedSchema>;

/** To `revoke_reviewer_key`. */
export const revokedApiKeySchema = z.object({
  person: z.string(),
  key_id: z.string(),
  /** By its owner. */
  name: z.string(),
  /** How many keys the person has that still hold. */
  left: z.number(),
});
export type RevokedApiKey = z.infer<typeof revokedApiKeySchema>;

/** To `issue_agent_key`. `key` is told here and nowhere else. Times are RFC 3339, UTC. */
export const issuedKeySchema = z.object({
  agent: z.string(),
  key_id: z.string(),
  key: z.string(),
  expires_at: z.string().optional(),
  /** Where MCP is spoken over HTTP. */
  mcp_url: z.string(),
});
export type IssuedAgentKey = z.infer<typeof issuedKeySchema>;

/** To `agent_keys`: every agent of people.yaml, and whoever else has keys. */
export const agentKeysSchema = z.array(
  z.object({
    agent: z.string(),
    /** False where people.yaml no longer names it; its keys open nothing then. */
    known: z.boolean(),
    /** Oldest first. */
    keys: z.array(
      z.object({
        key_id: z.string(),
        issued_at: z.string(),
        state: z.enum(['good', 'expired', 'revoked']),
        expires_at: z.string().optional(),
        revoked_at: z.string().optional(),
      }),
    ),
  }),
);
export type KeysOfAgents = z.infer<typeof agentKeysSchema>;

/** To `revoke_agent_key`. */
export const revokedKeySchema = z.object({
  agent: z.string(),
  key_id: z.string(),
  /** How many keys the agent has that still hold. */
  left: z.number(),
});
export type RevokedAgentKey = z.infer<typeof revokedKeySchema>;
