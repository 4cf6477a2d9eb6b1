import { createDoors } from './access.ts';
import type { Contents } from './contents.ts';
import type { GuardContext } from './context.ts';
import { createDecide } from './decide.ts';
import type { Reviews } from './ports.ts';
import { createReconcile } from './reconcile.ts';
import { createReveal } from './reveal.ts';
import { createRefuse } from './refusals.ts';
import { createShowRequest, type TagsOf } from './review-view.ts';
import { createStory } from './story.ts';
import type { Streams } from './streams.ts';
import { createToDecide } from './to-decide.ts';

/** The reviewer's side, put together: what a person may see of requests, and what they do about them. */
export function createReviews(parts: {
  readonly context: GuardContext;
  readonly contents: Contents;
  readonly streams: Streams;
  readonly tagsOf: TagsOf;
}): Reviews {
  const { context, contents, streams, tagsOf } = parts;
  const doors = createDoors(context);
  const show = createShowRequest({ context, contents, doors, tagsOf });
  const refuse = createRefuse(context, streams);
  const deciding = { context, contents, streams, doors, show, refuse, tagsOf };
  return {
    view: async (access) => show(await doors.find(access), access, doors.firstOpened(access)),
    decide: createDecide(deciding),
    waiting: createToDecide({ context, contents, doors }),
    story: createStory({ context, doors }),
    reconcile: createReconcile(deciding),
    reveal: createReveal(deciding),
  };
}
