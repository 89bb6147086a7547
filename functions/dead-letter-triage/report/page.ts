import { renderTimeline } from './charts.ts';
import { renderGroup } from './page-group.ts';
import { renderDocument } from '#shared/page/document.ts';
import { html, type Markup } from '#shared/page/markup.ts';
import { renderSums } from '#shared/page/sums.ts';
import { numberColumn, renderTable } from '#shared/page/table.ts';
import type { Report, TopicReport } from './report.ts';
import { amount, count, shortTime, span } from '#shared/page/times.ts';

/** The report as one HTML page that needs no other file, no script and no network. */
export function renderPage(report: Report): string {
  const { totals, madeAt, groups, rest } = report;
  const body = html`<header>
      <h1>Dead letters</h1>
      <p class="soft"><time datetime="${madeAt}">${shortTime(madeAt)}</time> UTC. Texts of letters are masked.</p>
      ${renderSums([
        { name: 'Open groups', value: amount(totals.openGroups) },
        { name: 'Letters in them', value: amount(totals.openLetters) },
        { name: 'Not looked at yet', value: amount(totals.unread) },
        { name: 'Deleted unhandled', value: amount(totals.lost), isBad: totals.lost !== '0' },
      ])}
      <nav aria-label="Parts of the page">
        <a href="#groups">Groups</a> <a href="#causes">Causes</a> <a href="#topics">Topics</a>${
          report.suggestions.length === 0 ? undefined : html` <a href="#alike">Groups that may be one</a>`
        }
      </nav>
    </header>
    <main>
      ${renderThreats(report)}
      <h2>Letters per hour</h2>
      ${renderTimeline(report.timeline)}
      <h2 id="groups" tabindex="-1">Groups, ${orderTexts[report.order]}</h2>
      ${
        groups.length === 0
          ? html`<p>No dead letters.</p>`
          : html`<ol class="groups">
              ${groups.map((group, index) => renderGroup(group, index))}
            </ol>`
      }
      ${
        rest.groups === 0
          ? undefined
          : html`<p>
              And ${count(rest.groups, 'group')} more with ${count(rest.letters, 'letter')}, ${amount(rest.openLetters)}
              of them in open groups.
            </p>`
      }
      <h2 id="causes" tabindex="-1">Causes</h2>
      ${renderClasses(report)}
      <h2 id="topics" tabindex="-1">Topics</h2>
      ${renderTopics(report)} ${renderSuggestions(report)}
    </main>
    <footer>
      <p>
        Made by <code>lakewarden triage report</code>. ${count(totals.resolvedGroups, 'group')} resolved;
        ${count(totals.letters, 'letter')} counted in all.
      </p>
    </footer>`;
  return renderDocument({ title: `Dead letters, ${shortTime(madeAt)} UTC`, body });
}

const orderTexts: Record<Report['order'], string> = {
  cost: 'those with most unhandled letters first',
  age: 'the oldest first',
  rate: 'the fastest growing first',
};

const threatTexts = { time: 'by its age', size: 'when the topic is full', compaction: 'by compaction' };

function renderThreats({ topics }: Report): Markup | undefined {
  const threatened = topics.filter(({ threat, lost }) => threat?.isNear === true || lost !== '0');
  if (threatened.length === 0) return undefined;
  const lines = threatened.map(({ topic, threat, lost }) => {
    const gone = lost === '0' ? undefined : html` Deleted unhandled already: at most ${count(lost, 'letter')}.`;
    const next =
      threat?.isNear !== true
        ? undefined
        : threat.leftMs === 0
          ? html` The next unhandled letter may go at any time, ${threatTexts[threat.by]}.`
          : html` The next unhandled letter goes in ${span(threat.leftMs)}, ${threatTexts[threat.by]} (<time
                datetime="${threat.deletedFrom}"
                >${shortTime(threat.deletedFrom)}</time
              >).`;
    return html`<li><code>${topic}</code>:${next}${gone}</li>`;
  });
  return html`<section class="alarm" aria-labelledby="threats">
    <h2 id="threats">Retention deletes unhandled letters</h2>
    <ul>
      ${lines}
    </ul>
  </section>`;
}

function renderTopics({ topics }: Report): Markup {
  const rows = topics.map((one) => [
    html`<code>${one.topic}</code>`,
    ...[one.partitions, one.openGroups, one.openLetters, one.unread].map(amount),
    deletion(one),
  ]);
  const counted = ['Partitions', 'Open groups', 'Letters', 'Not looked at yet', 'Next deletion'].map(numberColumn);
  return renderTable('Topics', [{ name: 'Dead letter topic' }, ...counted], rows);
}

function deletion({ threat, isRetentionKnown }: TopicReport): string {
  if (threat === undefined) return isRetentionKnown ? 'none' : 'unknown';
  return threat.leftMs === 0 ? 'at any time' : `in ${span(threat.leftMs)}`;
}

function renderClasses({ classes }: Report): Markup {
  if (classes.length === 0) return html`<p>No open groups.</p>`;
  const rows = classes.map((one) => [
    html`<code>${one.class}</code>`,
    one.action,
    amount(one.groups),
    amount(one.letters),
  ]);
  const columns = [{ name: 'Class' }, { name: 'What is best done' }, numberColumn('Groups'), numberColumn('Letters')];
  return renderTable('Causes', columns, rows);
}

function renderSuggestions({ suggestions, moreSuggestions }: Report): Markup | undefined {
  if (suggestions.length === 0) return undefined;
  const why = { frames: 'the same frames', message: 'much the same message' };
  const lines = suggestions.map(({ groups, because, template }) => {
    const named = groups.slice(0, 8).map((id) => html` <code>${id}</code>`);
    return html`<li>
      ${why[because]}: <code>${template}</code
      ><br />${named}${groups.length > 8 ? ` and ${amount(groups.length - 8)} more` : ''}
    </li>`;
  });
  return html`<h2 id="alike" tabindex="-1">Groups that may be one</h2>
    <p>Nothing is merged by itself: a rule with <code>together</code> makes them one.</p>
    <ul>
      ${lines}
    </ul>
    ${moreSuggestions === 0 ? undefined : html`<p>And ${amount(moreSuggestions)} more.</p>`}`;
}
