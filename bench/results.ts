import type { Findings, Row } from './benchmark.ts';

/** What is kept of a benchmark's run: bench/results/<name>.json. */
export interface Result extends Findings {
  readonly name: string;
  readonly title: string;
  /** The day of the run, such as `2026-11-21`. */
  readonly date: string;
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

Each compares with a peer on the same work, on the same real services, in the same run. \`make bench\` measures anew
(\`make bench B=cold-start\` one of them); this page is made from the JSON files beside it. A ratio above 1 says how many times
better we are. Times depend on the machine and on what else runs on it: compare within a table only.

![How many times better than the peer each figure is](ratios.svg)
`;

/** The page of all results; a goal that is missed stands out with how far it is. */
export function renderResults(results: readonly Result[]): string {
  return [intro, ...sortResults(results).map(renderResult)].join('\n');
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
${curves.map((curve, index) => `\n![${curve.title}](${pictureOf(name, index)})\n`).join('')}
${notes.map((note) => `- ${note}`).join('\n')}
- ${date}, \`${command}\`, ${cores} cores (${processor}), ${memory} GiB, load ${load.join(' to ')}; ${software.join(', ')}.
`;
}

function renderRow({ work, ours, peer, unit, ratio, goal, met }: Row): string {
  const measured = (value: number | undefined): string =>
    value === undefined ? '–' : `${renderNumber(value)} ${unit}`;
  const times = ratio === undefined ? '–' : `${renderNumber(ratio)}×`;
  const verdict = met === undefined ? '–' : met ? 'yes' : '**no**';
  return `| ${work} | ${measured(ours)} | ${measured(peer)} | ${times} | ${goal ?? '–'} | ${verdict} |`;
}

/** Three significant digits, or all before the point. */
export function renderNumber(value: number): string {
  const digits = Math.max(0, 2 - Math.floor(Math.log10(Math.abs(value) || 1)));
  return value.toLocaleString('en', { maximumFractionDigits: digits });
}
