import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  cpSync,
  globSync,
  linkSync,
  lchownSync,
  mkdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';

/** What a Containerfile makes, without a container engine: a folder that is the image's root, and how it is started there. */
export interface Image {
  readonly root: string;
  readonly env: Readonly<Record<string, string>>;
  readonly user: string;
  /** The entry point as a command of this machine, which sees nothing but the image when root runs it. */
  readonly command: readonly [string, ...string[]];
}

interface Stage {
  readonly root: string;
  readonly env: Record<string, string>;
  folder: string;
  user: string;
  entryPoint: string[];
}

/** Carries out the Containerfile in a folder, with that folder as its context. @throws Error at instructions that it does not know. */
export function buildImage(context: string, temp: string): Image {
  const stages = new Map<string, Stage>();
  let stage: Stage | undefined;
  for (const [word, rest] of readInstructions(join(context, 'Containerfile'))) {
    if (word === 'FROM') {
      const name = / AS (\w+)$/.exec(rest)?.[1] ?? 'final';
      stage = { root: join(temp, name), env: {}, folder: '/', user: '0:0', entryPoint: [] };
      stages.set(name, stage);
      layBase(stage.root);
    } else if (word !== 'ARG' && word !== 'LABEL' && word !== 'EXPOSE') {
      if (!stage) throw new Error(`${word} comes before FROM`);
      carryOut(stage, word, rest, { context, stages });
    }
  }
  if (!stage) throw new Error('the Containerfile has no FROM');
  const { root, env, user } = stage;
  return { root, user, env: moved(root, env), command: enter(stage, stage.entryPoint) };
}

function carryOut(
  stage: Stage,
  word: string,
  rest: string,
  { context, stages }: { readonly context: string; readonly stages: ReadonlyMap<string, Stage> },
): void {
  const inside = (path: string): string => join(stage.root, path.startsWith('/') ? path : join(stage.folder, path));
  if (word === 'WORKDIR') {
    stage.folder = rest;
    mkdirSync(inside('.'), { recursive: true });
  } else if (word === 'ENV') {
    const [, key = '', value = ''] = /^(\w+)=(\S+)$/.exec(rest) ?? [];
    stage.env[key] = value;
  } else if (word === 'USER') stage.user = rest;
  else if (word === 'ENTRYPOINT') stage.entryPoint = JSON.parse(rest) as string[];
  else if (word === 'RUN') {
    const [program, ...args] = enter(stage, JSON.parse(rest) as string[]);
    execFileSync(program, args, { env: { ...process.env, ...moved(stage.root, stage.env) }, stdio: 'pipe' });
  } else if (word === 'COPY') {
    const options = Object.fromEntries([...rest.matchAll(/--(\w+)=(\S+)/g)].map(([, key, value]) => [key, value]));
    const names = rest.split(' ').filter((part) => !part.startsWith('--'));
    const target = inside(names.pop() ?? '');
    const from = stages.get(options['from'] ?? '')?.root ?? context;
    for (const source of names.flatMap((name) => globSync(join(from, name)))) {
      const isFolder = statSync(source).isDirectory();
      const copy = isFolder ? target : join(target, basename(source));
      cpSync(source, copy, { recursive: true });
      // Builders differ in whom the folder itself is given to that what was copied lies in.
      const copied = isFolder ? globSync(join(copy, '**/*')) : [copy];
      for (const path of copied) give(path, options['chown'] ?? '0:0');
    }
  } else throw new Error(`no instruction ${word} is expected`);
}

const isRoot = process.getuid?.() === 0;

/** Root sees the image alone; others, who may not change root, run the same in the folder. */
function enter({ root, user, folder }: Stage, command: readonly string[]): [string, ...string[]] {
  const [program = '', ...args] = command;
  const inFolder = args.map((arg) => join(folder, arg));
  if (isRoot) return ['/usr/sbin/chroot', `--userspec=${user}`, '--groups=', root, program, ...inFolder];
  return [join(root, program), ...inFolder.map((arg) => join(root, arg))];
}

function moved(root: string, env: Readonly<Record<string, string>>): Record<string, string> {
  if (isRoot) return { ...env };
  return Object.fromEntries(Object.entries(env).map(([key, value]) => [key, value.replace(/^\//, `${root}/`)]));
}

function give(path: string, owner: string): void {
  const [user = 0, group = 0] = owner.split(':').map(Number);
  if (isRoot) lchownSync(path, user, group);
}

/** Node with the libraries that it needs, as the base image has them. */
function layBase(root: string): void {
  const node = process.execPath;
  const libraries = execFileSync('ldd', [node], { encoding: 'utf8' }).match(/\/lib\S+/g) ?? [];
  mkdirSync(join(root, 'nodejs/bin'), { recursive: true });
  chmodSync(root, 0o755);
  mkdirSync(join(root, 'tmp'));
  chmodSync(join(root, 'tmp'), 0o1777);
  // The host asks how much memory it has; engines mount /proc, here a file of that moment stands for it.
  mkdirSync(join(root, 'proc/self'), { recursive: true });
  writeFileSync(join(root, 'proc/self/stat'), readFileSync('/proc/self/stat'));
  const shared = join(dirname(root), 'node');
  try {
    copyFileSync(node, shared, 1);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  linkSync(shared, join(root, 'nodejs/bin/node'));
  for (const library of libraries) {
    mkdirSync(join(root, dirname(library)), { recursive: true });
    copyFileSync(library, join(root, library));
  }
}

function readInstructions(containerfile: string): [string, string][] {
  const lines = readFileSync(containerfile, 'utf8').split('\n');
  return lines
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => [line.split(' ', 1)[0] ?? '', line.slice(line.indexOf(' ') + 1)]);
}
