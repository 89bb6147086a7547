import { cutText } from '#shared/page/cut.ts';
import { html, Markup } from '#shared/page/markup.ts';
import { amount } from '#shared/page/times.ts';
import { size } from '../../terminal.ts';
import { type HeatCell, type HeatMap, readableLabel } from './heat-map.ts';

/** A measure of cells: what it is called, how numbers of it are told, and from where on a cell is darker. */
export interface Measure {
  readonly title: string;
  readonly of: (cell: HeatCell) => number | undefined;
  readonly tell: (value: number) => string;
  /** For the largest number that is drawn. */
  readonly steps: (most: number) => readonly number[];
}

/** Always the same, so that pictures before and after can be compared. */
const fileSteps = (): readonly number[] => [1, 4, 16, 64, 256, 1_024];

/** 1, 3, 10, 30, and so on: the last ones up to the largest number, since sizes differ less than numbers of files. */
function byteSteps(most: number): readonly number[] {
  const all = Array.from({ length: 36 }, (_, index) => (index % 2 === 0 ? 1 : 3) * 10 ** Math.floor(index / 2));
  const last = Math.max(
    5,
    all.findLastIndex((step) => step <= most),
  );
  return [1, ...all.slice(last - 4, last + 1)];
}

/** Files as they are now, as earlier reports saw them, and their bytes. */
export const measures = {
  now: { title: 'Files now', of: ({ files }) => files, tell: tellFiles, steps: fileSteps },
  before: { title: 'Files before', of: ({ mostFiles }) => mostFiles, tell: tellFiles, steps: fileSteps },
  bytes: { title: 'Size', of: ({ bytes }) => bytes, tell: size, steps: byteSteps },
} as const satisfies Record<string, Measure>;

function tellFiles(files: number): string {
  return `${amount(files)} ${files === 1 ? 'file' : 'files'}`;
}

const [left, top, right, height, rowHeight] = [190, 20, 960, 14, 18];
/** Beyond this many cells none has a text of its own: the table tells them all. */
const mostTold = 800;
const shownLetters = 26;

/** A picture of topics by times, with a scale; what it shows is told in words, too, and a table stands behind it. */
export function renderHeat(map: HeatMap, measure: Measure): Markup {
  const { columns, rows } = map;
  const step = Math.min(24, (right - left) / Math.max(1, columns.length));
  const width = Math.max(step - 1, step * 0.8);
  const bottom = top + rows.length * rowHeight;
  const isTold = rows.length * columns.length <= mostTold;
  const values = rows.flatMap(({ cells }) => cells.flatMap((cell) => (cell && measure.of(cell)) ?? []));
  const steps = measure.steps(values.reduce((most, value) => Math.max(most, value), 0));
  const paths = new Map<number, string[]>();
  const told: Markup[] = [];
  for (const [index, { topic, cells }] of rows.entries())
    for (const [column, cell] of cells.entries()) {
      const value = cell && measure.of(cell);
      if (value === undefined) continue;
      const [x, y, level] = [fixed(left + column * step), top + index * rowHeight, levelOf(value, steps)];
      if (isTold)
        told.push(
          html`<rect class="l${level}" x="${x}" y="${y}" width="${fixed(width)}" height="${height}"
            ><title>${cutText(topic, 80)}, ${readableLabel(columns[column] ?? '')}: ${measure.tell(value)}</title></rect
          >`,
        );
      else paths.set(level, [...(paths.get(level) ?? []), `M${x} ${y}h${fixed(width)}v${height}h-${fixed(width)}z`]);
    }
  const names = rows.map(
    ({ topic }, index) =>
      html`<text x="0" y="${top + index * rowHeight + 11}"
        ><title>${cutText(topic, 200)}</title>${cutText(topic, shownLetters)}</text
      >`,
  );
  const story = tellStory(map, measure);
  return html`<figure class="heat">
    <h3>${measure.title}</h3>
    <div class="scroll" role="region" aria-label="${measure.title}, picture" tabindex="0">
      <svg viewBox="0 0 ${right} ${bottom + 4}" role="img" aria-label="${measure.title}. ${story}">
        ${names}${renderTicks(map, step, bottom)}${[...paths].map(([level, all]) => html`<path class="l${level}" d="${new Markup(all.join(''))}" />`)}${told}
      </svg>
    </div>
    <figcaption>${renderScale(measure, steps)} ${story}</figcaption>
  </figure>`;
}

/** Column 0 is a folder without files. */
function levelOf(value: number, steps: readonly number[]): number {
  return steps.filter((step) => value >= step).length;
}

function renderTicks({ columns, gaps, unit }: HeatMap, step: number, bottom: number): Markup[] {
  const ticks: Markup[] = [];
  let free = 0;
  for (const [index, column] of columns.entries()) {
    const x = left + index * step;
    if (gaps.has(index))
      ticks.push(
        html`<line class="gap" x1="${fixed(x - 0.5)}" x2="${fixed(x - 0.5)}" y1="${top - 4}" y2="${bottom}" />`,
      );
    const isFirst = index === 0 || gaps.has(index) || column.endsWith(unit === 'hour' ? 'T00' : '-01');
    const wide = column.length * 6 + 8;
    if (!isFirst || x < free || x + wide > right) continue;
    free = x + wide;
    ticks.push(html`<text x="${fixed(x)}" y="12">${column.replace('T', ' ')}</text>`);
  }
  return ticks;
}

function renderScale({ tell }: Measure, steps: readonly number[]): Markup {
  const boxes = steps.map((from, index) => {
    const next = steps[index + 1];
    const text =
      next === undefined ? `${tell(from)} and more` : index === 0 ? `below ${tell(next)}` : `from ${tell(from)}`;
    return html`<li>
      <svg class="box" viewBox="0 0 12 12" aria-hidden="true">
        <rect class="l${index + 1}" width="12" height="12" />
      </svg>
      ${text}
    </li>`;
  });
  return html`<ul class="scale" aria-label="Scale">
    <li>
      <svg class="box" viewBox="0 0 12 12" aria-hidden="true">
        <rect class="l0" x="0.5" y="0.5" width="11" height="11" />
      </svg>
      no file
    </li>
    ${boxes}
  </ul>`;
}

function tellStory({ columns, rows, unit, gaps }: HeatMap, { of, tell }: Measure): string {
  let sum = 0;
  let most: { readonly value: number; readonly topic: string; readonly column: string } | undefined;
  for (const { topic, cells } of rows)
    for (const [index, cell] of cells.entries()) {
      const value = (cell && of(cell)) ?? 0;
      sum += value;
      if (value > (most?.value ?? 0)) most = { value, topic, column: columns[index] ?? '' };
    }
  const [first = '', last = ''] = [columns[0], columns.at(-1)];
  const gapNote = gaps.size === 0 ? '' : ' Dashed lines stand for times in which no topic has a folder.';
  const peak =
    most === undefined
      ? ''
      : ` Most in ${cutText(most.topic, 80)}, ${readableLabel(most.column)}: ${tell(most.value)}.`;
  const topics = `${amount(rows.length)} ${rows.length === 1 ? 'topic' : 'topics'}`;
  return `${tell(sum)} of ${topics} by ${unit}, ${readableLabel(first)} to ${readableLabel(last)}.${peak}${gapNote}`;
}

function fixed(number: number): string {
  return String(Math.round(number * 10) / 10);
}
