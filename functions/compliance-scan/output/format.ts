import { renderJson } from './json-report.ts';
import { renderJunit } from './junit.ts';
import { renderOcsf } from './ocsf.ts';
import { renderOpenReports } from './open-reports.ts';
import { renderPage } from './page/page.ts';
import { renderPrometheus } from './prometheus.ts';
import type { Report } from './report.ts';
import { renderSarif } from './sarif.ts';
import { renderText } from './text.ts';

/** Writes a report in one format, piece by piece. */
export type Format = (report: Report) => Iterable<string>;

/** The formats by their names. */
export const formats: Readonly<Record<string, Format>> = {
  text: (report) => [renderText(report)],
  json: (report) => [renderJson(report)],
  html: (report) => [renderPage(report)],
  sarif: renderSarif,
  junit: renderJunit,
  ocsf: renderOcsf,
  openreports: (report) => renderOpenReports(report),
  policyreports: (report) => renderOpenReports(report, { api: 'wgpolicyk8s.io/v1alpha2' }),
  prometheus: renderPrometheus,
};

/** What a file's name tells of its format. */
const endings: Readonly<Record<string, string>> = {
  '.txt': 'text',
  '.json': 'json',
  '.html': 'html',
  '.sarif': 'sarif',
  '.xml': 'junit',
  '.jsonl': 'ocsf',
  '.yaml': 'openreports',
  '.prom': 'prometheus',
};

/** The format of a file, by `format=path` or by how its name ends; undefined when neither tells. */
export function formatOf(output: string): { readonly format: Format; readonly path: string } | undefined {
  const [, name = '', path = ''] = /^([a-z]+)=(.+)$/s.exec(output) ?? [];
  if (Object.hasOwn(formats, name)) return { format: formats[name] as Format, path };
  const ending = Object.keys(endings).find((one) => output.endsWith(one));
  const format = ending === undefined ? undefined : formats[endings[ending] ?? ''];
  return format === undefined ? undefined : { format, path: output };
}
