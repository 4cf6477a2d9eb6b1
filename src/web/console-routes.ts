import { isRefusal } from './sign-in-routes.ts';
import type { ConsoleKit } from './console-kit.ts';
import { isProblem } from './console-kit.ts';
import { PAGE_SIZE, readHistoryQuery } from './history-query.ts';
import * as problems from './problems.ts';
import { isAuditorId, seenBy } from './sight.ts';
import { textOf, type SealedForms } from './sealed-forms.ts';
import type { Ctx, SiteKit } from './site-context.ts';
import type { ReviewSiteOptions } from './site-options.ts';
import { logView } from './log-view.ts';
import { historyMain } from './views/console/history-page.ts';
import { waitingMain, type AwaitedInvitation } from './views/console/waiting-page.ts';
import { journalMain, peopleMain, rulesMain } from './views/console/workspace-pages.ts';

type Route = (c: Ctx) => Promise<Response>;

export interface ConsoleRoutes {
  readonly waiting: Route;
  readonly approveInvitation: Route;
  readonly history: Route;
  readonly people: Route;
  readonly rules: Route;
  readonly journal: Route;
}

/** What people see when they are signed in. A session shows, and decides nothing. */
export function createConsoleRoutes(
  options: ReviewSiteOptions,
  parts: { readonly kit: SiteKit; readonly consoleKit: ConsoleKit; readonly forms: SealedForms },
): ConsoleRoutes {
  const { reviews, enrolment, identities, clock } = options;
  const { kit, consoleKit, forms } = parts;

  const nameOf = (id: string): string =>
    options.people().people.find((person) => person.id === id)?.name ?? id;

  const invitations = (c: Ctx): readonly AwaitedInvitation[] => {
    const { session } = consoleKit.visitorOf(c);
    return enrolment.awaiting(session.person).map((each) => {
      const nonce = forms.nonce();
      const { id: invitation, person } = each;
      const act = { act: 'approve_invitation', invitation, person, approver: session.person, nonce } as const;
      const toSign = consoleKit.toSign(session.person, act);
      return {
        id: invitation,
        name: each.name,
        invitedBy: each.by === 'operator' ? 'whoever runs Placet' : nameOf(each.by),
        invitedAt: each.invited_at,
        ...(toSign
          ? {
              form: {
                options: toSign,
                proof: forms.seal('approve_invitation', session.sha256, { invitation, person, nonce }),
              },
            }
          : {}),
      };
    });
  };

  const waiting = async (c: Ctx, problem?: problems.Problem): Promise<Response> => {
    const { person } = consoleKit.visitorOf(c).session;
    return consoleKit.page(c, {
      current: 'waiting',
      title: 'Waiting for you',
      main: waitingMain({
        root: kit.rootOf(c),
        now: clock.now(),
        person,
        auditor: isAuditorId(person, options.people()),
        items: await reviews.waiting(person),
        invitations: invitations(c),
      }),
      ...(problem ? { problem } : {}),
    });
  };

  return {
    waiting: (c) => waiting(c),

    async approveInvitation(c) {
      const posted = await consoleKit.posted(c, 'approve_invitation');
      if (isProblem(posted)) return waiting(c, posted);
      const { person: by } = posted.visitor.session;
      const invitation = textOf(posted.served, 'invitation');
      try {
        const act = {
          act: 'approve_invitation',
          invitation,
          person: textOf(posted.served, 'person'),
          approver: by,
          nonce: textOf(posted.served, 'nonce'),
        } as const;
        const receipt = await consoleKit.signed(by, act, posted.fields.get('assertion'));
        await enrolment.approve({ invitation, by, receipt });
      } catch (thrown) {
        if (!isRefusal(thrown)) throw thrown;
        return waiting(c, problems.problemOf(thrown));
      }
      return c.redirect(`${kit.rootOf(c)}console`, 303);
    },

    async history(c) {
      const { person } = consoleKit.visitorOf(c).session;
      const { people, agents } = options.people();
      const asked = readHistoryQuery((name) => c.req.query(name), seenBy(person, options.people()));
      return consoleKit.page(c, {
        current: 'history',
        title: 'History',
        main: historyMain({
          root: kit.rootOf(c),
          filter: asked.filter,
          found: options.history.search(asked.query),
          page: asked.page,
          pageSize: PAGE_SIZE,
          people,
          agents: agents.map(({ id }) => id),
          everybodys: isAuditorId(person, options.people()),
          ...(asked.trouble === undefined ? {} : { trouble: asked.trouble }),
        }),
      });
    },

    async people(c) {
      const keysOf = (person: string) => ({
        active: identities().activePasskeysOf(person).length,
        ever: identities().hasEnrolled(person),
      });
      return consoleKit.page(c, {
        current: 'people',
        title: 'People',
        main: peopleMain(options.people(), keysOf),
      });
    },

    async rules(c) {
      return consoleKit.page(c, {
        current: 'rules',
        title: 'Rules',
        main: rulesMain(await options.policy()),
      });
    },

    async journal(c) {
      const journal = options.journal();
      return consoleKit.page(c, {
        current: 'journal',
        title: 'Journal',
        main: journalMain({
          ...journal,
          requests: options.history.size,
          log: logView(options.tlog, kit.rootOf(c), journal.entries),
        }),
      });
    },
  };
}
