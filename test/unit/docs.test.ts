import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import type { Command } from 'commander';
import { commands } from '../../cli/commands.ts';
import { pages, snippetsOf, withoutSnippets } from '../support/snippets.ts';

const decisions = globSync('docs/decisions/[0-9]*.md').toSorted();

/** What stands between single backquotes outside of fenced blocks. */
function spans(page: string): string[] {
  return [...withoutSnippets(page).matchAll(/`([^`\n]+)`/g)].map(([, code = '']) => code);
}

/** The anchors of a page's headings, as GitHub makes them. */
function anchors(page: string): string[] {
  return [...withoutSnippets(page).matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );
}

describe.each(pages)('%s', (page) => {
  test('its links lead somewhere', () => {
    const links = [...withoutSnippets(page).matchAll(/\]\(([^)\s]+)\)/g)].map(([, link = '']) => link);
    const broken = links.filter((link) => {
      if (/^(https?|mailto):/.test(link)) return false;
      const [path = '', anchor] = link.split('#');
      const target = path === '' ? page : join(dirname(page), path);
      if (!existsSync(target)) return true;
      return anchor !== undefined && !anchors(target).includes(anchor);
    });
    expect(broken).toEqual([]);
  });

  test('the files that it names exist', () => {
    const named = spans(page).filter((code) =>
      /^(functions|shared|cli|demo|test|tools|events|docs)\/[\w./#-]+$/.test(code),
    );
    expect(named.filter((path) => !path.includes('/dist') && !existsSync(path))).toEqual([]);
  });

  test('the lakewarden commands in its sentences exist, with their options', () => {
    const named = spans(page)
      .map((span) => span.replace(/^(npx|kn) /, ''))
      .filter((span) => /^lakewarden [a-z]/.test(span));
    expect(named.flatMap((line) => findFault(line) ?? [])).toEqual([]);
  });
});

/** What is wrong with a command line, by the definitions of the commands. */
function findFault(line: string): string | undefined {
  const [, ...words] = line.split(' ');
  let command: Command | undefined;
  let known: readonly Command[] = commands();
  for (const word of words) {
    if (word.startsWith('--')) {
      const isKnown = word === '--help' || command?.options.some((option) => option.long === word.split('=')[0]);
      if (isKnown !== true) return `${line}: no option ${word}`;
      // What follows may be its values.
      known = [];
    } else if (known.length > 0) {
      command = known.find((candidate) => candidate.name() === word);
      if (command === undefined) return `${line}: no command ${word}`;
      known = command.commands;
    }
  }
  return undefined;
}

/** The languages of snippets, and what holds them to their word. */
const languages: Readonly<Record<string, string>> = {
  '': 'output behind its command, which test/e2e/guides.test.ts runs; docs/demo.md is what make demo wrote, which checks its figures',
  mermaid: 'pictures',
  promql: 'test/unit/manifests/monitoring.test.ts',
  sh: 'test/unit/docs/shell.test.ts reads them; who runs them: test/support/command-holders.ts',
  ts: 'test/unit/docs/typescript.test.ts',
  yaml: 'test/unit/docs/settings.test.ts',
};

describe('every snippet', () => {
  test('is in a language that a test reads', () => {
    const used = new Set(pages.flatMap(snippetsOf).map(({ language }) => language));
    expect([...used].toSorted()).toEqual(Object.keys(languages).toSorted());
  });
});

describe('the decisions', () => {
  const index = readFileSync('docs/decisions/README.md', 'utf8');

  test.each(decisions)('%s has its headings, fits on a page, and is in the index under its title', (page) => {
    const text = readFileSync(page, 'utf8');
    const lines = text.trimEnd().split('\n');
    expect([...text.matchAll(/^## (.+)$/gm)].map(([, heading]) => heading)).toEqual([
      'Context',
      'Decision',
      'Why',
      'Consequences',
      'What would change our mind',
    ]);
    expect(lines.length).toBeLessThanOrEqual(60);
    const [, number, title] = /^# (\d{3}) (.+)$/.exec(lines[0] ?? '') ?? [];
    expect(page).toContain(`/${number}-`);
    expect(index).toContain(`| [${number}](${page.split('/').at(-1)}) | ${title} |`);
  });
});
