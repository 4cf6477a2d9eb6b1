import type { FrameworkFacts, ReportFacts } from '../report/facts.ts';
import { prop, type AssessmentResults, type ControlSelection, type Resource } from './model.ts';
import { observationsOf, type Identify } from './observations.ts';
import { controlId, plainMarkup, valueOf } from './texts.ts';
import { uuidOf } from './uuid.ts';

/**
 * OSCAL assessment results 1.1.3 (NIST): what was examined, and what was observed. It has no findings: in OSCAL one
 * says that a control is satisfied or is not, and that is for an assessor to say.
 */
export function assessmentResults(facts: ReportFacts): AssessmentResults {
  const { log, period, tally, software, made_at } = facts;
  const identify: Identify = (...parts) =>
    uuidOf(log.origin, log.end.size, log.end.root, period.from, period.to, ...parts);
  const plan = resource(identify, 'VERIFY.md', 'How to check this bundle', 'text/markdown');
  const observations = observationsOf(facts, identify);
  return {
    'assessment-results': {
      uuid: identify('assessment-results'),
      metadata: {
        title: `Evidence from the journal ${plainMarkup(log.origin)}`,
        'last-modified': made_at,
        version: valueOf(`${period.from}/${period.to}`),
        'oscal-version': '1.1.3',
        remarks: `Written by Placet ${plainMarkup(software)} from its journal. Evidence supporting controls; no statement that any is met.`,
      },
      'import-ap': {
        href: `#${plan.uuid}`,
        remarks: 'There was no assessment plan: what was examined follows from the query in manifest.json.',
      },
      results: [
        {
          uuid: identify('result'),
          title: 'What was observed in the period',
          description: `All ${tally.calls} calls of agents to tools that stand in the journal for the period, which does not include its end.`,
          start: period.from,
          end: period.to,
          props: [
            prop('calls', tally.calls),
            prop('log-origin', log.origin),
            prop('log-size-at-start', log.start.size),
            prop('log-size-at-end', log.end.size),
            prop('log-root-at-end', log.end.root),
            prop('sample-seed', facts.sample.seed),
          ],
          'reviewed-controls': {
            description:
              'Controls for which the journal holds supporting evidence, by the mapping in controls/.',
            'control-selections': selections(facts.frameworks),
          },
          ...(observations.length === 0 ? {} : { observations }),
          remarks:
            'It has observations and no findings: a finding says that a control is satisfied or is not, which only an assessor can say.',
        },
      ],
      'back-matter': {
        resources: [
          plan,
          resource(
            identify,
            'manifest.json',
            'Every file of the bundle with its SHA-256',
            'application/json',
          ),
          resource(identify, 'report.html', 'The same for people', 'text/html'),
        ],
      },
    },
  };
}

/** `oscal/assessment-results.json`. */
export function assessmentResultsText(facts: ReportFacts): string {
  return `${JSON.stringify(assessmentResults(facts), null, 2)}\n`;
}

function selections(frameworks: readonly FrameworkFacts[]): readonly ControlSelection[] {
  const chosen = frameworks.filter(({ controls }) => controls.length > 0);
  if (chosen.length === 0) return [{ description: 'No control was chosen.' }];
  return chosen.map(({ framework, controls }) => {
    const ids = controls.map(({ control }) => controlId(framework.id, control.id));
    return {
      description: `${plainMarkup(framework.title)}, mapping ${plainMarkup(framework.version)}`,
      props: [prop('framework', framework.id), prop('mapping-version', framework.version)],
      'include-controls': [...new Set(ids)].map((id) => ({ 'control-id': id })),
    };
  });
}

function resource(identify: Identify, path: string, title: string, type: string): Resource {
  return { uuid: identify('file', path), title, rlinks: [{ href: `../${path}`, 'media-type': type }] };
}
