import { labelsBetween } from '#shared/lake/calendar.ts';
import type { HourCell, TopicFiles } from '../lake-report.ts';

/** Topics by times: what is drawn. Plain data. */
export interface HeatMap {
  readonly unit: 'hour' | 'day';
  /** Labels of the times in which some topic has a folder, the newest last. */
  readonly columns: readonly string[];
  /** Columns before which times are left out, since no topic has a folder there. */
  readonly gaps: ReadonlySet<number>;
  readonly rows: readonly HeatRow[];
  /** Topics that have no row; those with fewest files. */
  readonly hiddenTopics: number;
  /** Columns that are too old to be drawn. */
  readonly hiddenColumns: number;
}

/** A topic and what it has in each column. */
export interface HeatRow {
  readonly topic: string;
  readonly cells: readonly (HeatCell | undefined)[];
}

/** Sums of a topic in a column. */
export interface HeatCell {
  readonly files: number;
  readonly bytes: number;
  /** The most files that earlier reports saw; undefined when none did. */
  readonly mostFiles?: number;
}

const mostRows = 100;
const mostColumns = 192;
const lengths = { hour: 13, day: 10 };

/** Arranges the cells of topics; hours become days where there are too many of them for a page. */
export function makeHeatMap(topics: readonly TopicFiles[]): HeatMap {
  const dated = topics
    .filter(({ cells }) => cells.length > 0)
    .toSorted((a, b) => b.files - a.files || (a.topic < b.topic ? -1 : 1));
  const shown = dated.slice(0, mostRows).toSorted((a, b) => (a.topic < b.topic ? -1 : 1));
  const hasHours = shown.some(({ cells }) => cells.some(({ label }) => label.length >= lengths.hour));
  const hours = hasHours ? columnsOf(shown, 'hour') : [];
  const unit = hasHours && hours.length <= mostColumns ? 'hour' : 'day';
  const all = unit === 'hour' ? hours : columnsOf(shown, 'day');
  const columns = all.slice(-mostColumns);
  const gaps = new Set<number>();
  for (const [index, column] of columns.entries())
    if (index > 0 && labelsBetween(columns[index - 1] ?? column, column) > 1) gaps.add(index);
  return {
    unit,
    columns,
    gaps,
    rows: shown.map(({ topic, cells }) => rowOf(topic, cells, columns, unit)),
    hiddenTopics: dated.length - shown.length,
    hiddenColumns: all.length - columns.length,
  };
}

function columnsOf(topics: readonly TopicFiles[], unit: HeatMap['unit']): string[] {
  const labels = topics.flatMap(({ cells }) => cells.map(({ label }) => columnOf(label, unit)));
  return [...new Set(labels)].toSorted();
}

/** A label that spans more than a column stands in the first one of its columns. */
function columnOf(label: string, unit: HeatMap['unit']): string {
  return `${label}${'0000-01-01T00'.slice(label.length)}`.slice(0, lengths[unit]);
}

function rowOf(topic: string, cells: readonly HourCell[], columns: readonly string[], unit: HeatMap['unit']): HeatRow {
  const found = new Map<string, HeatCell>();
  for (const { label, files, bytes, mostFiles } of cells) {
    const column = columnOf(label, unit);
    const sum = found.get(column) ?? { files: 0, bytes: 0 };
    const most = mostFiles === undefined ? sum.mostFiles : (sum.mostFiles ?? 0) + mostFiles;
    found.set(column, {
      files: sum.files + files,
      bytes: sum.bytes + bytes,
      ...(most === undefined ? {} : { mostFiles: most }),
    });
  }
  return { topic, cells: columns.map((column) => found.get(column)) };
}

/** A label as people read it: `2019-09-01 01:00`. */
export function readableLabel(label: string): string {
  return label.length === lengths.hour ? `${label.replace('T', ' ')}:00` : label.replace('T', ' ');
}
