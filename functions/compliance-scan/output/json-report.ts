import type { Report } from './report.ts';

/** The report as it is, for programs: times as RFC 3339, one line, and no halves of characters, which strict readers refuse. */
export function renderJson(report: Report): string {
  return `${JSON.stringify(report, writeValue)}\n`;
}

const times = new Set(['started', 'ended', 'firstSeen', 'lastSeen', 'changed', 'expires']);

function writeValue(key: string, value: unknown): unknown {
  if (typeof value === 'string') return value.toWellFormed();
  return typeof value === 'number' && times.has(key) ? new Date(value).toISOString() : value;
}
