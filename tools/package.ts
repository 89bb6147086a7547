import { copyFileSync, existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { bundle, bytesOf, root } from './bundle.ts';
import type { Component } from './components.ts';
import { packageCli, packTarball } from './package-cli.ts';
import { describeAsNpm, writePapers } from './papers.ts';

/** A packaged function. */
interface Package {
  /** The folder to hand to `func deploy --path`. */
  readonly folder: string;
  /** Bytes of its code. */
  readonly bytes: number;
  /** The packages of others whose code is in it. */
  readonly components: readonly Component[];
}

/**
 * Bundles the function in a folder, and Knative's runtime with it, into `<target>/index.cjs` (what is imported on demand into
 * files beside it), and adds what func and an image build read, licences and a bill of materials: a folder that needs nothing
 * else, or an error. The file is a function module for faas-js-runtime, and starts the runtime by itself when it is run.
 */
export async function packageFunction(source: string, target = join(source, 'dist')): Promise<Package> {
  const name = basename(resolve(source));
  rmSync(target, { recursive: true, force: true });
  mkdirSync(target, { recursive: true });
  const contents = `
    import * as lifecycle from './index.ts';
    import { serve } from '#shared/host/serve.ts';
    export * from './index.ts';
    if (require.main === module) serve(lifecycle);`;
  const entry = { stdin: { contents, resolveDir: resolve(source), sourcefile: 'main.js' } };
  const made = await bundle(resolve(target), 'index.cjs', entry);
  // Without exec the signals that npm passes on end at the shell, and nothing is drained.
  describeAsNpm(target, name, {
    private: true,
    main: 'index.cjs',
    scripts: { start: 'exec node index.cjs' },
    engines: { node: '^22 || ^24' },
  });
  copyFileSync(join(source, 'func.yaml'), join(target, 'func.yaml'));
  for (const file of imageFiles) copyFileSync(join(import.meta.dirname, 'image', file), join(target, file));
  writeFileSync(join(target, '.funcignore'), ['node_modules', 'openwhisk.js', ...imageFiles, ''].join('\n'));
  return { folder: target, bytes: bytesOf(made), components: writePapers(target, name, made) };
}

/** What builds an image of a package where no buildpack does. */
const imageFiles = ['Containerfile', 'compile.cjs'];

/** Names of the functions in functions/. */
export function functionNames(): string[] {
  const folder = join(root, 'functions');
  return readdirSync(folder).filter((name) => existsSync(join(folder, name, 'func.yaml')));
}

function mebibytes(bytes: number): string {
  return `${(bytes / 1_048_576).toFixed(2)} MiB`;
}

if (import.meta.main) {
  for (const name of functionNames()) {
    const { folder, bytes } = await packageFunction(join(root, 'functions', name));
    console.log(`${name}  ${mebibytes(bytes)}  func deploy --path ${folder.slice(root.length + 1)}`);
  }
  const { folder, bytes } = await packageCli(join(root, 'build/lakewarden'));
  const tarball = packTarball(folder, join(root, 'build'));
  console.log(`lakewarden  ${mebibytes(bytes)}  npm install --global ./${tarball.slice(root.length + 1)}`);
}
