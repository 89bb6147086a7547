import { apart } from './apart.ts';
import { tellSeconds } from './in-turn.ts';
import type { Findings, Row, Table } from './benchmark.ts';

/** What is kept of a benchmark's run: bench/results/<name>.json. */
export interface Result extends Findings {
  readonly name: string;
  readonly title: string;
  /** The day of the run, such as `2026-11-21`. */
  readonly date: string;
  /** How long it took, without the start of the lake that benchmarks share. */
  readonly seconds?: number;
  readonly versions: Readonly<Record<string, string>>;
  readonly machine: {
    readonly cores: number;
    readonly processor: string;
    /** GiB */
    readonly memory: number;
    /** Load averages over one minute, before and after: above `cores`, others wanted the machine, too. */
    readonly load: readonly [number, number];
  };
  readonly command: string;
}

const intro = `# Benchmarks

Each compares with a peer on the same work, on the same real services, in the same run. \`make bench\` measures all anew, one
after the other, but those that are marked as apart; \`make bench B=all\` takes these in, \`make bench B=cold-start\` measures one. What
fails is told at the end, and keeps its old figures here. This page is made from the JSON files beside it. A ratio above 1 says how
many times better we are. Times depend on the machine and on what else runs on it: compare within a table only.

![How many times better than the peer each figure is](ratios.svg)
`;

/** The page of all results; a goal that is missed stands out with how far it is. */
export function renderResults(results: readonly Result[]): string {
  const sorted = sortResults(results);
  return [intro, renderOverview(sorted), ...sorted.map(renderResult)].join('\n');
}

/** When each was measured, and how busy the machine was: old figures and those of a busy machine are seen at once. */
function renderOverview(results: readonly Result[]): string {
  const lines = results.map(({ title, name, date, machine, seconds }) => {
    const { load, cores } = machine;
    const before = load[0] > 2 * cores ? `**${load.join(' to ')}**` : load.join(' to ');
    const took = seconds === undefined ? '–' : tellSeconds(seconds);
    return `| [${title}](#${anchorOf(title)}) | \`${name}\` | ${date} | ${before} | ${took} | ${apart.get(name) ?? ''} |`;
  });
  return `| | name | measured | load | took | apart because |
|---|---|---|---:|---:|---|
${lines.join('\n')}

Load is the average over a minute before and after, with what the benchmarks do themselves. Bold: before it began, it was above twice the
number of cores, by others or by what was measured before it, so that both sides waited longer than they need.
`;
}

/** The anchor that GitHub gives a heading. */
function anchorOf(heading: string): string {
  return heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
    .replaceAll(' ', '-');
}

/** Results in the order of the page: by title, numbers in it by their size. */
export function sortResults(results: readonly Result[]): readonly Result[] {
  return results.toSorted((a, b) => a.title.localeCompare(b.title, 'en', { numeric: true }));
}

/** The file of a curve's picture, beside the page. */
export function pictureOf(name: string, index: number): string {
  return `${name}-${index + 1}.svg`;
}

function renderResult({
  name,
  title,
  peer,
  rows,
  curves = [],
  tables = [],
  notes,
  versions,
  machine,
  date,
  command,
}: Result): string {
  const { cores, processor, memory, load } = machine;
  const software = Object.entries(versions).map((entry) => entry.join(' '));
  return `## ${title}

Peer: ${peer}.

| work | ours | peer | ratio | goal | met |
|---|---:|---:|---:|---|---|
${rows.map(renderRow).join('\n')}
${curves.map((curve, index) => `\n![${curve.title}](${pictureOf(name, index)})\n`).join('')}${tables.map(renderTable).join('')}
${notes.map((note) => `- ${note}`).join('\n')}
- ${date}, \`${command}\`, ${cores} cores (${processor}), ${memory} GiB, load ${load.join(' to ')}; ${software.join(', ')}.
`;
}

function renderTable({ title, head, lines }: Table): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |\n`;
  return `\n${title}\n\n${line(head)}${line(head.map(() => '---'))}${lines.map(line).join('')}`;
}

/** What was done, and against whom where a benchmark has several peers. */
export function workOf({ work, against }: Row): string {
  return against === undefined ? work : `${work}, against ${against}`;
}

function renderRow(row: Row): string {
  const { ours, peer, unit, ratio, goal, met } = row;
  const measured = (value: number | undefined): string =>
    value === undefined ? '–' : `${renderNumber(value)} ${unit}`;
  const times = ratio === undefined ? '–' : `${renderNumber(ratio)}×`;
  const verdict = met === undefined ? '–' : met ? 'yes' : '**no**';
  return `| ${workOf(row)} | ${measured(ours)} | ${measured(peer)} | ${times} | ${goal ?? '–'} | ${verdict} |`;
}

/** Three significant digits, or all before the point. */
export function renderNumber(value: number): string {
  const digits = Math.max(0, 2 - Math.floor(Math.log10(Math.abs(value) || 1)));
  return value.toLocaleString('en', { maximumFractionDigits: digits });
}
