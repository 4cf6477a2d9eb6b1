import { errors, jwtVerify, type JWTPayload } from 'jose';
import type { Clock } from '../core/clock.ts';
import { digestOf } from '../core/digest.ts';
import { CallError } from '../core/errors.ts';
import type { Agent, People } from '../core/person.ts';
import { createIssuerKeys, unreachable } from './agent-token-issuer.ts';

/** What a token proves. */
export interface VerifiedToken {
  readonly agent: string;
  /** The same for every token of the same client and subject, however often it is renewed. */
  readonly credential: string;
  /** Milliseconds since the epoch. */
  readonly expires_at: number;
}

export interface AgentTokensOptions {
  /** Character for character as it is written into the tokens; https, or on this machine. */
  readonly issuer: string;
  /** What `aud` must hold. */
  readonly audience: string;
  /** The claim that names the agent as people.yaml does. */
  readonly agentClaim: string;
  /** The claim that must name the agent's owner. */
  readonly ownerClaim?: string;
  readonly people: () => People;
  readonly clock: Clock;
}

/** Signatures that whoever can check one cannot make. */
const ALGORITHMS = [
  'EdDSA',
  'Ed25519',
  'ES256',
  'ES384',
  'ES512',
  'PS256',
  'PS384',
  'PS512',
  'RS256',
  'RS384',
  'RS512',
];
const TYPES: ReadonlySet<string> = new Set(['jwt', 'at+jwt', 'application/at+jwt']);
const TOLERANCE_S = 10;

/**
 * Checks access tokens of one OAuth issuer, as a protected resource does (RFC 9068, 4).
 *
 * @returns a function that throws CallError `agent_token_refused`, `agent_token_expired`, `unknown_agent`,
 * `wrong_owner`, `issuer_unreachable`; nothing of the token stands in its sentence
 */
export function createAgentTokens(options: AgentTokensOptions): (token: string) => Promise<VerifiedToken> {
  const { issuer, audience, agentClaim, ownerClaim, people, clock } = options;
  const keys = createIssuerKeys({ issuer, clock });

  return async (token) => {
    const claims = await verify(token);
    const named = claims[agentClaim];
    if (typeof named !== 'string') throw refused(`The token has no claim ${agentClaim} that names an agent`);
    const agent = people().agents.find((each) => each.id === named);
    if (!agent) {
      throw new CallError(
        'unknown_agent',
        `This workspace does not know the agent ${JSON.stringify(named.slice(0, 64))} that the token names: name it in policies/people.yaml, with its owner.`,
      );
    }
    if (ownerClaim !== undefined && !isOwner(claims[ownerClaim], agent)) {
      throw new CallError(
        'wrong_owner',
        `The token's claim ${ownerClaim} does not name the owner that the agent ${agent.id} has in policies/people.yaml.`,
      );
    }
    return {
      agent: agent.id,
      credential: `token ${digestOf([issuer, claims.sub ?? null, claims.client_id ?? claims.azp ?? null])}`,
      // It has one: `verify` demands it.
      expires_at: (claims.exp ?? 0) * 1000,
    };
  };

  async function verify(token: string): Promise<JWTPayload> {
    const getKey = await keys.find();
    try {
      const { payload, protectedHeader } = await jwtVerify(token, getKey, {
        issuer,
        audience,
        algorithms: ALGORITHMS,
        requiredClaims: ['exp', 'iss', 'aud'],
        clockTolerance: TOLERANCE_S,
        currentDate: new Date(clock.now()),
      });
      if (protectedHeader.typ !== undefined && !TYPES.has(protectedHeader.typ.toLowerCase()))
        throw refused('The token is not an access token');
      return payload;
    } catch (error) {
      throw refusalOf(error);
    }
  }

  function isOwner(claimed: unknown, agent: Agent): boolean {
    if (typeof claimed !== 'string' || claimed === '') return false;
    const owner = people().people.find((person) => person.id === agent.owner);
    if (!owner) return false;
    return (
      claimed === owner.id ||
      owner.emails.some((address) => address.toLowerCase() === claimed.toLowerCase()) ||
      (owner.sso ?? []).some((account) => account.issuer === issuer && account.subject === claimed)
    );
  }
}

function refusalOf(error: unknown): unknown {
  if (error instanceof CallError) return error;
  // It says this last, of what is signed and has the right issuer and audience.
  if (error instanceof errors.JWTExpired)
    return new CallError('agent_token_expired', 'The token has expired.', { cause: error });
  if (error instanceof errors.JWTClaimValidationFailed) return refused(CLAIMS[error.claim] ?? OTHER, error);
  const ofToken = [
    errors.JOSEAlgNotAllowed,
    errors.JOSENotSupported,
    errors.JWKSMultipleMatchingKeys,
    errors.JWKSNoMatchingKey,
    errors.JWSInvalid,
    errors.JWSSignatureVerificationFailed,
    errors.JWTInvalid,
  ].some((kind) => error instanceof kind);
  return ofToken ? refused(OTHER, error) : unreachable(error);
}

const OTHER = 'The token is not one that the issuer of this workspace signed, or says something illegal';
const CLAIMS: Readonly<Record<string, string>> = {
  iss: 'The token is of another issuer',
  aud: 'The token is meant for another audience',
  nbf: 'The token is not valid yet',
  exp: 'The token does not say when it expires',
};

function refused(why: string, cause?: unknown): CallError {
  return new CallError('agent_token_refused', `${why}.`, { cause });
}
