import { areas } from '../model/rule.ts';
import { severities } from '../model/verdict.ts';
import type { Report } from './report.ts';

/**
 * Prometheus' text format, for the textfile collector of a node exporter after a scan from the command line. Labels are areas,
 * severities and systems alone, so that they stay few.
 */
export function* renderPrometheus(report: Report): Generator<string> {
  const open = report.findings.filter(({ state }) => state === 'open');
  const areaOf = new Map(report.rules.map(({ id, area }) => [id, area]));
  yield* family('lakewarden_scan_findings_open', 'Findings that fail and are not waived.');
  for (const area of areas)
    for (const severity of severities) {
      const count = open.filter((one) => one.severity === severity && areaOf.get(one.rule) === area).length;
      yield `lakewarden_scan_findings_open{area="${area}",severity="${severity}"} ${count}\n`;
    }
  yield* family('lakewarden_scan_findings_waived', 'Findings that a waiver covers.');
  yield `lakewarden_scan_findings_waived ${report.findings.filter(({ state }) => state === 'waived').length}\n`;
  yield* family('lakewarden_scan_incomplete_scopes', 'Listings that could not be read whole.');
  for (const [system, scopes] of Map.groupBy(report.scopes, ({ kind }) => kind.split('.')[0] ?? ''))
    yield `lakewarden_scan_incomplete_scopes{system="${system.replaceAll(/[^a-z0-9]/g, '')}"} ${scopes.filter(({ complete }) => !complete).length}\n`;
  if (report.score !== undefined) {
    yield* family('lakewarden_scan_score', 'Share of what passes, severe rules counting more; 0 to 100.');
    yield `lakewarden_scan_score ${report.score}\n`;
  }
  yield* family('lakewarden_scan_last_timestamp_seconds', 'When the last scan ended.');
  yield `lakewarden_scan_last_timestamp_seconds ${report.ended / 1_000}\n`;
}

function* family(name: string, help: string): Generator<string> {
  yield `# HELP ${name} ${help}\n# TYPE ${name} gauge\n`;
}
