import { renderDocument } from '#shared/page/document.ts';
import { html, type Markup } from '#shared/page/markup.ts';
import { renderSums, type Sum } from '#shared/page/sums.ts';
import { amount, count, shortTime } from '#shared/page/times.ts';
import { size } from '../../terminal.ts';
import type { LakeReport, Part } from '../lake-report.ts';
import { sumsOf } from '../snapshot.ts';
import { renderCompaction, renderFiles } from './files-section.ts';
import { renderPart, sentence } from './part.ts';
import { renderCosts, renderSince } from './since-section.ts';
import { renderTables } from './tables-section.ts';
import { renderCompliance, renderLetters } from './troubles-section.ts';

const shownProblems = 30;

/** The report as one HTML page that needs no other file, no script and no network. */
export function renderPage(report: LakeReport): string {
  const { madeAt } = report;
  const body = html`<header>
      <h1>The lake at a glance</h1>
      <p class="soft">
        <time datetime="${madeAt}">${shortTime(madeAt)}</time> UTC. Nothing was changed to make this page.
      </p>
      ${renderSums(headlines(report))}
      <nav aria-label="Parts of the page">
        <a href="#files">Files</a> <a href="#small">Small files</a> <a href="#tables">Tables</a>
        <a href="#letters">Dead letters</a> <a href="#compliance">Compliance</a>
        <a href="#since">Since the last report</a> <a href="#costs">Costs</a>
      </nav>
    </header>
    <main>
      ${renderUnknown(report)} ${heading('files', 'Files and sizes by hour')} ${renderPart(report.files, renderFiles)}
      ${heading('small', 'Small files')} ${renderCompaction(report)}
      ${heading('tables', 'Tables and their schema history')} ${renderPart(report.tables, renderTables)}
      ${heading('letters', 'Dead letters')} ${renderPart(report.letters, renderLetters)}
      ${heading('compliance', 'Compliance')} ${renderPart(report.compliance, renderCompliance)}
      ${heading('since', 'Since the last report')} ${renderPart(report.since, renderSince)}
      ${heading('costs', 'What this report cost')} ${renderCosts(report.costs)}
    </main>
    <footer>
      <p>Made by <code>lakewarden report</code>.</p>
    </footer>`;
  return renderDocument({ title: `The lake, ${shortTime(madeAt)} UTC`, body });
}

function heading(id: string, text: string): Markup {
  return html`<h2 id="${id}" tabindex="-1">${text}</h2>`;
}

function headlines(report: LakeReport): Sum[] {
  const sums = sumsOf(report);
  const tell = (name: string, isBytes = false): string => {
    const value = sums.get(name);
    if (value === undefined) return 'unknown';
    return isBytes ? size(value) : amount(value);
  };
  const above = (name: string): boolean => (sums.get(name) ?? 0) > 0;
  const { compliance, letters, tables, files } = report;
  const all: readonly (readonly [Part<unknown>, Sum])[] = [
    [files, { name: 'Topics', value: tell('topics') }],
    [files, { name: 'Newest files', value: tell('files') }],
    [files, { name: 'Their size', value: tell('size', true) }],
    [report.compaction, { name: 'Small files', value: tell('small files') }],
    [tables, { name: 'Tables', value: tell('tables') }],
    [
      tables,
      {
        name: 'Folders not in SQL',
        value: tell('folders that are no partitions'),
        isBad: above('folders that are no partitions'),
      },
    ],
    [letters, { name: 'Dead letters', value: tell('dead letters in them'), isBad: above('dead letters in them') }],
    [
      compliance,
      { name: 'Compliance', value: sums.has('compliance score') ? `${tell('compliance score')} of 100` : 'unknown' },
    ],
  ];
  return all.filter(([part]) => part.state !== 'unset').map(([, sum]) => sum);
}

const names = {
  files: 'Files',
  compaction: 'Small files',
  tables: 'Tables',
  letters: 'Dead letters',
  compliance: 'Compliance',
} as const;

/** What is not known comes before all else: it is not fine. */
function renderUnknown(report: LakeReport): Markup | undefined {
  const parts = (Object.keys(names) as (keyof typeof names)[]).flatMap((key) => {
    const part: Part<unknown> = report[key];
    return part.state === 'unknown' ? [`${names[key]}: ${part.reason}`] : [];
  });
  const { tables, compliance } = report;
  const dark = tables.state === 'read' ? tables.facts.tables.filter(({ state }) => state === 'unknown').length : 0;
  const lines = [
    ...parts,
    ...(dark > 0 ? [`Tables: ${count(dark, 'table')} could not be asked for, as said there`] : []),
    ...(compliance.state === 'read' && !compliance.facts.isComplete
      ? ['Compliance: not all listings came to their ends, as said there']
      : []),
    ...report.problems,
  ];
  if (lines.length === 0) return undefined;
  const rest = lines.length - shownProblems;
  return html`<section class="alarm" aria-labelledby="unknown">
    <h2 id="unknown">Not everything could be looked at</h2>
    <ul>
      ${lines.slice(0, shownProblems).map((line) => html`<li>${sentence(line)}</li>`)}
    </ul>
    ${rest > 0 ? html`<p>And ${amount(rest)} more.</p>` : undefined}
  </section>`;
}
