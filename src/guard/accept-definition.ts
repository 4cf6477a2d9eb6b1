import { acceptanceTerms } from '../core/acceptance.ts';
import type { PersonalReceipt, Terms } from '../core/entry.ts';
import { DecisionError, TransitionError } from '../core/errors.ts';
import { sameHuman, type People, type Person } from '../core/person.ts';
import { MAX_AGE_MS } from '../core/policy.ts';
import type { Acceptance, AcceptanceProof, AcceptanceView, ChangedDefinition } from './acceptance.ts';
import { mustBeNoAuditor } from './auditor.ts';
import { policyAt } from './believed.ts';
import { createChangedDefinitions } from './changed-definitions.ts';
import type { GuardContext } from './context.ts';
import { createDefinitionNews } from './difference.ts';
import { verifyPersonal } from './proof.ts';
import { refusedProof } from './refusals.ts';

type Input = Parameters<Acceptance['accept']>[0];

/** Definitions that changed, and a person's word that they have looked at one: proven, and journalled with its proof. */
export function createAcceptance(context: GuardContext): Acceptance {
  const { clock, definitions, journal, ledger } = context;
  const changed = createChangedDefinitions(context);
  const news = createDefinitionNews(context);

  /** The terms as they are now, with the sign-on that the person has just made. */
  function standing(
    person: Person,
    receipt?: PersonalReceipt,
  ): { readonly terms: Terms; readonly people: People } {
    const policy = policyAt(context, clock.now(), receipt?.kind === 'sso' ? { person, receipt } : undefined);
    return { terms: acceptanceTerms(policy), people: policy.people };
  }

  function listed(id: string): Person {
    return context.policy().people.people.find((person) => person.id === id) ?? { id, name: id, emails: [] };
  }

  function shownOf({ server, tool, definition_sha256 }: ChangedDefinition): AcceptanceView['shown'] {
    const definition = definitions.read(definition_sha256);
    if (definition === undefined) return undefined;
    const defined = { server, tool, definition, definition_sha256 };
    const difference = news.difference(defined);
    return difference && { definition, difference, hidden: news.hidden(defined) };
  }

  /** Everything but the proof itself. @throws DecisionError */
  function mustBePossible(
    { id, reason, proof }: Input,
    person: Person,
    receipt?: PersonalReceipt,
  ): ChangedDefinition & { readonly terms: Terms } {
    const change = changed.find(id);
    if (definitions.read(change.definition_sha256) === undefined) {
      throw new DecisionError(
        'not_shown',
        'Nothing was accepted. The text of this definition is not kept, so nobody can look at it.',
      );
    }
    const { terms, people } = standing(person, receipt);
    mustBeNoAuditor(person, people);
    if (!terms.reviewers.includes(person.id)) {
      throw new DecisionError(
        'not_eligible',
        'Nothing was accepted. A definition is accepted by one of the top-level reviewers, and you are none of them.',
      );
    }
    mustBeStrong(proof, terms);
    if (proof.kind === 'sso' && proof.confirm.trim() !== change.tool) {
      throw new DecisionError(
        'confirm_mismatch',
        `Nothing was accepted. To confirm, type the tool's name exactly as it stands on the page: ${change.tool}`,
      );
    }
    if (terms.reason === 'required' && reason.trim() === '') {
      throw new DecisionError(
        'reason_required',
        'Nothing was accepted. The top-level review asks everyone for a reason.',
      );
    }
    return { ...change, terms };
  }

  async function accept(input: Input, person: Person): Promise<void> {
    const { proof } = input;
    const offered = proof.kind === 'sso' ? proof.sign_on : undefined;
    const { terms, server, tool, definition_sha256 } = mustBePossible(input, person, offered);
    const receipt = await verifyPersonal(context, {
      proof,
      reviewer: person,
      maxAgeMs: maxAgeOf(terms),
      act: (nonce) => ({
        act: 'accept_definition',
        server,
        tool,
        definition_sha256,
        reviewer: person.id,
        nonce,
      }),
    });
    mustBePossible(input, person, receipt);
    const reason = input.reason.trim();
    await journal.append([
      {
        type: 'tool.definition_accepted',
        server,
        tool,
        definition_sha256,
        reviewer: person.id,
        ...(reason === '' ? {} : { reason }),
        ...(receipt === undefined ? {} : { receipt }),
      },
    ]);
  }

  /** What is told of a refusal. A key whose counter went back is revoked with it. */
  async function refusalOf(thrown: unknown, person: Person, proof: AcceptanceProof): Promise<unknown> {
    if (!(thrown instanceof TransitionError)) return thrown;
    if (thrown.code === 'definition_unknown') {
      return new DecisionError('not_waiting', `Nothing was accepted. ${thrown.message}`, { cause: thrown });
    }
    return refusedProof(context, thrown, { person: person.id, proof });
  }

  return {
    count: (id) => (standing(listed(id)).terms.reviewers.includes(id) ? changed.count() : 0),
    waiting: () => changed.all(),

    view(id, changeId) {
      const person = listed(id);
      const change = changed.find(changeId);
      const shown = shownOf(change);
      const { terms, people } = standing(person);
      const passkeys = ledger.identities.activePasskeysOf(id);
      const asked = terms.reviewers.includes(id);
      return {
        ...change,
        person,
        ...(shown === undefined ? {} : { shown }),
        asked: asked ? 'you' : terms.reviewers.length === 0 ? 'nobody' : 'others',
        methods: shown === undefined ? [] : waysOf({ person, people, terms, asked, keys: passkeys.length }),
        demanded: terms.verification === 'passkey' ? 'passkey' : 'sso',
        max_age_ms: maxAgeOf(terms),
        passkeys,
        reason: terms.reason,
      };
    },

    async accept(input) {
      const person = listed(input.person);
      try {
        await accept(input, person);
      } catch (error) {
        throw await refusalOf(error, person, input.proof);
      }
    },
  };
}

/** Where a provider names the members of a group, a fresh sign-on may show that somebody is one. */
function waysOf({
  person,
  people,
  terms,
  asked,
  keys,
}: {
  readonly person: Person;
  readonly people: People;
  readonly terms: Terms;
  readonly asked: boolean;
  readonly keys: number;
}): AcceptanceView['methods'] {
  const linked = [person, ...people.people.filter((each) => sameHuman(each, person))].some(
    ({ sso = [] }) => sso.length > 0,
  );
  const mayBe = asked || Object.keys(people.group_claims ?? {}).length > 0;
  return [
    ...(linked && mayBe && terms.verification !== 'passkey' ? (['sso'] as const) : []),
    ...(keys > 0 && asked ? (['passkey'] as const) : []),
  ];
}

function mustBeStrong(proof: AcceptanceProof, { verification }: Terms): void {
  if (proof.kind === 'passkey' || verification !== 'passkey') return;
  throw new DecisionError(
    'verification_too_weak',
    'Nothing was accepted. The top-level review asks for a passkey, and a sign-on is none.',
  );
}

function maxAgeOf({ max_age_ms: maxAgeMs }: Terms): number {
  return maxAgeMs ?? MAX_AGE_MS;
}
