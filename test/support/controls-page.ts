import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { loadControls } from '../../src/evidence/controls/load.ts';
import { ROOT } from './workspace.ts';

const HEAD = `# Controls

What the record of Placet is evidence for, by framework. Each control has its official title, what exactly the evidence supports, and what it does not show; each kind of entry says what it shows. It is **evidence supporting** a control, for an auditor to judge: nothing here says that a control is met.

The mapping stands in \`src/evidence/controls/\`, a file a framework, each with a version of its own. The pages of decided requests, the API (\`controls\` of a request), \`placet log show\`, \`placet log check\` and the auditor's bundle ([Evidence](evidence.md)) name the controls. This page is made from these files by \`scripts/controls-page.ts\`.

## Your own

\`policies/controls.yaml\` adds frameworks, controls and evidence; what Placet maps is never changed by it. \`placet policy check\` says what is wrong with it, and a change of it is no change of the policy. A host reads it once, when the mapping is first shown.

\`\`\`yaml
frameworks:
  - framework: acme # small letters, digits and hyphens; one of Placet's is added to
    title: Acme's rules for agents, 2026
    version: "1"
    controls:
      - id: A1
        title: Two people look at changes
        supports: That two people approved, and who they were.
        limits: How well they looked.
        evidence:
          - entry: approval.decided # one type of entry, or a list
            where: { decision: approve, verification: [passkey, sso] }
            shows: One of the two approved.
\`\`\`

\`where\` compares members of the entry ([the journal](reference/journal.md)) with a value or a list of values. Of a control that Placet knows already, only \`id\` and \`evidence\` are written.
`;

interface Written {
  readonly framework: string;
  readonly controls: readonly {
    readonly evidence: readonly {
      readonly entry: string | readonly string[];
      readonly where?: Readonly<Record<string, unknown>>;
      readonly shows: string;
    }[];
  }[];
}

/** docs/controls.md as the mapping has it. */
export async function controlsPage(): Promise<string> {
  const { mapping } = await loadControls({});
  const parts = mapping.frameworks.map(({ id, title, version, controls }) => {
    const text = readFileSync(join(ROOT, `src/evidence/controls/${id}.yaml`), 'utf8');
    const written = parse(text) as Written;
    const sections = controls.map((control, c) => {
      const baselines = control.baselines ? ` Baselines: ${control.baselines.join(', ')}.` : '';
      const clauses = (written.controls[c]?.evidence ?? []).map(
        ({ entry, where, shows }) =>
          `- ${entries(entry)}${where ? ` where ${conditions(where)}` : ''}: ${shows}`,
      );
      return `### ${control.id}\n\n**${control.title}**${baselines}\n\nSupports: ${control.supports}\n\nDoes not show: ${control.limits}\n\n${clauses.join('\n')}\n`;
    });
    return `## ${title}\n\nIn \`--framework\`: \`${id}\`. Version of the mapping: ${version}.\n\n${sections.join('\n')}`;
  });
  return `${HEAD}\n${parts.join('\n')}`;
}

function entries(entry: string | readonly string[]): string {
  return [entry]
    .flat()
    .map((type) => `\`${type}\``)
    .join(', ');
}

function conditions(where: Readonly<Record<string, unknown>>): string {
  return Object.entries(where)
    .map(([member, value]) => `\`${member}\` is ${[value].flat().map(String).join(' or ')}`)
    .join(' and ');
}
