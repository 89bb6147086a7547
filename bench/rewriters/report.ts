import type { FileMetaData } from 'hyparquet';
import { compare, type Row, type Table } from '../benchmark.ts';
import { median } from '../measure.ts';
import { renderNumber } from '../results.ts';
import { compareSchemas, countHelps, type Helps } from './changes.ts';
import type { Session } from './session.ts';

/** What one program took for one input, wrote, and changed; or why it refused. */
export type Measured =
  | { readonly all: readonly Session[]; readonly bytes: number; readonly line: readonly string[] }
  | string;

/** One that finished. */
type Done = Exclude<Measured, string>;

function middle({ all }: Done, of: (session: Session) => readonly number[]): number {
  return median(all.flatMap(of));
}

function whoFinished(measured: ReadonlyMap<string, Measured>): readonly [string, Done][] {
  return [...measured].filter((entry): entry is [string, Done] => typeof entry[1] !== 'string');
}

/** Each peer beside us. */
export function toRows(title: string, measured: ReadonlyMap<string, Measured>): Row[] {
  const [ours, ...peers] = whoFinished(measured);
  if (ours === undefined) return [];
  return peers.flatMap(([against, peer]) => {
    const row = (work: string, unit: string, of: (session: Session) => readonly number[]): Row => ({
      ...compare(`${title}: ${work}`, unit, middle(ours[1], of), middle(peer, of)),
      against,
    });
    return [
      row('processor time, with start', 'ms', ({ cold }) => [cold.cpu]),
      row('processor time, warm', 'ms', ({ warm }) => warm.map(({ cpu }) => cpu)),
      row('most memory', 'MiB', ({ memory }) => [memory]),
      { ...compare(`${title}: size of the result`, 'MB', ours[1].bytes / 1e6, peer.bytes / 1e6), against },
    ];
  });
}

/** What everybody took. */
export function toFigures(title: string, measured: ReadonlyMap<string, Measured>): Table {
  return {
    title: `${title}: what it takes, in ms of the clock and of processor time.`,
    head: [
      '',
      'clock, with start',
      'clock, warm',
      'processor, with start',
      'processor, warm',
      'memory, MiB',
      'written, MB',
    ],
    lines: whoFinished(measured).map(([name, one]) => [
      name,
      ...[
        middle(one, ({ cold }) => [cold.time]),
        middle(one, ({ warm }) => warm.map(({ time }) => time)),
        middle(one, ({ cold }) => [cold.cpu]),
        middle(one, ({ warm }) => warm.map(({ cpu }) => cpu)),
        middle(one, ({ memory }) => [memory]),
        one.bytes / 1e6,
      ].map(renderNumber),
    ]),
  };
}

/** What is left of what the files had. */
export function toChanges(title: string, before: FileMetaData, measured: ReadonlyMap<string, Measured>): Table {
  const keys = countHelps(before).keys.map((key) => `\`${key}\``);
  return {
    title: `${title}: what the result has of what the files had.${keys.length > 0 ? ` Their keys: ${keys.join(', ')}.` : ''}`,
    head: [
      '',
      'fields changed',
      'what of them',
      'row groups',
      'bounds',
      'page indexes',
      'bloom filters',
      'keys',
      'rows as they were',
    ],
    lines: [
      ['each file', '–', '–', ...describeHelps(countHelps(before), countHelps(before)), '–'],
      ...[...measured].map(([name, one]) =>
        typeof one === 'string'
          ? [name, `refused: ${one}`, ...Array.from({ length: 7 }, () => '–')]
          : [name, ...one.line],
      ),
    ],
  };
}

/** How a result differs from a file that it was made of: the cells of a table. */
export function describeChanges(before: FileMetaData, after: FileMetaData): readonly string[] {
  const { fields, changed, parts } = compareSchemas(before.schema, after.schema);
  const words = [...parts].map(([part, count]) => `${part} ${count}`).join(', ');
  return [`${changed} of ${fields}`, words || 'nothing', ...describeHelps(countHelps(before), countHelps(after))];
}

/** Shares of column chunks, since a result has fewer of them than the files had. */
function describeHelps(before: Helps, after: Helps): readonly string[] {
  const share = (key: 'bounds' | 'pageIndexes' | 'bloomFilters'): string => {
    const columns = after[key] / after.rowGroups;
    return `${Number(columns.toFixed(1))} of ${after.chunks / after.rowGroups} columns`;
  };
  const kept = before.keys.filter((key) => after.keys.includes(key)).length;
  return [
    String(after.rowGroups),
    share('bounds'),
    share('pageIndexes'),
    share('bloomFilters'),
    `${kept} of ${before.keys.length}`,
  ];
}
