/** Samplers of new traces, by the names of OpenTelemetry (specification, SDK environment variables, General SDK Configuration). */
const samplers = [
  'always_on',
  'always_off',
  'traceidratio',
  'parentbased_always_on',
  'parentbased_always_off',
  'parentbased_traceidratio',
] as const;

/** What goes to an OpenTelemetry collector; where it is, and how to reach it, the exporters read from the same variables. */
export interface TelemetrySettings {
  readonly metrics: boolean;
  readonly traces: boolean;
  /** Which traces are kept; the ratio is from 0 to 1 and counts for `traceidratio` only. */
  readonly sampler: { readonly name: (typeof samplers)[number]; readonly ratio: number };
  /** Milliseconds between two exports while nothing is answered. */
  readonly intervalMs: number;
  /** Milliseconds that one export may take, with its repetitions. */
  readonly limitMs: { readonly metrics: number; readonly traces: number };
}

/**
 * Reads OpenTelemetry's variables. A signal goes out when its endpoint, or the common one, is set, unless its exporter is `none`;
 * each fault is told to `fault`.
 */
export function readTelemetry(
  env: NodeJS.ProcessEnv,
  fault: (name: string, reason: string) => void,
): TelemetrySettings {
  const isOn = (signal: 'METRICS' | 'TRACES'): boolean => {
    const exporter = env[`OTEL_${signal}_EXPORTER`];
    if (exporter && exporter !== 'otlp' && exporter !== 'none')
      fault(`OTEL_${signal}_EXPORTER`, 'expected otlp or none');
    if (env['OTEL_SDK_DISABLED']?.toLowerCase() === 'true' || exporter === 'none') return false;
    const places = [`OTEL_EXPORTER_OTLP_${signal}_ENDPOINT`, 'OTEL_EXPORTER_OTLP_ENDPOINT'];
    if (exporter !== 'otlp' && places.every((name) => !env[name])) return false;
    for (const name of places)
      if (env[name] && !/^https?:$/.test(URL.parse(env[name])?.protocol ?? ''))
        fault(name, 'expected an http or https address');
    for (const name of [`OTEL_EXPORTER_OTLP_${signal}_PROTOCOL`, 'OTEL_EXPORTER_OTLP_PROTOCOL'])
      if (env[name] && env[name] !== 'http/protobuf')
        fault(name, 'only http/protobuf is spoken, which collectors take at port 4318');
    return true;
  };
  const name = env['OTEL_TRACES_SAMPLER'] || 'parentbased_always_on';
  const known = samplers.find((sampler) => sampler === name);
  if (known === undefined) fault('OTEL_TRACES_SAMPLER', `expected one of ${samplers.join(', ')}`);
  const ratio = Number(env['OTEL_TRACES_SAMPLER_ARG'] || 1);
  if (!(ratio >= 0 && ratio <= 1)) fault('OTEL_TRACES_SAMPLER_ARG', 'expected a number from 0 to 1');
  const milliseconds = (variable: string, fallback: number): number => {
    const value = Number(env[variable] || fallback);
    if (!(value >= 100 && value <= 3_600_000)) fault(variable, 'expected milliseconds from 100 to 3600000');
    return value;
  };
  const common = milliseconds('OTEL_EXPORTER_OTLP_TIMEOUT', 2_000);
  return {
    metrics: isOn('METRICS'),
    traces: isOn('TRACES'),
    sampler: { name: known ?? 'parentbased_always_on', ratio },
    intervalMs: milliseconds('OTEL_METRIC_EXPORT_INTERVAL', 60_000),
    limitMs: {
      metrics: milliseconds('OTEL_EXPORTER_OTLP_METRICS_TIMEOUT', common),
      traces: milliseconds('OTEL_EXPORTER_OTLP_TRACES_TIMEOUT', common),
    },
  };
}
