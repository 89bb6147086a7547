import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { LakewardenError } from '#shared/errors/error.ts';
import { superuser } from './addresses.ts';
import { identifyProcess, type ProcessIdentity } from './process.ts';

/** A program to run in the folder of a lake. */
export interface Command {
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** The user (and group) to run it as, where this process may choose. */
  readonly uid?: number | undefined;
}

/** A process that stays. */
export interface Service extends Command {
  readonly name: string;
  /** The signal that ends it in good order; SIGTERM unless said. */
  readonly stopSignal?: NodeJS.Signals;
  /** True once it works. May throw meanwhile. */
  readonly isReady: () => Promise<boolean>;
  /** Seconds that it may take to become ready. */
  readonly deadline: number;
}

/** A process that was started. */
export interface Launched extends ProcessIdentity {
  readonly stopSignal: NodeJS.Signals;
  /** When it was started, in ISO 8601. */
  readonly since: string;
}

const tailLines = 15;

/** The last lines of a log of this lake. */
function readLogTail(folder: string, name: string): string {
  const lines = readFileSync(join(folder, 'logs', `${name}.log`), 'utf8')
    .trimEnd()
    .split('\n');
  return lines.slice(-tailLines).join('\n');
}

function failure(folder: string, name: string, what: string): LakewardenError {
  const log = join(folder, 'logs', `${name}.log`);
  const message = `${name} ${what}; the end of ${log}:\n${readLogTail(folder, name)}`;
  return new LakewardenError('lake.failed', message, { details: { process: name, log } });
}

/** Starts a program in a session of its own, so that a Ctrl-C in the terminal reaches only its supervisor. */
function spawnLogged(folder: string, name: string, program: Command): ChildProcess {
  for (const inner of ['logs', 'tmp']) mkdirSync(join(folder, inner), { recursive: true });
  const log = openSync(join(folder, 'logs', `${name}.log`), 'w');
  try {
    return spawn(program.command, program.args, {
      cwd: join(folder, 'tmp'),
      detached: true,
      stdio: ['ignore', log, log],
      // Nothing else of the caller's environment: HADOOP_…, JAVA_TOOL_OPTIONS and the like would change the lake.
      env: {
        PATH: process.env['PATH'],
        HOME: process.env['HOME'],
        LC_ALL: 'C.UTF-8',
        TZ: 'UTC',
        HADOOP_USER_NAME: superuser,
        ...program.env,
      },
      ...(program.uid === undefined ? {} : { uid: program.uid, gid: program.uid }),
    });
  } finally {
    closeSync(log);
  }
}

interface Exit {
  /** Set once the process has ended or could not be started. */
  reason?: string;
}

function watchExit(child: ChildProcess, command: string): Exit {
  const exit: Exit = {};
  child.on('exit', (code, signal) => {
    exit.reason = signal === null ? `ended with exit code ${code}` : `was ended by ${signal}`;
  });
  child.on('error', (error) => {
    exit.reason = `could not be started (${command}: ${error.message})`;
  });
  return exit;
}

/** Runs a tool of the machine in `cwd`, `deadline` seconds at most, and answers what it prints. Throws `lake.failed`. */
export async function runTool(
  command: string,
  args: readonly string[],
  cwd: string,
  signal: AbortSignal,
  deadline = 180,
): Promise<string> {
  try {
    const limits = { maxBuffer: 16 * 1024 * 1024, timeout: deadline * 1000 };
    return (await promisify(execFile)(command, args, { cwd, signal, ...limits })).stdout;
  } catch (error) {
    signal.throwIfAborted();
    const hint = 'tools/prerequisites.sh tells what the machine must bring';
    const reason = error instanceof Error ? error.message.trim() : String(error);
    throw new LakewardenError('lake.failed', `${command} failed: ${reason} (${hint})`, { cause: error });
  }
}

/** Runs a program to its end. Throws `lake.failed` with the end of its log when it fails or takes longer than `deadline` seconds. */
export async function runStep(
  folder: string,
  name: string,
  program: Command,
  signal: AbortSignal,
  deadline = 180,
): Promise<void> {
  const child = spawnLogged(folder, name, program);
  const exit = watchExit(child, program.command);
  const limit = AbortSignal.any([signal, AbortSignal.timeout(deadline * 1000)]);
  while (exit.reason === undefined) {
    if (limit.aborted) child.kill('SIGKILL');
    await sleep(10);
  }
  signal.throwIfAborted();
  if (child.exitCode !== 0) throw failure(folder, name, exit.reason);
}

/**
 * Starts a service and waits until it works. `onStart` gets its record at once, so that whatever happens then, it can be
 * found and stopped. Throws `lake.failed` with the end of its log when it ends before or is not ready in time.
 */
export async function startService(
  folder: string,
  service: Service,
  onStart: (launched: Launched) => void,
  signal: AbortSignal,
): Promise<void> {
  signal.throwIfAborted();
  const started = Date.now();
  const child = spawnLogged(folder, service.name, service);
  const exit = watchExit(child, service.command);
  const identity = child.pid === undefined ? undefined : identifyProcess(child.pid);
  if (identity !== undefined) {
    const { stopSignal = 'SIGTERM' } = service;
    onStart({ ...identity, stopSignal, since: new Date(started).toISOString() });
  }
  child.unref();
  let lastAnswer = 'a wrong answer';
  const note = (error: unknown): boolean => {
    lastAnswer = String(error);
    return false;
  };
  while (!(await service.isReady().catch(note))) {
    signal.throwIfAborted();
    if (exit.reason !== undefined) throw failure(folder, service.name, exit.reason);
    if (Date.now() - started > service.deadline * 1000) {
      throw failure(folder, service.name, `was not ready within ${service.deadline} s (${lastAnswer})`);
    }
    await sleep(50, undefined, { signal });
  }
}
