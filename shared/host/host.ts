import type { z } from 'zod';
import { readEnvironment, type Environment } from '#shared/config/environment.ts';
import type { SettingsSources } from '#shared/config/read-settings.ts';
import { LakewardenError } from '#shared/errors/error.ts';
import type { EventSink } from '#shared/events/sink.ts';
import { createLog, type Logger } from '#shared/observe/log.ts';
import { createMetrics, type Metrics } from '#shared/observe/metrics.ts';
import { traceWork, type TraceHeaders } from '#shared/observe/trace.ts';
import { answerError, answerMethod, answerOutcome, wantsBody, type Answer } from './answer.ts';
import type { CloudEventIn, RawRequest } from './cloud-event.ts';
import type { FunctionDefinition, RunningFunction } from './function.ts';
import { readFunctionSettings } from './host-settings.ts';
import { openSink } from './open-sink.ts';
import { parseEvent } from './parse-event.ts';
import { createSenderCheck, type SenderCheck } from './senders.ts';
import { createWorkload } from './workload.ts';

/** A started function behind its guards. */
export interface Host {
  readonly log: Logger;
  readonly metrics: Metrics;
  /** Answers a request, `until` a time in milliseconds since 1970 at the latest; never throws. */
  answer(request: RawRequest, until?: number): Promise<Answer>;
  /** Answers an event that came by another way than HTTP; never throws. */
  answerEvent(
    read: () => CloudEventIn | Promise<CloudEventIn>,
    wantsBody: boolean,
    trace?: TraceHeaders,
    until?: number,
  ): Promise<Answer>;
  /** Whether requests may come. */
  ready(): Promise<boolean>;
  /** Ends the calls in flight, then the function; never throws. */
  stop(): Promise<void>;
}

/** Where a host finds its log and settings; by default the process's own environment. */
export interface HostOptions extends SettingsSources {
  readonly log?: Logger;
  readonly environment?: Environment;
}

/** Reads the settings and starts a function. @throws LakewardenError `config.invalid`, or whatever the function throws. */
export async function startHost<Schema extends z.ZodObject>(
  definition: FunctionDefinition<Schema>,
  options: HostOptions = {},
): Promise<Host> {
  const environment = options.environment ?? readEnvironment(options.env);
  const { name } = definition;
  const log = options.log ?? createLog({ function: name, level: environment.logLevel, pod: environment.pod });
  const metrics = createMetrics(name);
  const { host: limits, settings } = readFunctionSettings(definition.settings, options);
  const instance = limits.instance ?? environment.service ?? 'local';
  const sink = openSink(environment, limits, log);
  const checkSender = createSenderCheck(limits);
  const running = await definition.start(settings, { log, metrics, instance });
  const workload = createWorkload({
    deadline: limits.deadlineSeconds * 1000,
    drain: limits.drainSeconds * 1000,
    grace: limits.graceSeconds * 1000,
    concurrency: limits.concurrency,
  });
  log.info({ instance, sink: environment.sink !== undefined }, 'ready for events');

  const answerEvent: Host['answerEvent'] = async (read, withBody, trace = {}, until = Infinity) => {
    const started = performance.now();
    let eventLog = log;
    let result = 'unknown';
    let answer: Answer;
    try {
      const event = await read();
      eventLog = log.child({ event: nameEvent(event) });
      const outcome = await traceWork(`${name} ${event.type}`, readTrace(event, trace), (outgoing) =>
        workload.run(
          (signal, deadline) => callFunction(running, sink, { event, signal, deadline, log: eventLog }, outgoing),
          until,
        ),
      );
      result = outcome.status;
      answer = answerOutcome(name, outcome, withBody);
    } catch (error) {
      answer = answerError(error, eventLog);
      result = (JSON.parse(answer.body) as { error: { code: string } }).error.code;
    }
    const seconds = (performance.now() - started) / 1000;
    metrics.countRequest(result, answer.statusCode, seconds);
    eventLog.info({ result, status: answer.statusCode, seconds }, `answered ${answer.statusCode}, ${result}`);
    return answer;
  };

  return {
    log,
    metrics,
    answerEvent,
    answer(request, until) {
      if (request.method !== 'POST') return Promise.resolve(answerMethod());
      return answerEvent(
        () => readRequest(request, checkSender),
        wantsBody(request.rawHeaders),
        readTraceHeaders(request.rawHeaders),
        until,
      );
    },
    async ready() {
      try {
        return !workload.draining && ((await running.ready?.()) ?? true);
      } catch (error) {
        log.warn({ err: error }, 'the function cannot tell whether it is ready');
        return false;
      }
    },
    async stop() {
      log.info('ending: no more events are taken');
      await workload.drain();
      await running.stop?.().catch((error: unknown) => log.warn({ err: error }, 'the function did not stop cleanly'));
      log.info('stopped');
    },
  };
}

/** An event's identity for the log; a sender may choose texts as long as the body limit. */
function nameEvent({ id, type, source, subject }: CloudEventIn): object {
  return Object.fromEntries(
    Object.entries({ id, type, source, subject }).map(([key, text]) => [key, text?.slice(0, 256)]),
  );
}

async function readRequest(request: RawRequest, checkSender: SenderCheck): Promise<CloudEventIn> {
  await checkSender(request.rawHeaders);
  if (request.url !== '/') throw new LakewardenError('event.invalid', 'an event is posted to / without a query string');
  return parseEvent(request);
}

type CallParts = Pick<Parameters<RunningFunction['handle']>[0], 'event' | 'signal' | 'deadline' | 'log'>;

function callFunction(running: RunningFunction, sink: EventSink, parts: CallParts, extensions: TraceHeaders) {
  return running.handle({
    ...parts,
    emit: (event, signal = parts.signal) => sink.send(event, { signal, extensions }),
  });
}

const traceNames = ['traceparent', 'tracestate'];

/** The transport's trace when it has one, else the event's own (CloudEvents extension "Distributed Tracing"). */
function readTrace(event: CloudEventIn, transport: TraceHeaders): TraceHeaders {
  if ('traceparent' in transport) return transport;
  return Object.fromEntries(Object.entries(event.extensions).filter(([key]) => traceNames.includes(key)));
}

function readTraceHeaders(rawHeaders: readonly string[]): TraceHeaders {
  const found: Record<string, string> = {};
  for (const [index, header] of rawHeaders.entries()) {
    const name = header.toLowerCase();
    if (index % 2 === 0 && traceNames.includes(name)) found[name] = rawHeaders[index + 1] ?? '';
  }
  return found;
}
