import type { Row } from '#shared/hive/hiveserver-rows.ts';
import { duration, paint, renderTable } from '../cli/terminal.ts';

/** Runs a step: says what it is about to do, then what it did and how long that took. */
export async function step<Result>(
  title: string,
  work: (tell: (text: string) => void) => Promise<Result>,
  result: (value: Result) => string = () => '',
): Promise<Result> {
  const live = process.stdout.isTTY;
  const started = performance.now();
  console.log(`\n${paint('bold', `▸ ${title}`)}`);
  const value = await work((text) => {
    if (live) process.stdout.write(`\r\u001b[K  ${paint('dim', text.slice(0, (process.stdout.columns || 100) - 4))}`);
    else console.log(`  ${text}`);
  });
  if (live) process.stdout.write('\r\u001b[K');
  const did = result(value);
  console.log(
    `  ${paint('green', '✓')} ${did}${did === '' ? 'done' : ''} ${paint('dim', `in ${duration(performance.now() - started)}`)}`,
  );
  return value;
}

/** Shows rows as Hive gave them. */
export function showRows(rows: readonly Row[]): void {
  const header = Object.keys(rows[0] ?? {});
  const cells = rows.map((row) => header.map((name) => cellOf(row[name])));
  for (const line of renderTable(header, cells).split('\n')) console.log(`  ${line}`);
}

function cellOf(value: Row[string] | undefined): string | number {
  if (typeof value === 'number') return value;
  if (typeof value === 'bigint') return Number(value);
  return value === null ? 'NULL' : typeof value === 'string' ? value : JSON.stringify(value);
}

/** Bars of a number per label. */
export function showBars(title: string, values: readonly (readonly [string, number])[]): void {
  const largest = Math.max(...values.map(([, value]) => value), 1);
  const width = Math.max(...values.map(([label]) => label.length));
  console.log(`  ${paint('dim', title)}`);
  for (const [label, value] of values) {
    const eighths = Math.round((value / largest) * 40 * 8);
    console.log(
      `  ${label.padStart(width)} ${paint('cyan', '█'.repeat(Math.floor(eighths / 8)) + ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉'][eighths % 8])} ${value}`,
    );
  }
}

/** Indented lines. */
export function say(...lines: string[]): void {
  for (const line of lines) console.log(`  ${line}`);
}
