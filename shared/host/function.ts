import type { z } from 'zod';
import type { CloudEventOut } from '#shared/events/event.ts';
import type { Logger } from '#shared/observe/log.ts';
import type { Metrics } from '#shared/observe/metrics.ts';
import type { CloudEventIn } from './cloud-event.ts';

/** One event to work on. */
export interface Call {
  readonly event: CloudEventIn;
  /** Aborted at the deadline, or when the process must end; its reason is the error to throw. */
  readonly signal: AbortSignal;
  /** When the signal aborts at the latest, in milliseconds since 1970. */
  readonly deadline: number;
  /** A log that names the event. */
  readonly log: Logger;
  /**
   * Sends an event to `K_SINK`, in the trace of this call; until the call's signal aborts, or another one for work that
   * outlives the call. @throws LakewardenError `sink.unavailable`, `sink.refused`.
   */
  readonly emit: (event: CloudEventOut, signal?: AbortSignal) => Promise<void>;
}

/** What came of a call; every one of them is an HTTP success. */
export interface Outcome {
  /** `partial`: some of the work was set aside by name, or is left for an event to ourselves. */
  readonly status: 'done' | 'nothing' | 'partial' | 'planned';
  /** Plain data for whoever asked for an answer (a dry run's plan, a summary). */
  readonly body?: unknown;
}

/** What a function is given at its start. */
export interface Tools {
  readonly log: Logger;
  readonly metrics: Metrics;
  /** This deployment's name, the last part of the source of its events. */
  readonly instance: string;
}

/** A started function. */
export interface RunningFunction {
  /** Works on one event; may be called several times at once. Throws errors of ours to say reject, retry or bug. */
  handle(call: Call): Promise<Outcome>;
  /** Whether requests may come; always by default. */
  ready?(): boolean | Promise<boolean>;
  /** Closes clients; called once, after the last call ended. */
  stop?(): Promise<void>;
}

/** A function as its `index.ts` declares it. */
export interface FunctionDefinition<Schema extends z.ZodObject = z.ZodObject> {
  readonly name: string;
  /** A `z.strictObject`; the key `host` is the host's. */
  readonly settings: Schema;
  /** Builds clients; called once, before the first request. */
  start(settings: z.output<Schema>, tools: Tools): Promise<RunningFunction>;
}
