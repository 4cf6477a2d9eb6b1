import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type Files, PEOPLE, problemsOf, RULES } from '../support/policy-folder.ts';

/** What is told of people.yaml and rules.yaml as they are in the support code, but for these files. */
function mistake(title: string, files: Files, expected: readonly string[]): void {
  test(`reports ${title}`, async () => {
    assert.equal(await problemsOf({ 'people.yaml': PEOPLE, 'rules.yaml': RULES, ...files }), expected);
  });
}

/** The same in a workspace that can verify decisions in every way. */
function mistakeOfAny(title: string, files: Files, expected: readonly string[]): void {
  test(`reports ${title}`, async () => {
    const all = { 'people.yaml': PEOPLE, 'rules.yaml': RULES, ...files };
    assert.equal(await problemsOf(all, ['link', 'sso', 'passkey']), expected);
  });
}

function people(from: string, to: string): Files {
  return { 'people.yaml': PEOPLE.replace(from, to) };
}

function rules(from: string, to: string): Files {
  return { 'rules.yaml': RULES.replace(from, to) };
}

mistake('a flow list that is not closed', rules('review:\n', 'review: [\n'), [
  'policies/rules.yaml:3:1: This is not valid YAML: Flow sequence in block collection must be sufficiently indented and end with a ].',
]);

mistake('an item that is indented wrongly', { 'people.yaml': 'people:\n  - id: alice\n   name: x\n' }, [
  'policies/people.yaml:3:1: This is not valid YAML: Sequence item without - indicator.',
]);

mistake('a tab for indentation', { 'rules.yaml': 'rules:\n\t- id: x\n' }, [
  'policies/rules.yaml:2:1: This is not valid YAML: Tabs are not allowed as indentation.',
]);

mistake('two documents in one file', { 'rules.yaml': RULES + '---\na: 1\n' }, [
  'policies/rules.yaml:7:1: A policy file holds one YAML document; remove the --- that begins another.',
]);

mistake('an unknown tag', rules('"read_*"', '!glob "read_*"'), [
  'policies/rules.yaml:5:20: Tags that begin with ! have no meaning here; remove it (Unresolved tag: !glob).',
]);

mistake('an alias without an anchor', { 'rules.yaml': 'rules: *x\n' }, [
  'policies/rules.yaml:1:1: This cannot be read as YAML: Unresolved alias (the anchor must be set before the alias): x.',
]);

mistake(
  'aliases that multiply',
  {
    'rules.yaml':
      'a: &a [x,x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b,*b]\nd: [*c,*c,*c,*c]\n',
  },
  [
    'policies/rules.yaml:1:1: This cannot be read as YAML: Excessive alias count indicates a resource exhaustion attack.',
  ],
);

for (const name of ['operator', 'placet']) {
  test(`reports a person who calls themselves ${name}`, async () => {
    const [first] = await problemsOf({
      'people.yaml': `people:\n  - id: ${name}\n    name: Eve\n    emails: [eve@example.com]\n`,
      'rules.yaml': 'unmatched: deny\n',
    });
    assert.is(
      first,
      "policies/people.yaml:2:9: operator and placet are names of Placet's own in the journal; give this person another id.",
    );
  });
}

mistake('a key that stands twice', rules('    verdict: allow', '    verdict: allow\n    verdict: deny'), [
  'policies/rules.yaml:7:5: This key stands here a second time; keep one of the two.',
]);

mistake(
  'a key that is not known, with the one that was meant',
  rules('match: {', 'when: "true"\n    mach: {'),
  [
    'policies/rules.yaml:4:5: match is missing; it must be a mapping with the keys server, tool, tags, agent, owner.',
    'policies/rules.yaml:6:5: "mach" is not a key that this can have (did you mean match?).',
  ],
);

mistake('a key that is not known, with those that are', { 'rules.yaml': RULES + 'colour: red\n' }, [
  'policies/rules.yaml:7:1: "colour" is not a key that this can have (known here: unmatched, review, rules).',
]);

mistake('an unknown key of match', rules('tool:', 'tols:'), [
  'policies/rules.yaml:5:14: "tols" is not a key that this can have (did you mean tool?).',
]);

mistake('a glob that is not text', rules('"read_*"', '5'), [
  'policies/rules.yaml:5:20: tool must be a glob such as "read_*", or a list of them.',
]);

mistake('an empty list of globs', rules('"read_*"', '[]'), [
  'policies/rules.yaml:5:20: tool must name at least one glob; leave the key out to match everything.',
]);

mistake('rules that are no list', rules('rules:\n', 'rules: 5\nx:\n'), [
  'policies/rules.yaml:3:8: rules must be a list of rules with id, match and verdict.',
  'policies/rules.yaml:4:1: "x" is not a key that this can have (known here: unmatched, review, rules).',
]);

mistake('a rule that is no mapping', { 'rules.yaml': RULES + '  - hello\n' }, [
  'policies/rules.yaml:7:5: A rule must be a mapping with the keys id, match, when, verdict, on_change, durability, secret, message, review.',
]);

mistake('a rule without match', rules('    match: { tool: "read_*" }\n', ''), [
  'policies/rules.yaml:4:5: match is missing; it must be a mapping with the keys server, tool, tags, agent, owner.',
]);

mistake('an empty match', rules('match: { tool: "read_*" }', 'match:'), [
  'policies/rules.yaml:5:5: match is missing; it must be a mapping with the keys server, tool, tags, agent, owner.',
]);

mistake('a match that is text', rules('match: { tool: "read_*" }', 'match: files'), [
  'policies/rules.yaml:5:12: match must be a mapping with the keys server, tool, tags, agent, owner.',
]);

mistake('an unknown verdict', rules('verdict: allow', 'verdict: maybe'), [
  'policies/rules.yaml:6:14: verdict must be allow, review or deny.',
]);

mistake('a missing verdict', rules('    verdict: allow\n', ''), [
  'policies/rules.yaml:4:5: verdict is missing; it must be allow, review or deny.',
]);

mistake('an unknown unmatched', { 'rules.yaml': RULES + 'unmatched: ask\n' }, [
  'policies/rules.yaml:7:12: unmatched must be allow, review or deny.',
]);

mistake('an unknown person among the reviewers', rules('[group:ops]', '[alcie]'), [
  'policies/rules.yaml:2:15: people.yaml has no person alcie (did you mean alice?); add the person or correct the id.',
]);

mistake('an unknown group among the reviewers', rules('[group:ops]', '[group:opps]'), [
  'policies/rules.yaml:2:15: people.yaml has no group opps (did you mean ops?); add the group or correct the name.',
]);

mistake('a group that is named without group:', rules('[group:ops]', '[ops]'), [
  'policies/rules.yaml:2:15: ops is a group; write group:ops.',
]);

mistake('an unknown person in a group', people('ops: [alice, bob]', 'ops: [alice, bop]'), [
  'policies/people.yaml:12:16: people has no bop (did you mean bob?); add the person or correct the id.',
]);

mistake('an empty group', people('ops: [alice, bob]', 'ops:'), [
  'policies/people.yaml:12:3: A group is missing; it must be a list of ids of people such as [alice, bob].',
]);

mistake('a name that no group may have', people('  ops:', '  "o p s": [alice]\n  ops:'), [
  'policies/people.yaml:12:3: The name of a group may hold only letters, digits and . _ @ -, begins with a letter or digit, and has at most 64 characters.',
]);

mistake('an unknown owner of an agent', people('owner: bob', 'owner: bobb'), [
  'policies/people.yaml:15:12: people has no bobb (did you mean bob?); add the person or correct the id.',
]);

mistake('two people with one id', people('id: carol', 'id: bob'), [
  'policies/people.yaml:8:9: The id bob stands a second time in people; give each its own.',
]);

mistake('two agents with one id', { 'people.yaml': PEOPLE + '  - id: claude\n    owner: alice\n' }, [
  'policies/people.yaml:16:9: The id claude stands a second time in agents; give each its own.',
]);

mistake(
  'two rules with one id',
  { 'rules.yaml': RULES + '  - id: reads\n    match: {}\n    verdict: deny\n' },
  [
    'policies/rules.yaml:7:9: The id reads is already that of a rule in policies/rules.yaml; give each rule its own.',
  ],
);

mistake(
  'two rules with one id in two files',
  { 'a.yaml': 'rules:\n  - id: reads\n    match: {}\n    verdict: deny\n' },
  [
    'policies/rules.yaml:4:9: The id reads is already that of a rule in policies/a.yaml; give each rule its own.',
  ],
);

mistake("an id that is Placet's own", rules('id: reads', 'id: sensitive'), [
  "policies/rules.yaml:4:9: The id sensitive is Placet's own, for calls to sensitive tools; choose another.",
]);

mistake('one address of two people, in whatever case', people('carol@example.com', 'ALICE@example.com'), [
  'policies/people.yaml:10:14: ALICE@example.com already belongs to alice; an address reaches one person only.',
]);

mistake('a malformed address', people('carol@example.com', 'carol at example'), [
  'policies/people.yaml:10:14: "carol at example" is not a mail address such as alice@example.com (a domain of other letters is written in its xn-- form).',
]);

mistake('an address of other letters', people('carol@example.com', 'carol@exämple.com'), [
  'policies/people.yaml:10:14: "carol@exämple.com" is not a mail address such as alice@example.com (a domain of other letters is written in its xn-- form).',
]);

mistake('emails that are no list', people('[carol@example.com]', 'carol@example.com'), [
  'policies/people.yaml:10:13: emails must be a list of addresses such as [alice@example.com].',
]);

mistake('a person without an address', people('[carol@example.com]', '[]'), [
  'policies/people.yaml:10:13: emails must name at least one address, to which notices are sent.',
]);

mistake('an empty name', people('Carol Diaz', '""'), [
  'policies/people.yaml:9:11: name must be 1 to 200 characters on one line.',
]);

mistake('a missing name', people('    name: Carol Diaz\n', ''), [
  'policies/people.yaml:8:5: name is missing; it must be the name that reviewers read, such as Alice Ng.',
]);

mistake('an id with a space', people('id: carol', 'id: "carol d"'), [
  'policies/people.yaml:8:9: id may hold only letters, digits and . _ @ -, begins with a letter or digit, and has at most 64 characters.',
]);

mistake('an id that is a number', people('id: carol', 'id: 7'), [
  'policies/people.yaml:8:9: id must be text such as alice (put a number in quotes).',
]);

mistake(
  'three entries that are one human by a chain of mailboxes',
  people('groups:', '  - { id: x, name: X, emails: [alice+1@example.com, bob+1@example.com] }\ngroups:'),
  [
    'policies/people.yaml:11:5: x shares a mailbox or sign-on with alice and another with bob, so the three are one human; make them one person.',
  ],
);

mistake('people that are no mapping', { 'people.yaml': '- a\n' }, [
  'policies/people.yaml:1:1: people.yaml must be a mapping with the keys people, groups, agents, fallback, solo.',
]);

mistake('an empty people.yaml', { 'people.yaml': '' }, [
  'policies/people.yaml:1:1: people is missing; it must be a list of people with id, name and emails.',
]);

mistake(
  'a rule that asks for review although no reviewers are named anywhere',
  { 'rules.yaml': 'unmatched: deny\nrules:\n  - id: w\n    match: {}\n    verdict: review\n' },
  [
    'policies/rules.yaml:3:5: The rule w asks for review, but no reviewers are named in it or in the top-level review; name some.',
  ],
);

mistake('no reviewers for unmatched calls', { 'rules.yaml': 'rules: []\n' }, [
  'policies/rules.yaml:1:1: The top-level review names no reviewers; they decide calls that no rule names, calls to sensitive tools that a rule allows, and whether a changed tool is accepted.',
]);

mistake(
  'no reviewers for sensitive tools that a rule allows',
  { 'rules.yaml': 'unmatched: deny\nrules:\n  - id: a\n    match: {}\n    verdict: allow\n' },
  [
    'policies/rules.yaml:1:12: The top-level review names no reviewers; they decide calls that no rule names, calls to sensitive tools that a rule allows, and whether a changed tool is accepted.',
  ],
);

mistake(
  'an empty list of reviewers',
  { 'rules.yaml': RULES + '  - id: w\n    match: {}\n    verdict: review\n    review: { reviewers: [] }\n' },
  [
    'policies/rules.yaml:7:5: The rule w asks for review, but no reviewers are named in it or in the top-level review; name some.',
  ],
);

mistake('a quorum below one', rules('reviewers: [group:ops]', 'reviewers: [group:ops]\n  quorum: 0'), [
  'policies/rules.yaml:3:11: quorum must be at least 1, because nobody else would be asked.',
]);

mistake('half a person as quorum', rules('reviewers: [group:ops]', 'reviewers: [group:ops]\n  quorum: 1.5'), [
  'policies/rules.yaml:3:11: quorum must be a whole number of people, at least 1.',
]);

mistake(
  'a quorum larger than the reviewers named',
  rules('reviewers: [group:ops]', 'reviewers: [group:ops]\n  quorum: 3'),
  ['policies/rules.yaml:3:11: quorum is 3, but the reviewers are 2 people; name more of them or lower it.'],
);

mistake(
  'a quorum larger than the distinct reviewers of a rule',
  {
    'rules.yaml':
      RULES +
      '  - id: w\n    match: {}\n    verdict: review\n    review: { reviewers: [alice, alice], quorum: 2 }\n',
  },
  [
    'policies/rules.yaml:10:50: quorum is 2, but the reviewers are one person; name more of them or lower it.',
  ],
);

mistake(
  'a rule with fewer reviewers than the quorum that it inherits',
  {
    'rules.yaml':
      RULES.replace('reviewers: [group:ops]', 'reviewers: [group:ops]\n  quorum: 2') +
      '  - id: w\n    match: {}\n    verdict: review\n    review: { reviewers: [alice] }\n',
  },
  [
    'policies/rules.yaml:11:26: quorum is 2, but the reviewers are one person; name more of them or lower it.',
  ],
);

mistake(
  'single sign-on, which the workspace does not have',
  rules('reviewers: [group:ops]', 'reviewers: [group:ops]\n  verification: sso'),
  [
    'policies/rules.yaml:3:17: verification: sso is not available here: set PLACET_OIDC_ISSUER and PLACET_OIDC_CLIENT_ID, or use link.',
  ],
);

mistake(
  'passkeys, which the workspace does not have',
  {
    'rules.yaml':
      RULES + '  - id: w\n    match: {}\n    verdict: review\n    review: { verification: passkey }\n',
  },
  [
    'policies/rules.yaml:10:29: verification: passkey is not available here: set PLACET_PUBLIC_URL to an address with a host name instead of an IP address, or use link.',
  ],
);

mistake(
  'an unknown verification',
  rules('reviewers: [group:ops]', 'reviewers: [group:ops]\n  verification: sms'),
  ['policies/rules.yaml:3:17: verification must be link, sso or passkey.'],
);

mistake(
  'every wrong value of a review at once',
  rules(
    'reviewers: [group:ops]',
    'reviewers: [group:ops]\n  expires: 30\n  wait: 5x\n  timeout: 0s\n  reason: yes',
  ),
  [
    'policies/rules.yaml:3:12: expires must be a duration such as 30m (s, m, h or d), at least 1s and at most 20d.',
    'policies/rules.yaml:4:9: wait must be a duration such as 20s (s, m, h or d), at most 20d.',
    'policies/rules.yaml:5:12: timeout must be a duration such as 5m (s, m, h or d), at least 1s and at most 20d.',
    'policies/rules.yaml:6:11: reason must be optional or required.',
  ],
);

mistake(
  'a wait that is longer than clients wait',
  rules('reviewers: [group:ops]', 'reviewers: [group:ops]\n  wait: 2m'),
  ['policies/rules.yaml:3:9: wait is at most 50s, because clients give up after 60.'],
);

mistake(
  'a duration of more than 20 days',
  rules('reviewers: [group:ops]', 'reviewers: [group:ops]\n  expires: 21d'),
  [
    'policies/rules.yaml:3:12: expires must be a duration such as 30m (s, m, h or d), at least 1s and at most 20d.',
  ],
);

mistake('a condition that does not parse', { 'rules.yaml': RULES + "    when: 'args.path =='\n" }, [
  'policies/rules.yaml:7:24: The condition is not valid: Unexpected token: EOF.',
]);

mistake('a condition whose types do not fit', { 'rules.yaml': RULES + "    when: 'tool == 5'\n" }, [
  'policies/rules.yaml:7:12: The condition is not valid: no such overload: string == int.',
]);

mistake(
  'an unknown name in a condition, at its own place',
  { 'rules.yaml': RULES + '    when: \'true && argz.path == "x"\'\n' },
  ['policies/rules.yaml:7:20: The condition is not valid: Unknown variable: argz.'],
);

mistake(
  'a condition on several lines, at its beginning',
  { 'rules.yaml': RULES + '    when: |\n      args.a == 1 &&\n      foo == 2\n' },
  ['policies/rules.yaml:7:11: The condition is not valid: Unknown variable: foo.'],
);

mistake('a condition that gives no truth value', { 'rules.yaml': RULES + '    when: tool\n' }, [
  'policies/rules.yaml:7:11: The condition gives string, but it must give true or false.',
]);

mistake('a condition that is not text', { 'rules.yaml': RULES + '    when: true\n' }, [
  'policies/rules.yaml:7:11: when must be a CEL expression in quotes.',
]);

mistake(
  'a regular expression in a condition',
  { 'rules.yaml': RULES + '    when: \'args.p.matches("a+")\'\n' },
  [
    'policies/rules.yaml:7:12: matches is not available, because a hostile argument could make a regular expression hang; use glob, startsWith, endsWith or contains.',
  ],
);

mistake('a message of two lines', rules('verdict: allow', 'verdict: deny\n    message: "a\\nb"'), [
  'policies/rules.yaml:7:14: message must be 1 to 500 characters on one line.',
]);

mistake(
  'unmatched and review in two files',
  { 'a.yaml': 'unmatched: deny\nreview:\n  reviewers: [alice]\n', 'b.yaml': 'unmatched: allow\n' },
  [
    'policies/b.yaml:1:1: unmatched is already set in policies/a.yaml; keep one of the two.',
    'policies/rules.yaml:1:1: review is already set in policies/a.yaml; keep one of the two.',
  ],
);

mistake('a file that is not UTF-8', { 'a.yaml': Uint8Array.of(0xff, 0xfe, 0x41) }, [
  'policies/a.yaml:1:1: This file is not UTF-8; save it as UTF-8.',
]);

mistake(
  'mistakes in several files and places at once',
  {
    ...people('owner: bob', 'owner: bobb'),
    'a.yaml': 'unmatched: ask\n',
    ...rules('verdict: allow', 'verdict: allow\n    wen: x'),
  },
  [
    'policies/people.yaml:15:12: people has no bobb (did you mean bob?); add the person or correct the id.',
    'policies/a.yaml:1:12: unmatched must be allow, review or deny.',
    'policies/rules.yaml:7:5: "wen" is not a key that this can have (did you mean when?).',
  ],
);

mistake(
  'a person who acts for somebody unknown',
  people('name: Carol Diaz', 'name: Carol Diaz\n    acts_for: [bob, alcie]'),
  [
    'policies/people.yaml:10:21: people has no alcie (did you mean alice?); add the person or correct the id.',
  ],
);

mistake('acts_for that is no list', people('name: Carol Diaz', 'name: Carol Diaz\n    acts_for: alice'), [
  'policies/people.yaml:10:15: acts_for must be a list of ids of people such as [alice].',
]);

const ALICE_AT = 'sso: [{ issuer: https://id.example.com, subject: a1 }]';

mistake(
  'one sign-on identity of two people',
  {
    'people.yaml': PEOPLE.replace('name: Alice Ng', `name: Alice Ng\n    ${ALICE_AT}`).replace(
      'name: Carol Diaz',
      `name: Carol Diaz\n    ${ALICE_AT}`,
    ),
  },
  [
    "policies/people.yaml:11:11: The subject a1 of https://id.example.com already belongs to alice; a sign-on is one person's only.",
  ],
);

mistake(
  'sign-on identities that are none',
  people(
    'name: Carol Diaz',
    'name: Carol Diaz\n    sso: [{ issuer: login.example.com, subject: 7 }, { issuer: "https://a.example?x" }, a]',
  ),
  [
    'policies/people.yaml:10:21: issuer must be the address of the provider, such as https://login.example.com, exactly as PLACET_OIDC_ISSUER has it.',
    'policies/people.yaml:10:49: subject must be the "sub" by which the provider knows the person (put a number in quotes).',
    'policies/people.yaml:10:54: subject is missing; it must be the "sub" by which the provider knows the person (put a number in quotes).',
    'policies/people.yaml:10:64: issuer must be the address of the provider, such as https://login.example.com, exactly as PLACET_OIDC_ISSUER has it.',
    'policies/people.yaml:10:89: An identity of sso must be a mapping with the keys issuer, subject.',
  ],
);

mistake(
  'a group that the provider fills, with an unknown member',
  people('ops: [alice, bob]', 'ops: { members: [bop], sso: Operations }'),
  ['policies/people.yaml:12:20: people has no bop (did you mean bob?); add the person or correct the id.'],
);

mistake(
  'a group that is a mapping without a name at the provider',
  people('ops: [alice, bob]', 'ops: { members: [bob], soo: Operations }'),
  [
    'policies/people.yaml:12:8: sso is missing; it must be the name of the group at the identity provider.',
    'policies/people.yaml:12:26: "soo" is not a key that this can have (did you mean sso?).',
  ],
);

for (const wrong of ['0', '1001', '2.5', 'many']) {
  mistake(`max_pending ${wrong}`, people('owner: bob', `owner: bob\n    max_pending: ${wrong}`), [
    'policies/people.yaml:16:18: max_pending must be a whole number of requests from 1 to 1000.',
  ]);
}

for (const wrong of ['25h', '60', '-1s', 'never']) {
  mistake(`cool_down ${wrong}`, people('owner: bob', `owner: bob\n    cool_down: ${wrong}`), [
    'policies/people.yaml:16:16: cool_down must be a duration such as 1m (s, m, h or d), at most 1d.',
  ]);
}

for (const wrong of ['0s', '2d', '5']) {
  mistakeOfAny(
    `max_age ${wrong}`,
    rules('reviewers: [group:ops]', `reviewers: [group:ops]\n  verification: sso\n  max_age: ${wrong}`),
    [
      'policies/rules.yaml:4:12: max_age must be a duration such as 5m (s, m, h or d), at least 1s and at most 1d.',
    ],
  );
}

mistakeOfAny('solo where there are several humans', { 'people.yaml': `${PEOPLE}solo: true\n` }, [
  'policies/people.yaml:16:7: solo is for a workspace with one human, but people names alice and bob; remove solo, and let another person than the owner approve.',
]);

mistakeOfAny('solo that is neither true nor false', { 'people.yaml': `${PEOPLE}solo: yes\n` }, [
  'policies/people.yaml:16:7: solo must be true or false.',
]);

mistake(
  'solo where there are no passkeys',
  {
    'people.yaml': 'people:\n  - { id: bob, name: Bob, emails: [bob@example.com] }\nsolo: true\n',
    'rules.yaml': 'review: { reviewers: [bob] }\n',
  },
  [
    'policies/people.yaml:3:7: solo needs passkeys, which are not available here: set PLACET_PUBLIC_URL to an address with a host name instead of an IP address, or remove solo.',
  ],
);

mistake(
  'a quorum that not even everyone who is linked to the provider could reach',
  {
    'people.yaml': PEOPLE.replace('name: Carol Diaz', `name: Carol Diaz\n    ${ALICE_AT}`).replace(
      'ops: [alice, bob]',
      'ops: { members: [alice], sso: Operations }',
    ),
    'rules.yaml': RULES.replace('reviewers: [group:ops]', 'reviewers: [group:ops]\n  quorum: 3'),
  },
  ['policies/rules.yaml:3:11: quorum is 3, but the reviewers are 2 people; name more of them or lower it.'],
);

mistake('an id that would pass for that of changed tools', rules('id: reads', 'id: changed'), [
  "policies/rules.yaml:4:9: The id changed is Placet's own, for calls to tools whose definition has changed; choose another.",
]);

mistake('an on_change that is none', { 'rules.yaml': `${RULES}    on_change: ask\n` }, [
  "policies/rules.yaml:7:16: on_change must be review, deny or allow: what becomes of a call while the tool's definition is changed.",
]);

mistake('a durability that is none', { 'rules.yaml': `${RULES}    durability: synced\n` }, [
  'policies/rules.yaml:7:17: durability must be before or behind: whether an allowed call waits until it is on the disk.',
]);

mistake('an on_change that is misspelt', { 'rules.yaml': `${RULES}    on_changes: deny\n` }, [
  'policies/rules.yaml:7:5: "on_changes" is not a key that this can have (did you mean on_change?).',
]);

mistake(
  'no reviewers for tools that are denied until somebody accepts their change',
  {
    'rules.yaml':
      'unmatched: deny\nrules:\n  - id: w\n    match: {}\n    verdict: review\n    on_change: deny\n    review: { reviewers: [alice] }\n',
  },
  [
    'policies/rules.yaml:1:12: The top-level review names no reviewers; they decide calls that no rule names, calls to sensitive tools that a rule allows, and whether a changed tool is accepted.',
  ],
);

mistake(
  'what is no path of a secret',
  rules('    verdict: allow', '    secret: [args.password, password]\n    verdict: allow'),
  [
    'policies/rules.yaml:6:29: secret must be paths such as args.password, args.headers.authorization, args.items[].token, args.env.* or result.structuredContent.key.',
  ],
);

mistake(
  'another word of who may see secrets',
  rules('  reviewers: [group:ops]', '  reviewers: [group:ops]\n  reveal: yes'),
  [
    'policies/rules.yaml:3:11: reveal must be allowed or never: whether reviewers may have secrets shown to them.',
  ],
);

test.run();
