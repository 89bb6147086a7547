import { build, type BuildOptions, type Metafile, type Plugin } from 'esbuild';
import { isBuiltin } from 'node:module';
import { basename, join } from 'node:path';

/** The folder that paths of bundled files are relative to. */
export const root = join(import.meta.dirname, '..');

/** What is to become a file: an entry of its own, or a few lines that import others. */
export type Entry = Pick<BuildOptions, 'stdin' | 'entryPoints'>;

/** The inputs and outputs of a bundle, one description for each of its files. */
export type Bundle = readonly Metafile[];

/**
 * Bundles a program into `<target>/<file>` as CommonJS, and what it imports on demand into files beside it.
 * @throws Error when it would need packages at run time.
 */
export async function bundle(target: string, file: string, entry: Entry): Promise<Bundle> {
  // Whatever is imported on demand becomes a file of its own, so that a start does not read it.
  const files = new Map<string, Entry>([[file, entry]]);
  const made: Metafile[] = [];
  for (const [name, own] of files) {
    const { metafile } = await build({
      ...common,
      ...own,
      outfile: join(target, name),
      plugins: [leaveOut, setApart((path, apart) => addApart(files, path, apart))],
    });
    made.push(metafile);
  }
  refuseNeeds(made, (path) => files.has(path.replace('./', '')));
  return made;
}

/** @throws Error when a file of another folder has the name already: one of the two would be loaded for the other. */
function addApart(files: Map<string, Entry>, path: string, apart: string): void {
  const known = files.get(apart);
  if (known !== undefined && JSON.stringify(known.entryPoints) !== JSON.stringify([path]))
    throw new Error(`two files that are imported on demand would both become ${apart}: rename ${path}`);
  files.set(apart, { entryPoints: [path] });
}

/** @throws Error that names the packages that a bundle would need at run time. */
export function refuseNeeds(made: Bundle, isOurs: (path: string) => boolean): void {
  const missing = made
    .flatMap(({ outputs }) => Object.values(outputs))
    .flatMap(({ imports }) => imports)
    .filter(({ path }) => !isBuiltin(path) && !isOurs(path) && !optional.has(path));
  if (missing.length > 0)
    throw new Error(`it would not stand alone: it needs ${missing.map(({ path }) => path).join(', ')}`);
}

/** Bytes of all files of a bundle. */
export function bytesOf(made: Bundle): number {
  return made.flatMap(({ outputs }) => Object.values(outputs)).reduce((sum, { bytes }) => sum + bytes, 0);
}

/** How all that Node's runtimes load is bundled. */
export const common = {
  absWorkingDir: root,
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
const optional = new Set(['supports-color', 'bufferutil', 'utf-8-validate']);

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
