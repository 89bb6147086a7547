import type { z } from 'zod';
import { readEnvironment } from '#shared/config/environment.ts';
import { createLog, type Logger } from '#shared/observe/log.ts';
import { LakewardenError } from '#shared/errors/error.ts';
import { answerError, type Answer } from './answer.ts';
import type { FunctionDefinition } from './function.ts';
import { startHost, type Host } from './host.ts';
import { metricsPath, openSeal, sealRequests } from './raw-requests.ts';

/** The part of fastify's reply that a health check needs. */
interface HealthReply {
  code(status: number): unknown;
}

/** What faas-js-runtime 4 wants from a function's module. */
export interface FunctionExports {
  readonly handle: (context: unknown, body?: unknown) => Promise<Answer>;
  readonly init: () => Promise<void>;
  readonly shutdown: () => Promise<void>;
  readonly liveness: (request: unknown, reply: HealthReply) => string;
  readonly readiness: (request: unknown, reply: HealthReply) => Promise<string>;
  /** No page of another origin may read an answer. */
  readonly cors: () => string[];
  readonly logLevel: string;
}

// Kubernetes waits no longer for an answer to reach a caller that does not read.
const flushLimit = 2_000;

/** The guarded exports of a function, for its `index.ts`. */
export function functionExports<Schema extends z.ZodObject>(definition: FunctionDefinition<Schema>): FunctionExports {
  const log = createLog({ function: definition.name, level: 'info' });
  let host: Host | undefined;
  let requests: ReturnType<typeof sealRequests> | undefined;
  let stopped: Promise<void> | undefined;

  async function stop(): Promise<void> {
    await host?.stop();
    await Promise.race([requests?.settled(), new Promise((resolve) => setTimeout(resolve, flushLimit))]);
    requests?.restore();
  }

  return {
    logLevel: 'warn',
    cors: () => [],
    async init() {
      exitOnCrash(log);
      const environment = readEnvironment();
      log.level = environment.logLevel;
      log.setBindings({ pod: environment.pod });
      host = await startHost(definition, { environment, log });
      requests = sealRequests(host.gate);
    },
    async handle(context, body) {
      const original = openSeal(context);
      if (!host || !original)
        return answerError(new LakewardenError('internal', 'init did not run before handle'), log);
      if (original.url.split('?', 1)[0] === metricsPath) return answerMetrics(host);
      const { admission, thrownAway, ...request } = original;
      await thrownAway;
      const refused = request.refused ?? admission?.shortage();
      return host.answer({
        ...request,
        body: body instanceof Uint8Array ? body : new Uint8Array(),
        ...(refused === undefined ? {} : { refused }),
      });
    },
    shutdown: () => (stopped ??= stop()),
    liveness: (_request, reply) => {
      reply.code(200);
      return 'OK';
    },
    readiness: async (_request, reply) => {
      const ready = (await host?.ready()) ?? false;
      reply.code(ready ? 200 : 503);
      return ready ? 'OK' : 'not ready';
    },
  };
}

async function answerMetrics({ metrics }: Host): Promise<Answer> {
  return { statusCode: 200, headers: { 'content-type': metrics.contentType }, body: await metrics.text() };
}

/** The runtime's own listener ends a crashed process with 0 and says nothing; ours comes first. */
function exitOnCrash(log: Logger): void {
  process.prependListener('uncaughtException', (error, origin) => {
    log.fatal({ err: error, origin }, 'the process ends: an error that nobody caught');
    process.exit(1);
  });
}
