import { html, type Markup } from '#shared/page/markup.ts';
import { numberColumn, renderTable } from '#shared/page/table.ts';
import { amount, count, span } from '#shared/page/times.ts';
import type { ComplianceFacts, LettersFacts, LetterTopic } from '../lake-report.ts';
import { code, renderList, sentence } from './part.ts';

const shownTopics = 200;

/** Dead letters: groups, and what retention is about to delete. */
export function renderLetters({ openGroups, openLetters, groups, otherGroups, topics }: LettersFacts): Markup {
  const named = groups.map((one) => [
    html`${sentence(one.title)}<br /><span class="soft">${code(one.topic)}</span>`,
    html`<span class="tag">${one.class}</span>`,
    one.action,
    one.owner ?? 'nobody is named',
    amount(one.openLetters),
    span(one.ageMs),
  ]);
  const columns = [{ name: 'Group' }, { name: 'Class' }, { name: 'What is best done' }, { name: 'Owner' }];
  const groupTable =
    named.length === 0
      ? html`<p>No open groups.</p>`
      : renderTable('Groups of dead letters', [...columns, numberColumn('Letters'), numberColumn('Age')], named);
  const rows = topics
    .slice(0, shownTopics)
    .map((one) => [
      code(one.topic),
      amount(one.openGroups),
      amount(one.openLetters),
      amount(one.unread),
      amount(one.lost),
      tellDeletion(one),
    ]);
  const counted = ['Open groups', 'Letters', 'Not looked at yet', 'Deleted unhandled', 'Next deletion'];
  const rest = topics.length - rows.length;
  return html`<p>${count(openLetters, 'letter')} in ${count(openGroups, 'open group')}. Texts of letters are masked.</p>
    ${groupTable} ${otherGroups > 0 ? html`<p>And ${count(otherGroups, 'group')} more.</p>` : undefined}
    <h3 class="apart">Dead letter topics</h3>
    ${
      rows.length === 0
        ? html`<p>There is none.</p>`
        : renderTable('Dead letter topics', [{ name: 'Topic' }, ...counted.map(numberColumn)], rows)
    }
    ${rest > 0 ? html`<p>And ${count(rest, 'topic')} more.</p>` : undefined}
    <p class="soft"><code>lakewarden triage report</code> shows each group with its samples and what to do next.</p>`;
}

function tellDeletion({ deletedInMs, isRetentionKnown }: LetterTopic): string {
  if (deletedInMs === undefined) return isRetentionKnown ? 'none' : 'unknown';
  return deletedInMs === 0 ? 'at any time' : `in ${span(deletedInMs)}`;
}

/** Compliance: the score by area and the worst findings. */
export function renderCompliance(facts: ComplianceFacts): Markup {
  const { areas, findings, otherFindings, unread, rules, resources, waived } = facts;
  const scores = areas.map(({ area, score, fail }) => [
    area,
    score === undefined ? 'none' : amount(Math.floor(score)),
    amount(fail),
  ]);
  const rows = findings.map(({ severity, reason, resource, kind, rule, alike }) => [
    html`${code(resource)}<br /><span class="soft">${kind}</span>`,
    html`<span class="${severity === 'critical' || severity === 'high' ? 'tag bad' : 'tag'}">${severity}</span>`,
    sentence(reason),
    html`<code>${rule}</code
      >${alike > 0 ? html`<br /><span class="soft">and ${amount(alike)} more</span>` : undefined}`,
  ]);
  const columns = ['Resource', 'Severity', 'Why', 'Rule'].map((name) => ({ name }));
  return html`<p>${count(rules, 'rule')} over ${count(resources, 'resource')}; ${count(waived, 'finding')} waived.</p>
    ${unread.length === 0 ? undefined : html`<p><span class="tag bad">not all was read</span></p>`}
    ${unread.length === 0 ? undefined : renderList(unread.map(sentence), 20)}
    ${
      scores.length === 0
        ? html`<p>Nothing was judged.</p>`
        : renderTable('Score by area', [{ name: 'Area' }, numberColumn('Score of 100'), numberColumn('Fail')], scores)
    }
    <h3 class="apart">The worst finding of each rule</h3>
    ${rows.length === 0 ? html`<p>Nothing that was judged fails.</p>` : renderTable('Worst findings', columns, rows)}
    ${otherFindings > 0 ? html`<p>And ${count(otherFindings, 'finding')} of other rules.</p>` : undefined}
    <p class="soft"><code>lakewarden scan --output scan.html</code> shows all of them, and what to do.</p>`;
}
