import { z } from 'zod';
import { listOf, said } from './fields.ts';
import { didYouMean } from './nearest.ts';
import type { Path, Problem, Source } from './positions.ts';

/** How each kind of channel may be written, and which setting makes it work. */
const KINDS: Readonly<Record<string, { readonly form: RegExp; readonly setting: string }>> = {
  email: { form: /^email$/, setting: 'PLACET_SMTP_URL' },
  // Names of rooms are lower case in every script; ids begin with C, those of old private rooms with G.
  slack: {
    form: /^slack(?::(?:#[\p{Ll}\p{Lm}\p{Lo}\p{M}\p{N}_-]{1,80}|[CG][A-Z0-9]{5,20}))?$/u,
    setting: 'PLACET_SLACK_BOT_TOKEN',
  },
  teams: { form: /^teams$/, setting: 'PLACET_TEAMS_URL' },
  webhook: {
    form: /^webhook:[a-z0-9]+(?:-[a-z0-9]+)*$/,
    setting: 'PLACET_WEBHOOK_NAME_URL and PLACET_WEBHOOK_NAME_SECRET',
  },
  pagerduty: { form: /^pagerduty$/, setting: 'PLACET_PAGERDUTY_ROUTING_KEY' },
};

const FORMS = 'email, slack, slack:#ops, slack:C0123ABC, teams, webhook:siem or pagerduty';

/** What is wrong with a channel's name, in a sentence; nothing where it is one. */
function channelMistake(name: string): string | undefined {
  const [kind = ''] = name.split(':', 1);
  const known = Object.hasOwn(KINDS, kind) ? KINDS[kind] : undefined;
  const quoted = JSON.stringify(name);
  if (!known) return `${quoted} is no channel${didYouMean(kind, Object.keys(KINDS))}; use ${FORMS}.`;
  if (known.form.test(name)) return undefined;
  switch (kind) {
    case 'slack':
      return `${quoted} is no room of Slack; write slack:#ops with its name, slack:C0123ABC with its id, or slack for each reviewer.`;
    case 'webhook':
      return `${quoted} names no webhook; write webhook:siem for the one of PLACET_WEBHOOK_SIEM_URL, in small letters, digits and hyphens.`;
    default:
      return `${quoted} is no channel; write ${kind} alone.`;
  }
}

/** Channels as a rule names them: one or a list, each once. */
export function channels(name: string) {
  const channel = z
    .string(said(name, `channels such as [email, slack:#ops]`))
    .refine((value) => channelMistake(value) === undefined, {
      error: (issue) => channelMistake(String(issue.input)),
    });
  return z
    .preprocess(listOf, z.array(channel).min(1, `${name} must name at least one channel: ${FORMS}.`))
    .transform((names) => [...new Set(names)]);
}

/**
 * Channels that are named and not set up here: what is sent there fails, and the others go on.
 *
 * @param setUp as a rule names them, rooms left out; nothing where that is not known
 */
export function missingChannels(
  source: Source,
  path: Path,
  names: readonly string[],
  setUp: readonly string[] | undefined,
): readonly Problem[] {
  if (setUp === undefined) return [];
  return names.flatMap((name, i) => {
    const [kind = ''] = name.split(':', 1);
    if (setUp.includes(kind === 'webhook' ? name : kind)) return [];
    const hint =
      kind === 'webhook'
        ? didYouMean(
            name,
            setUp.filter((each) => each !== 'email'),
          )
        : '';
    const setting = settingOf(name, kind);
    return source.problem(
      [...path, i],
      `${name} is not set up here, so nothing is sent there${hint}: set ${setting} in .env.`,
    );
  });
}

function settingOf(name: string, kind: string): string {
  const setting = KINDS[kind]?.setting ?? '';
  return setting.replaceAll(
    'NAME',
    name
      .slice(kind.length + 1)
      .toUpperCase()
      .replaceAll('-', '_'),
  );
}
