import { DecisionError, EvidenceError } from '../core/errors.ts';
import type { Period } from '../core/evidence.ts';
import { wordsOf } from '../core/period.ts';
import type { JsonObject } from '../core/json.ts';
import type { EvidenceSeen } from '../guard/evidence-reviews.ts';
import type { ConsoleKit } from './console-kit.ts';
import { isProblem } from './console-kit.ts';
import { tooLong, UNPROVEN, UNSIGNED } from './decision-form.ts';
import type { Examined } from '../core/evidence.ts';
import { evidencePath, rangeOf, readEvidenceQuery, type EvidenceQuery } from './evidence-query.ts';
import { readJsonField } from './posted.ts';
import * as problems from './problems.ts';
import { textOf, type SealedForms } from './sealed-forms.ts';
import type { Ctx, SiteKit } from './site-context.ts';
import type { ReviewSiteOptions } from './site-options.ts';
import { evidenceMain } from './views/console/evidence-page.ts';
import { periodTitle, unseenMain } from './views/console/evidence-period.ts';

type Route = (c: Ctx) => Promise<Response>;

/** The evidence of a period, for auditors and the top-level reviewers: seen, reviewed and taken away. */
export interface EvidenceRoutes {
  readonly show: Route;
  readonly review: Route;
  readonly bundle: Route;
}

/** A page that is shown again. */
interface Again {
  readonly problem?: problems.Problem;
  readonly reason?: string;
}

export function createEvidenceRoutes(
  options: ReviewSiteOptions,
  parts: { readonly kit: SiteKit; readonly consoleKit: ConsoleKit; readonly forms: SealedForms },
): EvidenceRoutes {
  const { clock, evidence, evidenceDesk: desk, limits } = options;
  const { kit, consoleKit, forms } = parts;

  const maySee = (c: Ctx): boolean => evidence.maySee(consoleKit.visitorOf(c).session.person);

  /** The page without what it is about, and why. */
  const without = async (c: Ctx, problem: problems.Problem, query?: EvidenceQuery): Promise<Response> =>
    consoleKit.page(c, {
      current: 'evidence',
      title: 'Evidence',
      main: unseenMain(query && { root: kit.rootOf(c), now: clock.now(), query }),
      problem,
    });

  const render = async (
    c: Ctx,
    query: EvidenceQuery,
    examined: Examined,
    { problem, reason = '' }: Again,
  ): Promise<Response> => {
    const { person, sha256, holder } = consoleKit.visitorOf(c).session;
    const seen = seenOf(examined);
    const nonce = forms.nonce();
    const toSign = consoleKit.toSign(person, { act: 'review_evidence', ...seen, reviewer: person, nonce });
    const bundle = forms.seal('evidence_bundle', sha256, { ...query.period });
    return consoleKit.page(c, {
      current: 'evidence',
      title: `Evidence, ${periodTitle(query.period)}`,
      main: evidenceMain({
        root: kit.rootOf(c),
        now: clock.now(),
        query,
        examined,
        reviews: evidence.all(),
        names: new Map(options.people().people.map(({ id, name }) => [id, name])),
        holder: holder.name,
        reason,
        bundleAt: `${kit.rootOf(c)}console/evidence/bundle?proof=${bundle}`,
        ...(toSign
          ? { sign: { options: toSign, proof: forms.seal('review_evidence', sha256, { ...seen, nonce }) } }
          : {}),
        ...(problem ? { problem } : {}),
      }),
      ...(problem ? { problem } : {}),
      once: true,
    });
  };

  const showPeriod = async (c: Ctx, query: EvidenceQuery, again: Again = {}): Promise<Response> => {
    if (!maySee(c)) return without(c, problems.NO_EVIDENCE);
    try {
      const examined = await desk.examine(
        query.period,
        rangeOf(query),
        consoleKit.visitorOf(c).session.person,
      );
      return await render(c, query, examined, again);
    } catch (thrown) {
      if (!(thrown instanceof EvidenceError)) throw thrown;
      return without(c, problems.problemOf(thrown), query);
    }
  };

  const queryOf = (period: Period): EvidenceQuery => ({ period, ...wordsOf(period), page: 1 });

  return {
    show: (c) =>
      showPeriod(
        c,
        readEvidenceQuery((name) => c.req.query(name), clock.now()),
      ),

    async review(c) {
      const { person } = consoleKit.visitorOf(c).session;
      if (!maySee(c)) return without(c, problems.NO_EVIDENCE);
      const holder = `session ${person} evidence`;
      await limits.check('confirm', holder);
      const posted = await consoleKit.posted(c, 'review_evidence');
      if (isProblem(posted))
        return showPeriod(
          c,
          readEvidenceQuery(() => undefined, clock.now()),
          { problem: posted },
        );
      const seen = posted.served as unknown as EvidenceSeen;
      const query = queryOf({ from: seen.from, to: seen.to });
      const reason = (posted.fields.get('reason') ?? '').replaceAll('\r\n', '\n').trim();
      const assertion = readJsonField(posted.fields.get('assertion'));
      const early = tooLong({ reason }) ?? (assertion ? undefined : UNSIGNED);
      if (early || !assertion) return showPeriod(c, query, { problem: early ?? UNSIGNED, reason });
      try {
        const found = seenOf(await desk.examine(query.period, rangeOf(query), person));
        const proof = { kind: 'passkey', assertion, nonce: textOf(posted.served, 'nonce') } as const;
        await evidence.record({ person, seen: seenIn(posted.served), found, reason, proof });
      } catch (thrown) {
        if (!(thrown instanceof DecisionError || thrown instanceof EvidenceError)) throw thrown;
        if (UNPROVEN.has(thrown.code)) await limits.count('confirm', holder);
        return showPeriod(c, query, { problem: problems.problemOf(thrown), reason });
      }
      return c.redirect(`${kit.rootOf(c)}${evidencePath(query)}#reviews`, 303);
    },

    async bundle(c) {
      const { person, sha256 } = consoleKit.visitorOf(c).session;
      if (!maySee(c)) return without(c, problems.NO_EVIDENCE);
      const served = forms.open('evidence_bundle', sha256, c.req.query('proof'));
      const usual = readEvidenceQuery(() => undefined, clock.now());
      if (!served) return showPeriod(c, usual, { problem: problems.STALE_FORM });
      const period = { from: textOf(served, 'from'), to: textOf(served, 'to') };
      // Who only asks whether there is one has none made.
      if (c.req.method === 'HEAD') return c.body(null, 200, { 'Content-Type': 'application/gzip' });
      try {
        const { name, body } = await desk.bundle(period, person, c.req.raw.signal);
        return new Response(body, {
          headers: {
            'Content-Type': 'application/gzip',
            'Content-Disposition': `attachment; filename="${name}"`,
            'Cache-Control': 'no-store',
          },
        });
      } catch (thrown) {
        if (!(thrown instanceof EvidenceError)) throw thrown;
        return without(c, problems.problemOf(thrown), queryOf(period));
      }
    },
  };
}

function seenOf({ period, size, exceptions, exceptions_sha256 }: Examined): EvidenceSeen {
  return { ...period, size, exceptions, exceptions_sha256 };
}

/** What was sealed into the form of a review. */
function seenIn(served: JsonObject): EvidenceSeen {
  const { nonce: _, ...seen } = served;
  return seen as unknown as EvidenceSeen;
}
