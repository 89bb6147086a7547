import type { Report } from './report.ts';

/** The report as it is, for programs: times as RFC 3339, one line. */
export function renderJson(report: Report): string {
  return `${JSON.stringify(report, (key, value: unknown) => (times.has(key) ? timeText(value) : value))}\n`;
}

const times = new Set(['started', 'ended', 'firstSeen', 'lastSeen', 'changed', 'expires']);

function timeText(value: unknown): unknown {
  return typeof value === 'number' ? new Date(value).toISOString() : value;
}
