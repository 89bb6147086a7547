import { html, type Markup } from '#shared/page/markup.ts';
import { numberColumn, renderTable } from '#shared/page/table.ts';
import { amount, count } from '#shared/page/times.ts';
import { size } from '../../terminal.ts';
import type { CompactionFacts, FilesFacts, LakeReport, TopicFiles } from '../lake-report.ts';
import { type HeatMap, makeHeatMap, readableLabel } from './heat-map.ts';
import { code, renderPart, sentence } from './part.ts';
import { measures, renderHeat } from './render-heat.ts';

const shownTopics = 500;
const shownNumbers = 1_000;

/** Files and sizes by hour, before and after compaction where earlier reports tell. */
export function renderFiles({ root, topics, foldersPerTopic }: FilesFacts): Markup {
  if (topics.length === 0) return html`<p>There is no topic in ${code(root)}.</p>`;
  const map = makeHeatMap(topics);
  const cells = map.rows.flatMap((row) => row.cells.filter((cell) => cell !== undefined));
  const hasHistory = cells.some(({ mostFiles }) => mostFiles !== undefined);
  const isLess = cells.some(({ mostFiles = 0, files }) => mostFiles > files);
  return html`<p>
      The newest ${amount(foldersPerTopic)} folders of each topic in ${code(root)}, by the times in their paths; hidden
      files are not counted.
    </p>
    ${map.rows.length === 0 ? html`<p>No folder tells a time.</p>` : undefined}
    ${isLess ? renderHeat(map, measures.before) : undefined}
    ${isLess ? html`<p class="soft">Before: the most files that an earlier report saw there.</p>` : undefined}
    ${map.rows.length === 0 ? undefined : [renderHeat(map, measures.now), renderHeat(map, measures.bytes)]}
    ${hasHistory && !isLess ? html`<p class="soft">Nowhere are fewer files than an earlier report saw.</p>` : undefined}
    ${map.hiddenTopics > 0 ? html`<p>${count(map.hiddenTopics, 'topic')} with fewer files are not drawn.</p>` : undefined}
    ${map.hiddenColumns > 0 ? html`<p>${count(map.hiddenColumns, map.unit)} before that are not drawn.</p>` : undefined}
    ${renderNumbers(map)} ${renderTopics(topics)}`;
}

/** The table behind the pictures, the newest first. */
function renderNumbers({ rows, columns, unit }: HeatMap): Markup | undefined {
  if (rows.length === 0) return undefined;
  const lines = columns.toReversed().flatMap((column, index) =>
    rows.flatMap(({ topic, cells }) => {
      const cell = cells[columns.length - 1 - index];
      return cell === undefined ? [] : [{ topic, column, ...cell }];
    }),
  );
  const head = [{ name: 'Topic' }, { name: unit === 'hour' ? 'Hour' : 'Day' }];
  const counted = ['Files before', 'Files now', 'Size'].map(numberColumn);
  const shown = lines
    .slice(0, shownNumbers)
    .map(({ topic, column, mostFiles, files, bytes }) => [
      code(topic),
      readableLabel(column),
      mostFiles === undefined ? 'not seen' : amount(mostFiles),
      amount(files),
      size(bytes),
    ]);
  const rest = lines.length - shown.length;
  return html`<details class="numbers">
    <summary>The numbers of the pictures</summary>
    ${renderTable('Numbers of the pictures', [...head, ...counted], shown)}
    ${rest > 0 ? html`<p>And ${count(rest, 'row')} more: <code>lakewarden report --json</code> has them all.</p>` : undefined}
  </details>`;
}

function renderTopics(topics: readonly TopicFiles[]): Markup {
  const sorted = topics.toSorted((a, b) => b.files - a.files || (a.topic < b.topic ? -1 : 1));
  const rows = sorted.slice(0, shownTopics).map((one) => {
    const { topic, folders, files, bytes, small, all, future, isWhole } = one;
    const notes = [
      ...(isWhole ? [] : [html`<span class="tag bad">not all was read</span>`]),
      ...(future > 0 ? [html`<span class="tag bad">${count(future, 'folder')} of the future</span>`] : []),
    ];
    return [
      html`${code(topic)} ${notes}`,
      amount(folders),
      amount(files),
      size(bytes),
      amount(small),
      folders === 0 ? '' : amount(Math.round((files / folders) * 10) / 10),
      all === undefined ? 'not counted' : `${amount(all.files)}, ${size(all.bytes)}`,
    ];
  });
  const names = ['Folders', 'Files', 'Size', 'Small files', 'Files per folder', 'All that is there'];
  const rest = sorted.length - rows.length;
  return html`<h3 class="apart">Topics</h3>
    ${renderTable('Topics', [{ name: 'Topic' }, ...names.map(numberColumn)], rows)}
    ${rest > 0 ? html`<p>And ${count(rest, 'topic')} more with fewer files.</p>` : undefined}`;
}

/** Small-file pressure: what compaction would gain. */
export function renderCompaction({ compaction, files }: Pick<LakeReport, 'compaction' | 'files'>): Markup {
  return renderPart(compaction, (facts) => {
    const topics = files.state === 'read' ? files.facts.topics : [];
    const gain = topics.reduce((sum, one) => sum + one.gain, 0);
    const small = topics.reduce((sum, one) => sum + one.small, 0);
    if (gain === 0 && facts.planned.length === 0)
      return html`<p>${count(small, 'small file')}; in no closed folder are enough of them for a merge.</p>`;
    return html`<p>
        ${count(small, 'small file')} in these folders. By their sizes alone, at most ${amount(gain)} would go when
        small ones of closed folders were joined.
      </p>
      ${renderPlanned(facts)}`;
  });
}

function renderPlanned({ planned, left, problems }: CompactionFacts): Markup {
  const rows = planned.map(({ topic, path, files, filesAfter, bytes }) => [
    code(path),
    code(topic),
    amount(files),
    amount(filesAfter),
    size(bytes),
  ]);
  const counted = ['Files', 'Files after', 'Joined'].map(numberColumn);
  return html`${
      rows.length === 0
        ? undefined
        : html`<p>The worst folders, planned by what the ends of their files say; no data would move:</p>
            ${renderTable('Planned merges', [{ name: 'Folder' }, { name: 'Topic' }, ...counted], rows)}`
    }
    ${left > 0 ? html`<p>${count(left, 'folder')} with something to gain were not planned here.</p>` : undefined}
    ${problems.slice(0, 10).map((text) => html`<p><span class="tag bad">kept apart</span> ${sentence(text)}</p>`)}
    ${problems.length > 10 ? html`<p>And ${amount(problems.length - 10)} more reasons.</p>` : undefined}
    <p class="soft"><code>lakewarden compact plan</code> shows all of it, <code>compact apply</code> does it.</p>`;
}
