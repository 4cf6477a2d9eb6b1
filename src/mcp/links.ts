import { isJsonObject } from '../core/json.ts';
import type { Verbatim } from '../core/verbatim.ts';
import type { Answer, OfferedTool } from '../guard/ports.ts';
import { resultOf } from './answers.ts';
import type { OfferView } from './offers.ts';
import type { Owners } from './owners.ts';

/** What results link to belongs to the servers that gave them, however late these were given. */
export interface Links {
  /**
   * The result that the client is given.
   *
   * @param tool that was called; of a held call it is found by the name by which it was called
   */
  given(answer: Answer, tool?: OfferedTool): Verbatim;
}

export function createLinks(parts: {
  readonly view: () => Pick<OfferView, 'find'>;
  readonly owners: Pick<Owners, 'linked'>;
}): Links {
  const { view, owners } = parts;

  function toolOf(answer: Answer): OfferedTool | undefined {
    return answer.kind === 'result' && answer.approval ? view().find(answer.approval.tool) : undefined;
  }

  return {
    given(answer, tool = toolOf(answer)) {
      const result = resultOf(answer);
      if (!tool || answer.kind !== 'result' || !Array.isArray(result.value.content)) return result;
      for (const item of result.value.content as readonly unknown[]) {
        if (!isJsonObject(item)) continue;
        const linked =
          item.type === 'resource_link' ? item : item.type === 'resource' ? item.resource : undefined;
        if (isJsonObject(linked) && typeof linked.uri === 'string') owners.linked(tool.server, linked.uri);
      }
      return result;
    },
  };
}
