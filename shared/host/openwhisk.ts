import pLimit from 'p-limit';
import type { z } from 'zod';
import { type Environment, readEnvironment } from '#shared/config/environment.ts';
import { LakewardenError } from '#shared/errors/error.ts';
import { createLog } from '#shared/observe/log.ts';
import { answerError } from './answer.ts';
import type { FunctionDefinition } from './function.ts';
import { type Host, startHost } from './host.ts';
import { completeNode } from './older-node.ts';
import { layBoundFiles } from './openwhisk-files.ts';
import {
  isRecord,
  isWebRequest,
  type Params,
  readBoundSettings,
  readInvocation,
  readMessages,
  readWebRequest,
} from './openwhisk-params.ts';
import { joinResults, type Result, toResult, toWebResult } from './openwhisk-result.ts';

/** Events of one batch that are worked on at once. */
const atOnce = 50;

/** What an action makes of messages of the Kafka feed. */
export interface ActionOptions {
  /** `events`: each value is a CloudEvent; `batch` (the default): the batch is one event, which says where to look. */
  readonly messages?: 'events' | 'batch';
}

/**
 * The `main` of an OpenWhisk action: the same guard, without a process to drain. Settings are bound to the action as its
 * parameter `lakewarden`, and the files that they name as `lakewardenFiles`. A web action must be raw (`--web raw`) and gets the HTTP answer; any other invocation gets the
 * outcome, or `{ error }`. It never rejects: OpenWhisk would show the stack in the activation's record.
 */
export function openwhiskMain<Schema extends z.ZodObject>(
  definition: FunctionDefinition<Schema>,
  { messages = 'batch' }: ActionOptions = {},
): (params: Params) => Promise<Result> {
  completeNode();
  let starting: Promise<Host> | undefined;

  async function start(params: Params, environment: Environment): Promise<Host> {
    const values = readBoundSettings(params);
    layBoundFiles(params);
    // The last part of an action's name is what stays the same in every namespace.
    const service = environment.service?.split('/').at(-1) ?? definition.name;
    return startHost(definition, { environment: { ...environment, service }, values });
  }

  async function answer(params: Params): Promise<Result> {
    // Read before anything is waited for: concurrent activations share these variables.
    const environment = readEnvironment();
    const now = Date.now();
    if (!isRecord(params)) throw new LakewardenError('event.invalid', 'the parameters of an action are an object');
    const request = isWebRequest(params) ? readWebRequest(params) : undefined;
    starting ??= start(params, environment);
    const host = await starting.catch((error: unknown) => {
      // The next invocation tries anew.
      starting = undefined;
      throw error;
    });
    const until = lastMoment(environment.activationDeadline, now);
    if (request !== undefined) return toWebResult(await host.answer(request, until));
    const { service: action = definition.name, activation: id } = environment;
    const events = messages === 'events' ? readMessages(params) : undefined;
    const reads = events ?? [() => readInvocation(params, { action, id, now })];
    const limit = pLimit(atOnce);
    const answers = reads.map((read) => limit(() => host.answerEvent(read, true, {}, until)));
    return joinResults((await Promise.all(answers)).map(toResult));
  }

  return async (params) => {
    try {
      return await answer(params);
    } catch (error) {
      const told = answerError(error, createLog({ function: definition.name, level: readLevel() }));
      return isRecord(params) && isWebRequest(params) ? toWebResult(told) : toResult(told);
    }
  };
}

/** When work must be over: OpenWhisk kills at its deadline, and ending work and telling the result take a moment. */
function lastMoment(deadline: number | undefined, now: number): number | undefined {
  if (deadline === undefined) return undefined;
  const left = Math.max(0, deadline - now);
  return now + left - Math.min(6_000, left / 5);
}

/** The environment may be what is wrong. */
function readLevel(): string {
  try {
    return readEnvironment().logLevel;
  } catch {
    return 'info';
  }
}
