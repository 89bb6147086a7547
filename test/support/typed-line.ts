import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { jest } from '@jest/globals';
import type { Command } from 'commander';
import { commands } from '../../cli/commands.ts';
import { type CliRun, lakewarden } from './cli.ts';
import { readShell } from './shell-words.ts';

/** Where a line is typed. */
export interface Terminal {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
}

/** Runs a line as people type it: our program in this process, which costs a tenth of one of its own, all else by a shell. */
export async function typeLine(line: string, terminal: Terminal): Promise<CliRun> {
  const [, typed = '', target] = /^(.+?)(?: > (\S+))?$/s.exec(line) ?? [];
  if (!typed.startsWith('lakewarden ')) return await byShell(line, terminal);
  const home = terminal.env['HOME'] ?? '';
  const [name = '', ...args] = (readShell(typed)[0]?.args ?? []).map((word) => word.replace(/^~(?=\/)/, home));
  const run = name.startsWith('-') ? await lakewarden([name], terminal) : await inside(name, args, terminal);
  if (target === undefined) return run;
  writeFileSync(join(terminal.cwd, target), run.out);
  return { ...run, out: '' };
}

/** Runs a command of ours in this process; what it throws is thrown. */
async function inside(name: string, args: readonly string[], { cwd, env }: Terminal): Promise<CliRun> {
  const command = commands().find((one) => one.name() === name);
  if (command === undefined) throw new Error(`no command ${name}`);
  const written = { out: '', err: '' };
  const take = (end: 'out' | 'err') => (text: unknown) => {
    written[end] += String(text);
    return true;
  };
  const before = { cwd: process.cwd(), env: { ...process.env } };
  const spies = [
    jest.spyOn(console, 'log').mockImplementation((text: unknown) => void take('out')(`${String(text)}\n`)),
    jest.spyOn(process.stdout, 'write').mockImplementation(take('out')),
    jest.spyOn(process.stderr, 'write').mockImplementation(take('err')),
  ];
  process.chdir(cwd);
  Object.assign(process.env, env);
  process.exitCode = 0;
  try {
    throwAtExit(command);
    await command.parseAsync([...args], { from: 'user' });
    return { code: process.exitCode, ...written };
  } finally {
    process.exitCode = 0;
    for (const key of Object.keys(env)) delete process.env[key];
    Object.assign(process.env, before.env);
    process.chdir(before.cwd);
    for (const spy of spies) spy.mockRestore();
  }
}

/** Commander would end this process. */
function throwAtExit(command: Command): void {
  command.exitOverride();
  for (const child of command.commands) throwAtExit(child);
}

function byShell(line: string, { cwd, env }: Terminal): Promise<CliRun> {
  return new Promise((resolve) => {
    const options = { cwd, env: { PATH: process.env['PATH'] ?? '', ...env }, timeout: 60_000 };
    execFile('sh', ['-c', line], options, (error, out, err) => resolve({ code: Number(error?.code ?? 0), out, err }));
  });
}
