import type { Person } from '../core/person.ts';
import type { Placed } from './people.ts';
import type { Path, Problem, Source } from './positions.ts';

type People = readonly Placed<Person>[];

/** One mail address of two people. */
export function sharedAddresses(source: Source, people: People): readonly Problem[] {
  return claimedTwice(source, people, ({ emails }) =>
    emails.map((address, i) => ({
      key: address.toLowerCase(),
      path: ['emails', i],
      message: (holder) => `${address} already belongs to ${holder}; an address reaches one person only.`,
    })),
  );
}

/** One account at an identity provider of two people. */
export function sharedIdentities(source: Source, people: People): readonly Problem[] {
  return claimedTwice(source, people, ({ sso = [] }) =>
    sso.map(({ issuer, subject }, i) => ({
      key: JSON.stringify([issuer, subject]),
      path: ['sso', i],
      message: (holder) =>
        `The subject ${subject} of ${issuer} already belongs to ${holder}; a sign-on is one person's only.`,
    })),
  );
}

/** One account in Slack of two people: what is sent to it is for one of them alone. */
export function sharedAccounts(source: Source, people: People): readonly Problem[] {
  return claimedTwice(source, people, ({ slack }) =>
    slack === undefined
      ? []
      : [
          {
            key: slack,
            path: ['slack'],
            message: (holder) =>
              `The account ${slack} in Slack already belongs to ${holder}; an account is one person's only.`,
          },
        ],
  );
}

/**
 * Accounts at another provider than the workspace's own: nobody signs on there, and an issuer that is written with a
 * slash more or less is another one.
 *
 * @param people all that the file has, in its order
 */
export function strangeIssuers(
  source: Source,
  people: readonly Person[],
  issuer: string | undefined,
): readonly Problem[] {
  if (issuer === undefined) return [];
  return people.flatMap(({ id, sso = [] }, i) =>
    sso.flatMap((identity, j) =>
      identity.issuer === issuer
        ? []
        : source.problem(
            ['people', i, 'sso', j, 'issuer'],
            `Nobody can sign on as this account of ${id}: PLACET_OIDC_ISSUER is ${issuer}, and the two must be the same to the character.`,
          ),
    ),
  );
}

interface Claim {
  readonly key: string;
  /** Under the person. */
  readonly path: Path;
  readonly message: (holder: string) => string;
}

function claimedTwice(
  source: Source,
  people: People,
  claimsOf: (person: Person) => readonly Claim[],
): readonly Problem[] {
  const holders = new Map<string, string>();
  return people.flatMap(({ value: person, path }) =>
    claimsOf(person).flatMap((claim) => {
      const holder = holders.get(claim.key) ?? person.id;
      holders.set(claim.key, holder);
      if (holder === person.id) return [];
      return source.problem([...path, ...claim.path], claim.message(holder));
    }),
  );
}
