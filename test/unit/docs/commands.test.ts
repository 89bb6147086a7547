import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { beyond, commandsFor, elsewhere, excuseOf, runnerOf, runners } from '../../support/command-holders.ts';
import { repository } from '../../support/manifests.ts';
import { allCommands } from '../../support/written-commands.ts';

const commands = allCommands();
const read = (path: string): string => readFileSync(join(repository, path), 'utf8');

test('every command of every page is run by a test, or nothing here can run it', () => {
  const unheld = commands.filter((one) => runnerOf(one) === undefined && excuseOf(one) === undefined);
  expect(unheld.map(({ page, line }) => `${page}: ${line}`)).toEqual([]);
});

describe('the tests that run commands', () => {
  test.each(Object.keys(runners))('%s asks for its own', (name) => {
    expect([name, read(name).includes(`commandsFor('${name}')`)]).toEqual([name, true]);
    expect(commandsFor(name).length).toBeGreaterThan(0);
  });

  test.each(Object.entries(elsewhere))('%s stands in its own test, and on a page', (line, { test: path, words }) => {
    expect(existsSync(join(repository, path))).toBe(true);
    expect([words, read(path).includes(words)]).toEqual([words, true]);
    expect(commands.map((one) => one.line)).toContain(line);
  });
});

test('nothing is excused that no page has', () => {
  const excused = Object.entries(beyond).filter(
    ([beginning, why]) => !commands.some((one) => excuseOf(one) === why && one.line.startsWith(beginning)),
  );
  expect(excused).toEqual([]);
});
