import { build } from 'esbuild';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { common, leaveOut, refuseNeeds } from './bundle.ts';

/** Bytes of code that OpenWhisk takes (its limit is 48 MB). */
const mostBytes = 48_000_000;

/**
 * Bundles the function in a folder into `<target>/openwhisk.js`, one file for OpenWhisk's Node runtimes, which take the source
 * of an action and call its `main`; what is imported on demand is inside and runs when it is asked for. Answers its bytes.
 */
export async function packageAction(source: string, target = join(source, 'dist')): Promise<number> {
  const outfile = join(target, 'openwhisk.js');
  const { metafile } = await build({
    ...common,
    // OpenWhisk's newest runtime; what it lacks besides syntax, shared/host/older-node.ts brings.
    target: 'node20',
    entryPoints: [join(source, 'openwhisk.ts')],
    outfile,
    plugins: [leaveOut],
  });
  refuseNeeds([metafile], () => false);
  const bytes = statSync(outfile).size;
  if (bytes > mostBytes) throw new Error(`${basename(source)} has ${bytes} bytes, OpenWhisk takes ${mostBytes}`);
  return bytes;
}

if (import.meta.main) {
  const functions = join(import.meta.dirname, '../functions');
  for (const name of readdirSync(functions)) {
    if (!existsSync(join(functions, name, 'openwhisk.ts'))) continue;
    const bytes = await packageAction(join(functions, name));
    console.log(`${name}  ${(bytes / 1_048_576).toFixed(2)} MiB  for OpenWhisk: functions/${name}/dist/openwhisk.js`);
  }
}
