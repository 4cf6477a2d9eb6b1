import { DecisionError } from '../core/errors.ts';
import { isAuditor, type People, type Person } from '../core/person.ts';

/** Asked before every act by which a person would change something. @throws DecisionError `auditor` */
export function mustBeNoAuditor(person: Person, people: People): void {
  if (!isAuditor(person, people)) return;
  throw new DecisionError(
    'auditor',
    'Nothing was recorded. You are an auditor of this workspace, who reads everything and decides nothing.',
  );
}
