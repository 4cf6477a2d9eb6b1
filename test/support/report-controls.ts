import type { ControlMapping } from '../../src/core/controls.ts';
import type { Write } from './report-calls.ts';

/** Two frameworks: every call is evidence for two controls, every decision for a third. */
export function mapping(write: Write): ControlMapping {
  const control = (id: string, title: string) => ({
    id,
    title: write(title),
    supports: write('That calls of agents are judged by rules, and that what needs people waits for them.'),
    limits: write('Who may reach the tools in another way than through Placet.'),
  });
  const frameworks = [
    {
      id: 'soc2',
      title: write('SOC 2 Trust Services Criteria (2017, revised 2022)'),
      version: '1',
      controls: [
        control('CC6.1', 'Logical access security software, infrastructure, and architectures'),
        control('CC8.1', 'Changes are authorised, tested, approved and implemented'),
      ],
    },
    {
      id: 'fedramp',
      title: write('NIST SP 800-53 rev. 5'),
      version: '1',
      controls: [
        {
          ...control('AC-6(9)', 'Least Privilege | Log Use of Privileged Functions'),
          baselines: ['moderate', 'high'],
        },
      ],
    },
  ];
  return {
    frameworks,
    controlsOf: (entries) =>
      frameworks.flatMap(({ id: framework, controls }) =>
        controls
          .filter(({ id }) => id !== 'CC8.1' || entries.some(({ type }) => type === 'approval.decided'))
          .map(({ id, title }) => ({
            framework,
            id,
            title,
            shows: write('That this call was judged by a rule before it ran.'),
          })),
      ),
  };
}
