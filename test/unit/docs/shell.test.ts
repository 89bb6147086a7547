import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import type { Command } from 'commander';
import { commands } from '../../../cli/commands.ts';
import { findFault } from '../../support/kubectl-words.ts';
import { repository } from '../../support/manifests.ts';
import { readShell, type ShellCommand } from '../../support/shell-words.ts';
import { nameOf, pages, snippetsIn } from '../../support/snippets.ts';
import { commandsOf as writtenOn } from '../../support/written-commands.ts';

const snippets = snippetsIn('sh');

/** The commands of a page, in its snippets for a shell and behind prompts. */
function commandsOf(page: string): ShellCommand[] {
  const written = writtenOn(page).filter(({ isSpoken }) => !isSpoken);
  return written.flatMap(({ line }) => readShell(line)).map(plain);
}

/** The command that npx runs, in place of npx; variables of a shell stand before the program. */
function plain(command: ShellCommand): ShellCommand {
  const [program = '', ...args] = command.args;
  return command.program === 'npx' || (command.program === 'kn' && program === 'lakewarden')
    ? { ...command, program, args }
    : command;
}

/** Commands of ours that act on nothing, and throw what a terminal would show. */
function silentCommand(name: string): Command | undefined {
  const command = commands().find((one) => one.name() === name);
  const silence = (one: Command): void => {
    one
      .exitOverride()
      .configureOutput({ writeOut: () => undefined, writeErr: () => undefined })
      .action(() => undefined);
    for (const child of one.commands) silence(child);
  };
  if (command !== undefined) silence(command);
  return command;
}

/** What is wrong with the words behind `lakewarden`, by the command's own definition: names, options, values, arguments. */
async function faultOfLakewarden(args: readonly string[]): Promise<string | undefined> {
  const [name = '', ...words] = args;
  if (name === '--help') return undefined;
  const command = silentCommand(name);
  if (command === undefined) return `no command ${name}`;
  try {
    await command.parseAsync(words, { from: 'user' });
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

const makefile = readFileSync(join(repository, 'Makefile'), 'utf8');
const targets = [...makefile.matchAll(/^([a-z-]+):/gm)].map(([, target = '']) => target);

/** Where the values of make's variables are found: results of benchmarks, overlays, tests. */
const valuesOfMake: Readonly<Record<string, (value: string) => boolean>> = {
  B: (value) =>
    value.split(' ').every((name) => ['name', 'page', 'all'].includes(name) || isThere(`bench/results/${name}.json`)),
  O: (value) => isThere(`manifests/overlays/${value}`),
  T: (value) => isThere(value),
};

/** What is wrong with the words behind `make`: a target that is not there, a variable that nothing reads, a value without a file. */
function faultOfMake(args: readonly string[]): string | undefined {
  const unknown = args.find((word) => {
    const [name = '', value] = word.split('=');
    if (value === undefined) return !targets.includes(name);
    return !makefile.includes(name) || valuesOfMake[name]?.(value) === false;
  });
  return unknown === undefined ? undefined : `make knows nothing of ${unknown}`;
}

async function faultOf({ program, args }: ShellCommand): Promise<string | undefined> {
  if (program === 'lakewarden') return await faultOfLakewarden(args);
  if (program === 'make') return faultOfMake(args);
  if (program === 'kubectl') return findFault(args);
  // Who runs the others: test/unit/docs/commands.test.ts.
  return undefined;
}

test.each(snippets.map((one) => [nameOf(one), one.code]))('a shell understands %s', (_, code) => {
  expect(() => execFileSync('sh', ['-n'], { input: code, stdio: ['pipe', 'ignore', 'pipe'] })).not.toThrow();
});

describe.each(pages.filter((page) => commandsOf(page).length > 0))('the commands of %s', (page) => {
  test('exist, with their options, arguments, targets, files and objects', async () => {
    const faults = await Promise.all(
      commandsOf(page).map(async (command) => {
        const fault = await faultOf(command);
        return fault === undefined ? [] : [`${command.program} ${command.args.join(' ')}: ${fault}`];
      }),
    );
    expect(faults.flat()).toEqual([]);
  });

  test('name folders and files of ours that are there, or that are made: dist by make package, my-lake by the reader', () => {
    const paths = commandsOf(page)
      .flatMap(({ args }) => args)
      .filter((word) => /^(functions|manifests|events|test|docs|cli|shared|bench)\/[\w./-]+$/.test(word));
    expect(paths.filter((path) => !/\/(dist|my-lake)\b/.test(path) && !isThere(path))).toEqual([]);
  });
});

/** A folder or a file of ours; a test also by the beginning of its name. */
function isThere(path: string): boolean {
  return existsSync(join(repository, path)) || existsSync(join(repository, `${path}.test.ts`));
}

describe('the commands in sentences', () => {
  const spans = pages.flatMap((page) =>
    writtenOn(page)
      .filter(({ isSpoken, line }) => isSpoken && /^(?:kubectl|make) /.test(line))
      .map(({ line }) => `${page}: ${line}`),
  );

  test.each([...new Set(spans)])('%s', async (span) => {
    const faults = await Promise.all(readShell(span.slice(span.indexOf(': ') + 2)).map(faultOf));
    expect(faults.filter((fault) => fault !== undefined)).toEqual([]);
  });
});

test.each([
  'make demoo',
  'make bench X=1',
  'make bench B=nothing',
  'make manifests O=nothing',
  'make lake-tests T=test/contract/nothing',
  'npx lakewarden sync plans',
  'lakewarden sync plan --ful',
  'lakewarden replay plan',
  'lakewarden scan --format pdf',
  'kubectl apply -f manifests/gitops/none.yaml',
  'kubectl -n lakewarden get pingsources somebody',
  'kubectl -n lakewarden get sinks',
  'kubectl -n lakewarden logs -l app.kubernetes.io/name=metastore-sink',
  'kubectl -n lakewarden wait broker/none --for=condition=Ready',
  'kubectl create configmap somebody --from-file=a',
])('%s would be found', async (line) => {
  const [command] = readShell(line);
  expect(await faultOf(plain(command as ShellCommand))).toEqual(expect.any(String));
});
