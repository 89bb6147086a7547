import { build, type BuildOptions, type Plugin } from 'esbuild';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { isBuiltin } from 'node:module';
import { basename, join } from 'node:path';

const root = join(import.meta.dirname, '..');

/** A packaged function. */
interface Package {
  /** The folder to hand to `func deploy --path`. */
  readonly folder: string;
  /** Bytes of its code. */
  readonly bytes: number;
}

/**
 * Bundles the function in a folder, and Knative's runtime with it, into `<target>/index.cjs` (what is imported on demand into
 * files beside it), and adds `func.yaml` and a package.json: a folder that needs nothing else, or an error. The file is a
 * function module for faas-js-runtime, and starts the runtime by itself when it is run.
 */
export async function packageFunction(source: string, target = join(source, 'dist')): Promise<Package> {
  const name = source.split(/[\\/]/).at(-1) ?? '';
  rmSync(target, { recursive: true, force: true });
  mkdirSync(target, { recursive: true });
  const contents = `
    import * as lifecycle from './index.ts';
    import { serve } from '#shared/host/serve.ts';
    export * from './index.ts';
    if (require.main === module) serve(lifecycle);`;
  // Whatever is imported on demand becomes a file of its own, so that a start does not read it.
  const files = new Map<string, Pick<BuildOptions, 'stdin' | 'entryPoints'>>([
    ['index.cjs', { stdin: { contents, resolveDir: source, sourcefile: 'main.js' } }],
  ]);
  let bytes = 0;
  for (const [file, entry] of files) {
    const outfile = join(target, file);
    const { metafile } = await build({
      ...common,
      ...entry,
      outfile,
      plugins: [leaveOut, setApart((path, own) => void files.set(own, { entryPoints: [path] }))],
    });
    const missing = Object.values(metafile.outputs)
      .flatMap((output) => output.imports)
      .filter(({ path }) => !isBuiltin(path) && !files.has(path.replace('./', '')) && !optional.has(path));
    if (missing.length > 0)
      throw new Error(`${name} would not stand alone: it needs ${missing.map(({ path }) => path).join(', ')}`);
    bytes += statSync(outfile).size;
  }
  writeFileSync(join(target, 'package.json'), describePackage(name));
  copyFileSync(join(source, 'func.yaml'), join(target, 'func.yaml'));
  return { folder: target, bytes };
}

/** How functions are bundled, for every platform. */
export const common = {
  metafile: true,
  bundle: true,
  platform: 'node',
  target: 'node22',
  // The runtime breaks as an ES module and is recognised by the names of its classes: so CommonJS, and never minified.
  format: 'cjs',
  keepNames: true,
  // The runtime assigns to this global without declaring it (its lib/metrics.js).
  banner: { js: 'var osu;' },
  // The Kafka client makes itself a require of its own, as ES modules must, and reads its WebAssembly from a file.
  define: { 'import.meta.url': '__filename' },
  alias: { '@platformatic/wasm-utils': '@platformatic/wasm-utils/bundled' },
  supported: { 'dynamic-import': false },
  logLevel: 'warning',
} as const satisfies BuildOptions;

/** What packages ask for within a `try`: colours of a terminal, and native parts of a client for WebSockets. */
export const optional = new Set(['supports-color', 'bufferutil', 'utf-8-validate']);

/** Takes files of ours that are imported on demand out of the bundle, each into a `.cjs` file beside it. */
function setApart(found: (path: string, own: string) => void): Plugin {
  return {
    name: 'set-apart',
    setup(bundler) {
      bundler.onResolve({ filter: /^[.#]/ }, async ({ kind, path, pluginData, ...rest }) => {
        if (kind !== 'dynamic-import' || pluginData === 'resolving') return undefined;
        const resolved = await bundler.resolve(path, { kind, ...rest, pluginData: 'resolving' });
        if (/[\\/]node_modules[\\/]/.test(resolved.path)) return resolved;
        const own = `${basename(resolved.path, '.ts')}.cjs`;
        found(resolved.path, own);
        return { path: `./${own}`, external: true };
      });
    },
  };
}

/**
 * What is never run and costs a third of the start: messages of zod in other languages, the reader of raw bodies, which
 * stays switched off, compilers of schemas, which no route has, and the client of a gateway for metrics.
 */
export const leaveOut: Plugin = {
  name: 'leave-out',
  setup(bundler) {
    const empty = { path: 'empty', namespace: 'left-out' };
    bundler.onResolve({ filter: /^fastify-raw-body$|^\.\/lib\/pushgateway$/ }, () => empty);
    bundler.onResolve({ filter: /^@fastify\/(?:ajv|fast-json-stringify)-compiler$/ }, () => ({
      path: 'compiler',
      namespace: 'left-out',
    }));
    bundler.onResolve({ filter: /\/locales\/index\.js$/ }, ({ importer }) =>
      /[\\/]node_modules[\\/]zod[\\/]/.test(importer) ? empty : undefined,
    );
    bundler.onLoad({ filter: /.*/, namespace: 'left-out' }, ({ path }) => ({
      contents: `module.exports = ${path === 'compiler' ? '() => undefined' : '{}'};`,
    }));
  },
};

function describePackage(name: string): string {
  const { version, license } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as Record<string, string>;
  // Without exec the signals that npm passes on end at the shell, and nothing is drained.
  const scripts = { start: 'exec node index.cjs' };
  const manifest = {
    name,
    version,
    license,
    private: true,
    main: 'index.cjs',
    scripts,
    engines: { node: '^22 || ^24' },
  };
  return `${JSON.stringify(manifest, undefined, 2)}\n`;
}

if (import.meta.main) {
  const functions = join(root, 'functions');
  for (const name of readdirSync(functions)) {
    if (!existsSync(join(functions, name, 'func.yaml'))) continue;
    const { folder, bytes } = await packageFunction(join(functions, name));
    console.log(`${name}  ${(bytes / 1_048_576).toFixed(2)} MiB  func deploy --path ${folder.slice(root.length + 1)}`);
  }
}
