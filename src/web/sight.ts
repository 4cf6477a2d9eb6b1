import type { HistoryItem } from '../core/history.ts';
import { isAuditor, type People } from '../core/person.ts';

/** Whether a person is an auditor, who sees everybody's requests. */
export function isAuditorId(id: string, people: People): boolean {
  const person = people.people.find((each) => each.id === id);
  return person !== undefined && isAuditor(person, people);
}

/** For a search: only what the person may see. */
export function seenBy(id: string, people: People): { readonly viewer?: string } {
  return isAuditorId(id, people) ? {} : { viewer: id };
}

/** Whether a request concerns a person: they were asked, their agent asks, or they are an auditor. */
export function concerns(item: Pick<HistoryItem, 'owner' | 'asked'>, id: string, people: People): boolean {
  return item.owner === id || item.asked.includes(id) || isAuditorId(id, people);
}
