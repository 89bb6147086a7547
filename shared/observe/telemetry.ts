import type { Registry } from 'prom-client';
import type { TelemetrySettings } from '#shared/config/telemetry.ts';
import type { Logger } from './log.ts';

/** What a process tells an OpenTelemetry collector. */
export interface Telemetry {
  /** Sends what was recorded and waits for it, two seconds or `until` (milliseconds since 1970) at most; never throws. */
  flush(until?: number): Promise<void>;
  /** Sends the last of it; never throws. */
  stop(): Promise<void>;
}

/** Who tells it. */
export interface Teller {
  readonly function: string;
  /** The name of the Knative service or OpenWhisk action. */
  readonly service: string;
  readonly pod?: string | undefined;
  readonly registry: Registry;
  readonly log: Pick<Logger, 'info' | 'warn'>;
}

const silent: Telemetry = { flush: () => Promise.resolve(), stop: () => Promise.resolve() };

/** Starts what the settings ask for. Without an endpoint OpenTelemetry's SDK is not even loaded. */
export async function startTelemetry(settings: TelemetrySettings, teller: Teller): Promise<Telemetry> {
  if (!settings.metrics && !settings.traces) return silent;
  const { startExport } = await import('./opentelemetry.ts');
  return startExport(settings, teller);
}
