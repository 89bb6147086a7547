import { html, type Markup } from '#shared/page/markup.ts';
import { numberColumn, renderTable } from '#shared/page/table.ts';
import { amount, count, shortTime, span } from '#shared/page/times.ts';
import type { CompletenessFacts, TableFacts, TablesFacts } from '../lake-report.ts';
import { readableLabel } from './heat-map.ts';
import { code, sentence } from './part.ts';

const shownTables = 500;
const shownChanges = 100;

/** Tables: what is registered of the folders, how far they are complete, and how their columns changed. */
export function renderTables({ tables }: TablesFacts): Markup {
  if (tables.length === 0) return html`<p>There is no topic, and so no table.</p>`;
  // What somebody should look at comes first.
  const sorted = tables.toSorted((a, b) => weightOf(b) - weightOf(a) || (a.table < b.table ? -1 : 1));
  const rows = sorted
    .slice(0, shownTables)
    .map((one) => [
      html`${code(one.table)}<br /><span class="soft">topic ${code(one.topic)}</span>`,
      tellState(one),
      one.columns.length === 0 ? '' : amount(one.columns.length),
      one.state === 'kept' ? amount(one.registered) : '',
      amount(one.folders),
      one.state === 'kept' ? amount(one.rows) : '',
      one.state === 'kept' ? tellCompleteness(one.completeness) : '',
    ]);
  const counted = ['Columns', 'Partitions', 'of folders', 'Rows counted'].map(numberColumn);
  const columns = [{ name: 'Table' }, { name: 'State' }, ...counted, { name: 'Complete until' }];
  const rest = sorted.length - rows.length;
  return html`<p>Folders are the newest ones that hold files; partitions are those of them that SQL sees.</p>
    ${renderTable('Tables', columns, rows)} ${rest > 0 ? html`<p>And ${count(rest, 'table')} more.</p>` : undefined}
    <h3 class="apart">Changes of columns</h3>
    ${renderChanges(tables)}`;
}

function weightOf({ state, folders, registered }: TableFacts): number {
  if (state !== 'kept') return { unknown: 4, missing: 3, others: 2 }[state];
  return folders > registered ? 1 : 0;
}

function tellState({ state, reason, folders, registered, unregistered }: TableFacts): Markup {
  if (state === 'unknown') return html`<span class="tag bad">unknown</span> ${sentence(reason ?? '')}`;
  if (state === 'others') return html`<span class="tag">not kept</span> ${sentence(reason ?? '')}`;
  if (state === 'missing') return html`<span class="tag${folders > 0 ? ' bad' : ''}">no table</span>`;
  const behind = folders - registered;
  return behind > 0
    ? html`<span class="tag bad">${count(behind, 'folder')} not registered</span> ${unregistered.map(
          (path) => html`<br /><span class="soft">${code(path)}</span>`,
        )}`
    : html`<span class="tag done">all registered</span>`;
}

function tellCompleteness(facts: CompletenessFacts | undefined): Markup | string {
  if (facts === undefined) return 'names tell no offsets';
  const { complete, lag, lagSeconds, gaps, unknown } = facts;
  const parts = [
    html`${complete === undefined ? 'no hour' : readableLabel(complete)}`,
    ...(lag === undefined
      ? []
      : [html`, ${count(lag, 'record')} behind${lagSeconds ? ` for ${span(lagSeconds * 1_000)}` : ''}`]),
    ...(gaps > 0 ? [html` <span class="tag bad">offsets missing in ${count(gaps, 'partition')}</span>`] : []),
    ...(unknown === undefined ? [] : [html` <span class="tag">as stored: ${sentence(unknown)}</span>`]),
  ];
  return html`${parts}`;
}

function renderChanges(tables: readonly TableFacts[]): Markup {
  const changes = tables
    .flatMap(({ table, changes: own }) => own.map((change) => ({ table, ...change })))
    .toSorted((a, b) => (a.at < b.at ? 1 : Number(a.at > b.at) * -1));
  if (changes.length === 0) return html`<p>The tables remember none.</p>`;
  const rows = changes
    .slice(0, shownChanges)
    .map(({ table, at, column, from, to, because }) => [
      code(table),
      html`<time datetime="${at}">${shortTime(at)}</time>`,
      code(column),
      from === undefined ? html`came as ${code(to)}` : html`${code(from)} became ${code(to)}`,
      because === undefined ? '' : code(because),
    ]);
  const columns = ['Table', 'When (UTC)', 'Column', 'Change', 'Because of'].map((name) => ({ name }));
  const rest = changes.length - rows.length;
  return html`${renderTable('Changes of columns', columns, rows)}
  ${rest > 0 ? html`<p>And ${count(rest, 'change')} more.</p>` : undefined}`;
}
