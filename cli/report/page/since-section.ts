import { html, type Markup } from '#shared/page/markup.ts';
import { numberColumn, renderTable } from '#shared/page/table.ts';
import { amount, shortTime } from '#shared/page/times.ts';
import { size } from '../../terminal.ts';
import type { Cost, SinceFacts } from '../lake-report.ts';
import { code, renderList, sentence } from './part.ts';

const shownLines = 20;

/** What changed since the last report. */
export function renderSince(facts: SinceFacts): Markup {
  const { madeAt, sums, columns, newTopics, goneTopics, newFindings, goneFindings, newGroups, goneGroups } = facts;
  const rows = sums.map(({ name, before, now }) => [
    name,
    tell(name, before),
    tell(name, now),
    before === undefined || now === undefined ? '' : tellChange(name, now - before),
  ]);
  const lists: readonly (readonly [string, readonly (Markup | string)[]])[] = [
    ['New topics', newTopics.map(code)],
    ['Topics that are gone', goneTopics.map(code)],
    ['Columns', columns.map(tellColumn)],
    ['New findings', newFindings.map(sentence)],
    ['Findings that are gone', goneFindings.map(sentence)],
    ['New groups of dead letters', newGroups.map(sentence)],
    ['Groups of dead letters that are closed', goneGroups.map(sentence)],
  ];
  const told = lists.filter(([, lines]) => lines.length > 0);
  const counted = ['Then', 'Now', 'Change'].map(numberColumn);
  return html`<p>The last report is of <time datetime="${madeAt}">${shortTime(madeAt)}</time> UTC.</p>
    ${renderTable('Numbers then and now', [{ name: 'What' }, ...counted], rows)}
    ${told.map(
      ([title, lines]) =>
        html`<h3 class="apart">${title}: ${amount(lines.length)}</h3>
          ${renderList(lines, shownLines)}`,
    )}`;
}

function tell(name: string, value: number | undefined): string {
  if (value === undefined) return 'not known';
  return name === 'size' ? size(value) : amount(value);
}

function tellChange(name: string, change: number): string {
  const sign = change > 0 ? '+' : change < 0 ? '−' : '';
  return change === 0 ? 'none' : `${sign}${tell(name, Math.abs(change))}`;
}

function tellColumn({ table, column, from, to }: SinceFacts['columns'][number]): Markup {
  if (to === undefined) return html`${code(table)}: ${code(column)} is gone`;
  if (from === undefined) return html`${code(table)}: ${code(column)} came as ${code(to)}`;
  return html`${code(table)}: ${code(column)}, ${code(from)} became ${code(to)}`;
}

/** What making the report cost. */
export function renderCosts(costs: readonly Cost[]): Markup {
  const systems = [...new Set(costs.flatMap(({ calls }) => Object.keys(calls)))].toSorted();
  const rows = costs.map(({ part, seconds, calls }) => [
    part,
    `${seconds.toFixed(1)} s`,
    ...systems.map((system) => (calls[system] === undefined ? '' : amount(calls[system]))),
  ]);
  const seconds = costs.reduce((sum, cost) => sum + cost.seconds, 0);
  const sums = systems.map((system) => amount(costs.reduce((sum, { calls }) => sum + (calls[system] ?? 0), 0)));
  const columns = [{ name: 'Part' }, numberColumn('Time'), ...systems.map((name) => numberColumn(`${name} calls`))];
  return html`${renderTable('Costs of this report', columns, [...rows, ['together', `${seconds.toFixed(1)} s`, ...sums]])}
    <p class="soft">Calls of a scan to AWS and OpenStack are not counted.</p>`;
}
