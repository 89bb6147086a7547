import type { z } from 'zod';
import { readEnvironment } from '#shared/config/environment.ts';
import { createLog } from '#shared/observe/log.ts';
import { answerError, type Answer } from './answer.ts';
import type { FunctionDefinition } from './function.ts';
import { startHost, type Host } from './host.ts';
import { readInvocation, readWebRequest, type Params } from './openwhisk-params.ts';

/**
 * The `main` of an OpenWhisk action: the same guard, without a process to drain. Settings are bound to the action as its
 * parameter `lakewarden`. A web action must be raw (`--web raw`) and gets the HTTP answer; any other invocation gets the
 * outcome, or `{ error }`. It never rejects: OpenWhisk would show the stack in the activation's record.
 */
export function openwhiskMain<Schema extends z.ZodObject>(
  definition: FunctionDefinition<Schema>,
): (params: Params) => Promise<object> {
  let starting: Promise<Host> | undefined;

  const start = async (params: Params): Promise<Host> => {
    const environment = readEnvironment();
    return startHost(definition, { environment, values: (params['lakewarden'] ?? {}) as Record<string, unknown> });
  };

  return async (params) => {
    const request = readWebRequest(params);
    let answer: Answer;
    try {
      starting ??= start(params);
      const host = await starting;
      const { service = definition.name, activation } = readEnvironment();
      answer = request
        ? await host.answer(request)
        : await host.answerEvent(() => readInvocation(params, { action: service, id: activation }), true);
    } catch (error) {
      // The next invocation tries anew.
      starting = undefined;
      answer = answerError(error, createLog({ function: definition.name, level: 'info' }));
    }
    return request ? answer : (JSON.parse(answer.body) as object);
  };
}
