import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import type { Command } from 'commander';
import { compactCommand } from '../../cli/compact.ts';
import { lakeCommand } from '../../cli/lake.ts';
import { openwhiskCommand } from '../../cli/openwhisk.ts';
import { syncCommand } from '../../cli/sync.ts';
import { reportCommand } from '../../cli/report.ts';
import { replayCommand } from '../../cli/replay.ts';
import { scanCommand } from '../../cli/scan.ts';
import { triageCommand } from '../../cli/triage.ts';

const skipped = ['node_modules', '.git', '.lake', 'build', 'dist'];
const pages = globSync('**/*.md', { exclude: (name) => skipped.includes(name) }).toSorted();
const texts = new Map(pages.map((page) => [page, readFileSync(page, 'utf8')]));
const decisions = globSync('docs/decisions/[0-9]*.md').toSorted();

/** The lines of fenced blocks, each with the language of its block. */
function blocks(text: string): { language: string; code: string }[] {
  return [...text.matchAll(/^```(\w*)\n(.*?)^```/gms)].map(([, language = '', code = '']) => ({ language, code }));
}

/** What stands between single backquotes outside of fenced blocks. */
function spans(text: string): string[] {
  return [...withoutBlocks(text).matchAll(/`([^`\n]+)`/g)].map(([, code = '']) => code);
}

function withoutBlocks(text: string): string {
  return text.replaceAll(/^```.*?^```/gms, '');
}

/** Commands as a reader would type them: the lines of blocks and the code in sentences, without prompt and variables. */
function commands(text: string): string[] {
  const lines = [...blocks(text).flatMap(({ code }) => code.split('\n')), ...spans(text)];
  return lines.map((line) => line.replace(/^\s*(\$ )?([A-Z_]+=\S+ )*(npx )?/, '').replace(/\s+#.*$/, ''));
}

/** The anchors of a page's headings, as GitHub makes them. */
function anchors(text: string): string[] {
  return [...withoutBlocks(text).matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );
}

describe.each(pages)('%s', (page) => {
  const text = texts.get(page) ?? '';

  test('its links lead somewhere', () => {
    const links = [...withoutBlocks(text).matchAll(/\]\(([^)\s]+)\)/g)].map(([, link = '']) => link);
    const broken = links.filter((link) => {
      if (/^(https?|mailto):/.test(link)) return false;
      const [path = '', anchor] = link.split('#');
      const target = path === '' ? page : join(dirname(page), path);
      if (!existsSync(target)) return true;
      return anchor !== undefined && !anchors(readFileSync(target, 'utf8')).includes(anchor);
    });
    expect(broken).toEqual([]);
  });

  test('the files that it names exist', () => {
    const named = spans(text).filter((code) =>
      /^(functions|shared|cli|demo|test|tools|events|docs)\/[\w./#-]+$/.test(code),
    );
    expect(named.filter((path) => !path.includes('/dist') && !existsSync(path))).toEqual([]);
  });

  test('the make targets that it names exist', () => {
    const targets = [...readFileSync('Makefile', 'utf8').matchAll(/^([a-z-]+):/gm)].map(([, target]) => target);
    const named = commands(text).flatMap((line) => /^make ([a-z-]+)/.exec(line)?.[1] ?? []);
    expect(named.filter((target) => !targets.includes(target))).toEqual([]);
  });

  test('the lakewarden commands that it names exist, with their options', () => {
    const named = commands(text).filter((line) => /^lakewarden [a-z]/.test(line));
    expect(named.flatMap((line) => findFault(line) ?? [])).toEqual([]);
  });

  test('what its TypeScript imports is exported', () => {
    const missing = blocks(text)
      .filter(({ language }) => language === 'ts')
      .flatMap(({ code }) => [...code.matchAll(/^import (?:type )?\{([^}]+)\} from '#shared\/([^']+)'/gm)])
      .flatMap(([, names = '', file = '']) => {
        const source = readFileSync(join('shared', file), 'utf8');
        const wanted = names.split(',').map((name) => name.trim().replace(/^type /, ''));
        return wanted.filter((name) => !new RegExp(`^export [a-z ]*\\b${name}\\b`, 'm').test(source));
      });
    expect(missing).toEqual([]);
  });
});

/** What is wrong with a command line, by the definitions of the commands. */
function findFault(line: string): string | undefined {
  const [, ...words] = line.split(' ');
  let command: Command | undefined;
  let known: readonly Command[] = [
    lakeCommand(),
    syncCommand(),
    compactCommand(),
    triageCommand(),
    replayCommand(),
    reportCommand(),
    scanCommand(),
    openwhiskCommand(),
  ];
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
