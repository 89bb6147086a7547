import { createHash } from 'node:crypto';
import type { Severity } from '../model/verdict.ts';
import { stringify } from './json.ts';
import type { Report, ReportFinding } from './report.ts';

/** Which API the reports are of: OpenReports, or the older one of the Kubernetes policy working group. */
export type ReportApi = 'openreports.io/v1alpha1' | 'wgpolicyk8s.io/v1alpha2';

/** How reports are cut. */
export interface ReportOptions {
  readonly api?: ReportApi;
  /** Where reports of resources without a namespace go to as well; left out, those become cluster reports. */
  readonly namespace?: string;
  /** Largest report, in bytes of JSON: etcd takes 1.5 MiB, and the server adds fields of its own. */
  readonly maxBytes?: number;
}

/** A report as the API server takes it. */
export interface PolicyReport {
  readonly apiVersion: ReportApi;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels: Readonly<Record<string, string>>;
  };
  readonly summary: Readonly<Record<Result, number>>;
  readonly results: readonly unknown[];
}

type Result = 'pass' | 'fail' | 'warn' | 'error' | 'skip';

const kinds: Readonly<Record<ReportApi, readonly [string, string]>> = {
  'openreports.io/v1alpha1': ['Report', 'ClusterReport'],
  'wgpolicyk8s.io/v1alpha2': ['PolicyReport', 'ClusterPolicyReport'],
};
const longestMessage = 1_000;

/**
 * Reports of what fails in Kubernetes (https://openreports.io), those of a namespace together, in as many pieces as their size
 * asks for. What passes is in no report: it would fill etcd. Names follow from the namespace and the number of the piece.
 */
export function* makeReports(report: Report, options: ReportOptions = {}): Generator<PolicyReport> {
  const { api = 'openreports.io/v1alpha1', maxBytes = 512 << 10, namespace: home } = options;
  const failing = report.findings.filter(
    ({ state, resource }) => state !== 'resolved' && resource.kind.startsWith('kubernetes.'),
  );
  const byNamespace = Map.groupBy(failing, ({ resource }) => resource.place.namespace ?? home ?? '');
  for (const namespace of [...byNamespace.keys()].toSorted())
    for (const [index, piece] of cut(byNamespace.get(namespace) ?? [], maxBytes).entries())
      yield wrap(api, namespace, index, piece);
}

/** As documents of YAML (which JSON is), for `kubectl apply -f -`. */
export function* renderOpenReports(report: Report, options: ReportOptions = {}): Generator<string> {
  for (const one of makeReports(report, options)) yield `---\n${stringify(one)}\n`;
}

interface Entry {
  readonly result: Result;
  readonly entry: object;
}

function cut(findings: readonly ReportFinding[], maxBytes: number): Entry[][] {
  const room = maxBytes - 2_048;
  const pieces: Entry[][] = [];
  let left = 0;
  for (const finding of findings) {
    const result = resultOf(finding);
    const entry = entryOf(finding, result);
    const bytes = Buffer.byteLength(stringify(entry)) + 1;
    if (pieces.length === 0 || bytes > left) {
      pieces.push([]);
      left = room;
    }
    pieces.at(-1)?.push({ result, entry });
    left -= bytes;
  }
  return pieces;
}

function wrap(api: ReportApi, namespace: string, index: number, entries: readonly Entry[]): PolicyReport {
  const summary = { pass: 0, fail: 0, warn: 0, error: 0, skip: 0 };
  for (const { result } of entries) summary[result] += 1;
  const hash = createHash('sha256').update(namespace).digest('hex').slice(0, 8);
  return {
    apiVersion: api,
    kind: kinds[api][namespace === '' ? 1 : 0] ?? '',
    metadata: {
      name: `lakewarden-${hash}-${index}`,
      ...(namespace === '' ? {} : { namespace }),
      labels: { 'app.kubernetes.io/managed-by': 'lakewarden' },
    },
    summary,
    results: entries.map(({ entry }) => entry),
  };
}

function resultOf({ state, status }: ReportFinding): Result {
  if (state === 'waived') return 'skip';
  return status === 'fail' ? 'fail' : 'error';
}

function entryOf(finding: ReportFinding, result: Result): object {
  const { resource } = finding;
  const { apiVersion, namespace } = resource.place;
  const subject = {
    // Kinds that are not built in bear their group behind a dot.
    kind: resource.kind.split('.')[1] ?? resource.kind,
    name: resource.name,
    ...(apiVersion === undefined ? {} : { apiVersion }),
    ...(namespace === undefined ? {} : { namespace }),
  };
  const message = finding.reason.slice(0, longestMessage);
  const seconds = Math.floor(finding.changed / 1_000);
  return {
    source: 'lakewarden',
    policy: finding.rule,
    result,
    severity: finding.severity satisfies Severity,
    timestamp: { seconds, nanos: 0 },
    message,
    // Both definitions of Report call them so, whatever their documents say: openreports/reports-api v0.2.1.
    resources: [subject],
    properties: {
      finding: finding.id,
      ...(finding.part === undefined ? {} : { part: finding.part }),
      ...(resource.owner === undefined ? {} : { owner: resource.owner }),
      ...(finding.waiver === undefined ? {} : { waiver: finding.waiver }),
    },
  };
}
