import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { commandLine } from '../../src/cli/commands.ts';
import { KNOWN_SETTINGS } from '../../src/settings.ts';
import { rowNamesOf, sectionOf } from '../support/markdown.ts';

const ROOT = join(import.meta.dirname, '../..');
const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');

const sorted = (names: Iterable<string>): readonly string[] => [...names].sort();

test('the settings that the reference names are those that there are', () => {
  const names = rowNamesOf(read('docs/reference/settings.md')).filter((name) => name.startsWith('PLACET_'));
  // It is told below the table that this one is kept for later.
  assert.equal(sorted([...names, 'PLACET_STORE']), sorted(KNOWN_SETTINGS));
});

test('the entries that the reference names are those that can stand in the journal', () => {
  const source = `${read('src/core/entry.ts')}${read('src/core/identity-entries.ts')}`;
  const types = [...source.matchAll(/^ {2}'([a-z_]+\.[a-z_]+)':/gm)].map(([, type = '']) => type);
  assert.ok(types.includes('approval.requested'));
  assert.equal(sorted(rowNamesOf(sectionOf(read('docs/reference/journal.md'), 'Types'))), sorted(types));
});

/** The command and those below it, each with the words by which it is called. */
function below(command: Command, words: string): readonly (readonly [string, Command])[] {
  return [
    [words, command],
    ...command.commands.flatMap((each) => below(each, `${words} ${each.name()}`.trimStart())),
  ];
}

const reference = read('docs/reference/commands.md');
const program = await commandLine();

test('every command has its section in the reference, and no section is of none', () => {
  const sections = [...reference.matchAll(/^## placet (\S+)$/gm)].map(([, name = '']) => name);
  assert.equal(sorted(sections), sorted(program.commands.map((command) => command.name())));
});

for (const command of program.commands) {
  const section = sectionOf(reference, `placet ${command.name()}`);
  const all = below(command, '');

  test(`the reference names the commands and options of placet ${command.name()}`, () => {
    for (const [words, each] of all) {
      assert.match(section, words, `placet ${command.name()} ${words}`);
      for (const { long } of each.options) assert.match(section, long ?? '', `placet ${words} ${long}`);
    }
  });

  test(`the reference names no option that placet ${command.name()} has not`, () => {
    const there = new Set(all.flatMap(([, each]) => each.options.map(({ long }) => long)));
    const named = [...section.matchAll(/(?<![\w-])--[a-z][a-z-]*/g)].map(([flag]) => flag);
    assert.equal(
      named.filter((flag) => !there.has(flag)),
      [],
    );
  });
}

test('the table of commands in README names commands that there are, and all that stand at the top', () => {
  const known = new Set(below(program, '').map(([words]) => words));
  const rows = rowNamesLoose(sectionOf(read('README.md'), 'Commands'));
  const named = rows.flatMap((cell) => {
    const [first = '', ...others] = [...cell.matchAll(/`([^`]+)`/g)].map(([, words = '']) =>
      words.replace(/^placet /, '').replace(/ --.*$/, ''),
    );
    const [, stem = ''] = /^(.*) \S+$/.exec(first) ?? [];
    return [
      first,
      ...others.map((each) =>
        known.has(`${stem} ${each}`.trimStart()) ? `${stem} ${each}`.trimStart() : each,
      ),
    ];
  });
  assert.equal(
    named.filter((words) => !known.has(words)),
    [],
  );
  const tops = new Set(named.map((words) => words.split(' ')[0]));
  assert.equal(
    program.commands.map((command) => command.name()).filter((name) => !tops.has(name)),
    [],
  );
});

/** The first cells of a table's rows. */
function rowNamesLoose(text: string): readonly string[] {
  return [...text.matchAll(/^\| (`placet [^|]*)\|/gm)].map(([, cell = '']) => cell);
}

test.run();
