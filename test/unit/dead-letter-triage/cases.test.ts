import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';

const rows = readFileSync('docs/dead-letter-cases.md', 'utf8')
  .split('\n')
  .flatMap((line) => {
    const [, number, title, held = ''] = /^\| (K?\d+[a-z]?) \| (.+?) \| (.+) \|$/.exec(line) ?? [];
    return number === undefined ? [] : [{ name: `${number} ${title}`, held }];
  });

/** The tests that a cell names: files with parts of titles. */
function testsOf(held: string): [file: string, title: string][] {
  return held.split('<br>').flatMap((part) => {
    const [, file = '', titles = ''] = /^`(test\/[\w./-]+)`: (.+)$/.exec(part) ?? [];
    return [...titles.matchAll(/\*([^*]+)\*/g)].map(([, title = '']): [string, string] => [file, title]);
  });
}

describe('each known case of dead letters has a test', () => {
  test.each(rows)('$name', ({ held }) => {
    const tests = testsOf(held);
    expect(tests).not.toEqual([]);
    expect(tests.filter(([file, title]) => !readFileSync(file, 'utf8').includes(title))).toEqual([]);
  });

  test.each([
    ['letters', /^(\d+)/, 26],
    ['the client', /^K(\d+)/, 14],
  ])('and none of %s is left out', (_, kind, last) => {
    const numbers = rows.flatMap(({ name }) => kind.exec(name)?.[1] ?? []).map(Number);
    expect([...new Set(numbers)]).toEqual(Array.from({ length: last }, (_unused, index) => index + 1));
  });
});
