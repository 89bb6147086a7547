import type { Row } from '#shared/hive/hiveserver-rows.ts';
import type { HiveServer } from '#shared/hive/hiveserver.ts';
import { count, duration, paint, printable, renderTable } from '../cli/terminal.ts';
import type { SeenEvent } from './broker.ts';

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

/** Says the title of an act. */
export function act(number: number, title: string): void {
  const line = `━━━ ${number} ━ ${title} `;
  console.log(`\n${paint('cyan', line.padEnd(100, '━'))}`);
}

/** Requires a figure of the story to be right. @throws with both figures */
export function requireEqual(what: string, found: number | string, wanted: number | string): void {
  if (found !== wanted) throw new Error(`${what}: ${found}, and not ${wanted}`);
}

/** Shows a question to Hive and its rows. */
export async function query(hive: HiveServer, sql: string): Promise<readonly Row[]> {
  const rows = await step(
    paint('cyan', `hive> ${sql};`),
    async () => hive.query(sql),
    (found) => count(found.length, 'row'),
  );
  showRows(rows);
  return rows;
}

/** Shows events that went over the Broker: one line for each type. */
export function showEvents(events: readonly SeenEvent[]): void {
  for (const [type, all] of Map.groupBy(events, (event) => event.type)) {
    const [first] = all as [SeenEvent, ...SeenEvent[]];
    const what =
      all.length === 1
        ? `${first.subject} ${describe(first)}`
        : `${all.length} times${first.subject === '' ? '' : `, first ${first.subject}`}`;
    say(paint('dim', `event ${type.padEnd(36)} ${printable(what)}`));
  }
}

function describe({ type, data }: SeenEvent): string {
  if (type.includes('.partitions.')) return count((data['partitions'] as unknown[]).length, 'partition');
  if (type.endsWith('table.evolved'))
    return (data['changes'] as { column: string; from?: string; to: string }[])
      .map(({ column, from, to }) => `${column} ${from ?? '(new)'} -> ${to}`)
      .join(', ');
  if (type.endsWith('sync.completed'))
    return [data['status'], JSON.stringify(data['calls']), `${Number(data['seconds'])} s`].join(', ');
  return '';
}
