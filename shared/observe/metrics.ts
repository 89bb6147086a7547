import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import { traceCall } from './trace.ts';

/** The metrics of one function, in a registry of their own. */
export interface Metrics {
  /** Where a function registers counters of its own. */
  readonly registry: Registry;
  /** Counts a request and its duration; `result` is an outcome or an error's code. */
  countRequest(result: string, status: number, seconds: number): void;
  /** Notes that an event was worked on without an error; a `schedule` is a tick of a cron. */
  noteSuccess(trigger: 'schedule' | 'event', result: string): void;
  /** Counts an event that was sent; `result` is `ok` or an error's code. */
  countEvent(type: string, result: string): void;
  /** Starts the clock and the span of a call to another system; the returned function stops both with the call's result. */
  startCall(system: string, operation: string): (result: string) => void;
  /** Prometheus' text format. */
  text(): Promise<string>;
  readonly contentType: string;
}

/** Makes the metrics of a function. */
export function createMetrics(functionName: string): Metrics {
  const registry = new Registry();
  registry.setDefaultLabels({ function: functionName });
  const requests = new Counter({
    name: 'lakewarden_requests_total',
    help: 'Requests answered, by outcome or error code and HTTP status',
    labelNames: ['result', 'status'],
    registers: [registry],
  });
  const seconds = new Histogram({
    name: 'lakewarden_request_seconds',
    help: 'Time from a request to its answer',
    labelNames: ['result'],
    buckets: [0.01, 0.05, 0.25, 1, 5, 15, 60, 180, 600],
    registers: [registry],
  });
  const calls = new Histogram({
    name: 'lakewarden_call_seconds',
    help: 'Time of calls to other systems; its count is the number of calls',
    labelNames: ['system', 'operation', 'result'],
    buckets: [0.005, 0.02, 0.1, 0.5, 2, 10, 60],
    registers: [registry],
  });
  const successes = new Gauge({
    name: 'lakewarden_last_success_timestamp_seconds',
    help: 'When an event was last worked on without an error (Unix time), by what it was and its outcome; dry runs do not count',
    labelNames: ['trigger', 'result'],
    registers: [registry],
  });
  const events = new Counter({
    name: 'lakewarden_events_total',
    help: 'Events sent, by type and by ok or an error code',
    labelNames: ['type', 'result'],
    registers: [registry],
  });
  return {
    registry,
    noteSuccess(trigger, result) {
      if (result !== 'planned') successes.setToCurrentTime({ trigger, result });
    },
    countEvent: (type, result) => events.inc({ type, result }),
    countRequest(result, status, duration) {
      requests.inc({ result, status });
      seconds.observe({ result }, duration);
    },
    startCall(system, operation) {
      const stop = calls.startTimer({ system, operation });
      const end = traceCall(system, operation);
      return (result) => {
        stop({ result });
        end(result);
      };
    },
    text: () => registry.metrics(),
    contentType: registry.contentType,
  };
}
