import { LakewardenError } from '#shared/errors/error.ts';
import { readTelemetry, type TelemetrySettings } from './telemetry.ts';

/** What the platform tells a function through its environment. */
export interface Environment {
  /** The address that events go to (`K_SINK`, set by a Knative SinkBinding). */
  readonly sink?: string;
  /** PEM text of authorities that certificates of the sink may be signed by, besides the public ones (`K_CA_CERTS`). */
  readonly sinkAuthorities?: string;
  /** Extension attributes for every event that is sent (`K_CE_OVERRIDES`). */
  readonly eventExtensions: Readonly<Record<string, string>>;
  /** The name of the Knative service (`K_SERVICE`) or OpenWhisk action. */
  readonly service?: string;
  /** The pod (`POD_NAME`), for logs only. */
  readonly pod?: string;
  /** Level of our log (`LAKEWARDEN_LOG_LEVEL`), `info` by default. */
  readonly logLevel: string;
  /** The activation's id on OpenWhisk (`__OW_ACTIVATION_ID`). */
  readonly activation?: string;
  /** When OpenWhisk ends the activation (`__OW_DEADLINE`), in milliseconds since 1970. */
  readonly activationDeadline?: number;
  /** Bytes that `--max-old-space-size` gives to objects that live on, when the command line or `NODE_OPTIONS` says so. */
  readonly oldSpace?: number;
  /** What the runtime's own command line would read: `FUNC_PORT`, `FUNC_LOG_LEVEL`, `FUNC_BODY_LIMIT` (bytes). */
  readonly runtime: { readonly port: number; readonly logLevel: string; readonly bodyLimit: number };
  /** What goes to an OpenTelemetry collector (`OTEL_…`). */
  readonly telemetry: TelemetrySettings;
}

const levels = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'];

/** Reads the platform's variables. @throws LakewardenError `config.invalid` that names every faulty variable. */
export function readEnvironment(env: NodeJS.ProcessEnv = process.env): Environment {
  const faults: string[] = [];
  const fault = (name: string, reason: string): void => void faults.push(`variable ${name}: ${reason}`);
  const level = (name: string, fallback: string): string => {
    const value = env[name] || fallback;
    if (!levels.includes(value)) fault(name, `expected one of ${levels.join(', ')}`);
    return value;
  };
  const count = (name: string, fallback: number, max: number): number => {
    const value = Number(env[name] || fallback);
    if (!Number.isSafeInteger(value) || value < 0 || value > max)
      fault(name, `expected a whole number from 0 to ${max}`);
    return value;
  };

  const sink = env['K_SINK'];
  if (sink && !/^https?:$/.test(URL.parse(sink)?.protocol ?? '')) fault('K_SINK', 'expected an http or https address');
  const sinkAuthorities = env['K_CA_CERTS'];
  if (sinkAuthorities && !sinkAuthorities.includes('-----BEGIN CERTIFICATE-----'))
    fault('K_CA_CERTS', 'expected certificates as PEM text');
  const eventExtensions = readOverrides(env['K_CE_OVERRIDES']);
  if (!eventExtensions) fault('K_CE_OVERRIDES', 'expected JSON such as {"extensions":{"name":"text"}}');
  const environment: Environment = {
    eventExtensions: eventExtensions ?? {},
    logLevel: level('LAKEWARDEN_LOG_LEVEL', 'info'),
    runtime: {
      port: count('FUNC_PORT', 8080, 65535),
      logLevel: level('FUNC_LOG_LEVEL', 'warn'),
      bodyLimit: count('FUNC_BODY_LIMIT', 1_048_576, 1_073_741_824),
    },
    telemetry: readTelemetry(env, fault),
    ...readOldSpace(env['NODE_OPTIONS']),
    ...named('sink', sink),
    ...named('sinkAuthorities', sinkAuthorities),
    ...named('service', env['K_SERVICE'] || env['__OW_ACTION_NAME']),
    ...named('pod', env['POD_NAME'] || env['HOSTNAME']),
    ...named('activation', env['__OW_ACTIVATION_ID']),
    ...(/^\d{1,15}$/.test(env['__OW_DEADLINE'] ?? '') ? { activationDeadline: Number(env['__OW_DEADLINE']) } : {}),
  };
  if (faults.length > 0) throw new LakewardenError('config.invalid', faults.join(' | '));
  return environment;
}

function named<Key extends string>(key: Key, value: string | undefined): { [K in Key]?: string } {
  return value ? ({ [key]: value } as { [K in Key]: string }) : {};
}

/** The shape is Knative's CloudEventOverrides: knative.dev/pkg, apis/duck/v1, source_types.go. */
function readOverrides(text: string | undefined): Record<string, string> | undefined {
  if (!text) return {};
  try {
    const { extensions = {} } = JSON.parse(text) as { extensions?: Record<string, unknown> };
    const valid = Object.entries(extensions).every(
      ([key, value]) => /^[a-z0-9]+$/.test(key) && typeof value === 'string',
    );
    return valid ? (extensions as Record<string, string>) : undefined;
  } catch {
    return undefined;
  }
}

/** Node's own option wins over the variable, and the last one over those before it. */
function readOldSpace(options = ''): { oldSpace?: number } {
  const found = [options, ...process.execArgv].join(' ').matchAll(/--max[-_]old[-_]space[-_]size[= ](\d+)/g);
  const mebibytes = [...found].at(-1)?.[1];
  return mebibytes === undefined ? {} : { oldSpace: Number(mebibytes) * 2 ** 20 };
}
