import { renderDocument } from '#shared/page/document.ts';
import { html, type Markup } from '#shared/page/markup.ts';
import { renderSums } from '#shared/page/sums.ts';
import { numberColumn, renderTable } from '#shared/page/table.ts';
import { amount, count, isoTime, shortTime } from '#shared/page/times.ts';
import type { Report } from '../report.ts';
import { renderExposurePath } from './exposure-path.ts';
import { dayOf, placeOf, renderChanges, renderRules, severityClass } from './findings.ts';

/** Exposures and waivers that the page shows; the others are counted. */
const shownExposures = 12;
const shownWaivers = 50;

/** The report as one HTML page that needs no other file, no script and no network. */
export function renderPage(report: Report): string {
  const when = isoTime(report.ended);
  const open = report.findings.filter(({ state }) => state === 'open');
  const severe = open.filter(({ severity }) => severity === 'critical' || severity === 'high').length;
  const waived = report.findings.filter(({ state }) => state === 'waived').length;
  const unseen = report.scopes.filter(({ complete }) => !complete);
  const body = html`<header>
      <h1>Compliance of the lake</h1>
      <p class="soft">
        <time datetime="${when}">${shortTime(when)}</time> UTC, ${report.instance}:
        ${count(report.rules.length, 'rule')} over
        ${count(sum(report.scopes.map(({ resources }) => resources)), 'resource')}.
      </p>
      ${renderSums([
        { name: 'Score', value: report.score === undefined ? 'none' : `${amount(Math.floor(report.score))} of 100` },
        { name: 'Critical and high', value: amount(severe), isBad: severe > 0 },
        { name: 'Open findings', value: amount(open.length) },
        { name: 'Waived', value: amount(waived) },
        { name: 'Not read whole', value: count(unseen.length, 'listing'), isBad: unseen.length > 0 },
      ])}
      <nav aria-label="Parts of the page">
        <a href="#areas">Areas</a> <a href="#exposed">Exposed</a> <a href="#changes">Changes</a>
        <a href="#findings">Findings</a> <a href="#waivers">Waivers</a>
      </nav>
    </header>
    <main>
      ${renderUnseen(report)}
      <h2 id="areas" tabindex="-1">Score by area</h2>
      ${renderAreas(report)}
      <h2 id="exposed" tabindex="-1">Worst exposures</h2>
      ${renderExposed(report)}
      <h2 id="changes" tabindex="-1">Since the last scan</h2>
      ${renderChanges(report)}
      <h2 id="findings" tabindex="-1">Findings, the worst first</h2>
      ${renderRules(report)}
      <h2 id="waivers" tabindex="-1">Waivers</h2>
      ${renderWaivers(report)}
    </main>
    <footer>
      <p>
        Made by <code>lakewarden scan</code>. A score counts what passes, severe rules more; what could not be judged
        counts as not passed.
      </p>
    </footer>`;
  return renderDocument({ title: `Compliance, ${shortTime(when)} UTC`, body });
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

function renderUnseen({ scopes, problems }: Report): Markup | undefined {
  const unseen = scopes.filter(({ complete }) => !complete);
  if (unseen.length + problems.length === 0) return undefined;
  const lines = [
    ...unseen.map(
      ({ id, problem }) =>
        html`<li><code>${id}</code>: ${problem?.message ?? 'the time was over'}. Nothing was resolved there.</li>`,
    ),
    ...problems.map(({ message }) => html`<li>${message}</li>`),
  ];
  return html`<section class="alarm" aria-labelledby="unseen">
    <h2 id="unseen">Not everything could be looked at</h2>
    <ul>
      ${lines.slice(0, 50)}
    </ul>
    ${lines.length > 50 ? html`<p>And ${amount(lines.length - 50)} more.</p>` : undefined}
  </section>`;
}

function renderAreas({ areas }: Report): Markup {
  if (areas.length === 0) return html`<p>Nothing was judged.</p>`;
  const rows = areas.map(({ area, counts, score }) => [
    area,
    renderMeter(score),
    score === undefined ? 'none' : amount(Math.floor(score)),
    amount(counts.pass),
    amount(counts.fail),
    amount(counts.waived),
    amount(counts.unknown + counts.error),
  ]);
  const counted = ['Pass', 'Fail', 'Waived', 'Could not be judged'].map(numberColumn);
  const columns = [{ name: 'Area' }, { name: 'Score', span: 2 }, { isNumber: true }, ...counted] as const;
  return renderTable('Areas', columns, rows);
}

function renderMeter(score: number | undefined): Markup | undefined {
  if (score === undefined) return undefined;
  return html`<svg class="meter" viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true">
    <rect class="track" width="100" height="8" />
    <rect width="${Math.round(score)}" height="8" />
  </svg>`;
}

function renderExposed({ findings }: Report): Markup {
  const exposed = findings.filter(
    ({ state, exposure }) => state === 'open' && (exposure === 'world' || exposure === 'wide'),
  );
  if (exposed.length === 0) return html`<p>Nothing that was judged is open to the internet.</p>`;
  const lines = exposed.slice(0, shownExposures).map(
    (finding) =>
      html`<li>
        <p>
          <span class="${severityClass(finding.severity)}">${finding.severity}</span> ${finding.reason}
          <span class="soft">${placeOf(finding.resource.place)}</span>
        </p>
        ${renderExposurePath(finding)}
      </li>`,
  );
  const rest = exposed.length - lines.length;
  return html`<ul class="rows">
      ${lines}
    </ul>
    ${rest > 0 ? html`<p>And ${amount(rest)} more, below.</p>` : undefined}`;
}

const waiverOrder = { expired: 0, expiring: 1, active: 2 };

function renderWaivers({ waivers }: Report): Markup {
  if (waivers.length === 0) return html`<p>No waivers.</p>`;
  const sorted = waivers.toSorted(
    (a, b) => waiverOrder[a.state] - waiverOrder[b.state] || a.expires - b.expires || (a.id < b.id ? -1 : 1),
  );
  const rows = sorted
    .slice(0, shownWaivers)
    .map(({ id, owner, approver, reason, ticket, expires, state, findings }) => [
      html`<code>${id}</code>`,
      html`<time datetime="${isoTime(expires)}">${dayOf(expires)}</time> ${
          state === 'active' ? undefined : html`<span class="tag bad">${state}</span>`
        }`,
      amount(findings),
      `${owner}, approved by ${approver}`,
      `${reason}${ticket === undefined ? '' : ` (${ticket})`}`,
    ]);
  const columns = [
    { name: 'Waiver' },
    { name: 'Ends' },
    numberColumn('Findings'),
    { name: 'Owner' },
    { name: 'Reason' },
  ];
  const rest = waivers.length - rows.length;
  return html`${renderTable('Waivers', columns, rows)} ${rest > 0 ? html`<p>And ${amount(rest)} more.</p>` : undefined}`;
}
