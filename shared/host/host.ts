import type { z } from 'zod';
import { readEnvironment, type Environment } from '#shared/config/environment.ts';
import type { SettingsSources } from '#shared/config/read-settings.ts';
import { LakewardenError } from '#shared/errors/error.ts';
import { countEvents } from '#shared/events/counted-sink.ts';
import type { EventSink } from '#shared/events/sink.ts';
import { createLog, type Logger } from '#shared/observe/log.ts';
import { createMetrics, type Metrics } from '#shared/observe/metrics.ts';
import { scrub } from '#shared/observe/scrub.ts';
import { startTelemetry } from '#shared/observe/telemetry.ts';
import { traceEvent, type TraceHeaders, traceSending } from '#shared/observe/trace.ts';
import { answerError, answerMethod, answerOutcome, wantsBody, type Answer } from './answer.ts';
import type { CloudEventIn, RawRequest } from './cloud-event.ts';
import type { FunctionDefinition, RunningFunction } from './function.ts';
import { createGate, type Gate } from './gate.ts';
import { readFunctionSettings } from './host-settings.ts';
import { openSink } from './open-sink.ts';
import { parseEvent } from './parse-event.ts';
import { createSenderCheck, type SenderCheck } from './senders.ts';
import { createWorkload } from './workload.ts';

/** A started function behind its guards. */
export interface Host {
  readonly log: Logger;
  readonly metrics: Metrics;
  /** Decides over requests before their bodies are read. */
  readonly gate: Gate;
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
  const sink = countEvents(openSink(environment, limits, log), metrics);
  const checkSender = createSenderCheck(limits);
  const teller = { function: name, service: environment.service ?? name, pod: environment.pod, log };
  const telemetry = await startTelemetry(environment.telemetry, { ...teller, registry: metrics.registry });
  const running = await definition.start(settings, { log, metrics, instance });
  let inFlight = 0;
  const workload = createWorkload({
    deadline: limits.deadlineSeconds * 1000,
    drain: limits.drainSeconds * 1000,
    grace: limits.graceSeconds * 1000,
    concurrency: limits.concurrency,
  });
  log.info({ instance, sink: environment.sink !== undefined }, 'ready for events');

  const answerEvent: Host['answerEvent'] = async (read, withBody, trace = {}, until = Infinity) => {
    const started = performance.now();
    inFlight += 1;
    let eventLog = log;
    let result = 'unknown';
    let answer: Answer;
    try {
      const event = await read();
      const outcome = await traceEvent(event, readTrace(event, trace), ({ id, headers }) => {
        eventLog = log.child({ event: nameEvent(event), ...(id === undefined ? {} : { trace: id }) });
        return workload.run(
          (signal, deadline) => callFunction(running, sink, { event, signal, deadline, log: eventLog }, headers),
          until,
        );
      });
      result = outcome.status;
      metrics.noteSuccess(event.type === pingType ? 'schedule' : 'event', result);
      answer = answerOutcome(name, outcome, withBody);
    } catch (error) {
      answer = answerError(error, eventLog);
      result = (JSON.parse(answer.body) as { error: { code: string } }).error.code;
    }
    const seconds = (performance.now() - started) / 1000;
    metrics.countRequest(result, answer.statusCode, seconds);
    eventLog.info({ result, status: answer.statusCode, seconds }, `answered ${answer.statusCode}, ${result}`);
    inFlight -= 1;
    // Once nothing is in flight, an instance may be frozen or taken away before it is scraped.
    if (inFlight === 0) await telemetry.flush(until);
    return answer;
  };

  return {
    log,
    metrics,
    gate: createGate({
      memory: limits.memoryMebibytes && limits.memoryMebibytes * 2 ** 20,
      largestBody: environment.runtime.bodyLimit,
      oldSpace: environment.oldSpace,
    }),
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
      await telemetry.stop();
      log.info('stopped');
    },
  };
}

/** An event's identity for the log; a sender may choose texts as long as the body limit, and addresses with passwords. */
function nameEvent({ id, type, source, subject }: CloudEventIn): object {
  return Object.fromEntries(
    Object.entries({ id, type, source, subject }).map(([key, text]) => [key, text && scrub(text).slice(0, 256)]),
  );
}

async function readRequest(request: RawRequest, checkSender: SenderCheck): Promise<CloudEventIn> {
  if (request.refused !== undefined) throw new LakewardenError('busy', request.refused);
  await checkSender(request.rawHeaders);
  if (request.url !== '/') throw new LakewardenError('event.invalid', 'an event is posted to / without a query string');
  return parseEvent(request);
}

type CallParts = Pick<Parameters<RunningFunction['handle']>[0], 'event' | 'signal' | 'deadline' | 'log'>;

function callFunction(running: RunningFunction, sink: EventSink, parts: CallParts, extensions: TraceHeaders) {
  return running.handle({
    ...parts,
    emit: (event, signal = parts.signal) =>
      traceSending(event, extensions, (own) => sink.send(event, { signal, extensions: own })),
  });
}

/** What a cron sends: a PingSource, and an alarm of OpenWhisk as its `main` tells it. */
const pingType = 'dev.knative.sources.ping';

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
