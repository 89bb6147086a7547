import { build, type Plugin } from 'esbuild';
import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { bytesOf, leaveOut, refuseNeeds, root } from './bundle.ts';
import type { Component } from './components.ts';
import { describeAsNpm, writePapers } from './papers.ts';

/** A packaged command line. */
interface PackagedCli {
  /** The folder to hand to `npm pack` or `npm install --global`. */
  readonly folder: string;
  /** Bytes of its code. */
  readonly bytes: number;
  /** The packages of others whose code is in it. */
  readonly components: readonly Component[];
}

/**
 * Bundles `lakewarden` and `kn-lakewarden` as JavaScript, since Node does not strip types of what npm has installed. What a
 * command imports on demand is read when that command is run.
 */
export async function packageCli(target: string): Promise<PackagedCli> {
  rmSync(target, { recursive: true, force: true });
  mkdirSync(target, { recursive: true });
  const { metafile } = await build({
    absWorkingDir: root,
    metafile: true,
    bundle: true,
    platform: 'node',
    target: 'node22',
    format: 'esm',
    splitting: true,
    keepNames: true,
    entryPoints: ['cli/lakewarden.ts', 'cli/kn-lakewarden.ts'],
    outdir: resolve(target),
    entryNames: '[name]',
    chunkNames: 'parts/[name]-[hash]',
    outExtension: { '.js': '.mjs' },
    // Packages in CommonJS ask for Node's own modules at run time, and for the place where they lie.
    banner: { js: commonJs },
    alias: { '@platformatic/wasm-utils': '@platformatic/wasm-utils/bundled' },
    plugins: [leaveOut, withoutLake],
    logLevel: 'warning',
  });
  refuseNeeds([metafile], (path) => path in metafile.outputs);
  const bin = { lakewarden: 'lakewarden.mjs', 'kn-lakewarden': 'kn-lakewarden.mjs' };
  describeAsNpm(target, 'lakewarden', { bin, engines: { node: '>=22' } });
  copyFileSync(join(root, 'cli/README.md'), join(target, 'README.md'));
  return {
    folder: target,
    bytes: bytesOf([metafile]),
    components: writePapers(target, 'lakewarden', [metafile]),
  };
}

/** Packs a folder as `npm install` takes it, into another folder. */
export function packTarball(folder: string, into: string): string {
  const args = ['pack', '--json', '--ignore-scripts', '--loglevel=error', '--pack-destination', resolve(into)];
  const packed = execFileSync('npm', args, { cwd: folder, encoding: 'utf8' });
  const [{ filename }] = JSON.parse(packed) as [{ filename: string }];
  return join(into, filename);
}

const commonJs = `
import { createRequire as createRequireOfBundle } from 'node:module';
import { fileURLToPath as pathOfBundle } from 'node:url';
var require = createRequireOfBundle(import.meta.url), __filename = pathOfBundle(import.meta.url), __dirname = pathOfBundle(new URL('.', import.meta.url));
`;

/** The lake in a box is files of the repository; the command says so. */
const withoutLake: Plugin = {
  name: 'without-lake',
  setup(bundler) {
    bundler.onResolve({ filter: /^\.\/lake\.ts$/ }, () => ({ path: join(root, 'cli/no-lake.ts') }));
  },
};
