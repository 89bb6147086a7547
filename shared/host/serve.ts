import { readEnvironment } from '#shared/config/environment.ts';
import type { FunctionExports } from './function-exports.ts';

/** The part of faas-js-runtime that we use; the types of the package itself are wrong. */
interface Runtime {
  start(exports: FunctionExports, options: { port: number; logLevel: string; bodyLimit: number }): Promise<unknown>;
}

/** Starts Knative's Node function runtime with a function, as its own command line would. */
export async function serve(exports: FunctionExports): Promise<void> {
  // Loaded late, so that the same file costs nothing when the runtime's command line loads it.
  const { default: runtime } = (await import('faas-js-runtime')) as unknown as { default: Runtime };
  await runtime.start(exports, readEnvironment().runtime);
}
