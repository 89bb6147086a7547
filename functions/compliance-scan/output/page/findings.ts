import { html, type Markup } from '#shared/page/markup.ts';
import { numberColumn, renderTable } from '#shared/page/table.ts';
import { amount, count, isoTime, shortTime, span } from '#shared/page/times.ts';
import type { Report, ReportFinding, ReportRule } from '../report.ts';

/** Findings that a rule shows; the others are counted. */
const shownFindings = 100;

/** What fails, by rule, the worst rule first: one line that opens to why, what to do, and where. */
export function renderRules(report: Report): Markup {
  const open = Map.groupBy(
    report.findings.filter(({ state }) => state === 'open'),
    ({ rule }) => rule,
  );
  const failing = report.rules.filter(({ id }) => open.has(id));
  if (failing.length === 0) return html`<p>Nothing fails.</p>`;
  // Findings come the worst first, and so do the rules that found them.
  const order = [...open.keys()];
  const rules = failing.toSorted((a, b) => order.indexOf(a.id) - order.indexOf(b.id));
  return html`<ol class="groups">
    ${rules.map((rule, index) => renderRule(rule, open.get(rule.id) ?? [], report.ended, index === 0))}
  </ol>`;
}

function renderRule(rule: ReportRule, findings: readonly ReportFinding[], now: number, isFirst: boolean): Markup {
  const worst = findings[0]?.severity ?? rule.severity;
  const controls = Object.entries(rule.controls).map(([standard, ids]) => `${standard}: ${ids.join(', ')}`);
  const facts: readonly (readonly [string, string])[] = [
    ['Rule', rule.id],
    ['Passes', amount(rule.counts.pass)],
    ['Could not be judged', amount(rule.counts.unknown + rule.counts.error)],
    ['Asked for by', controls.join('; ')],
  ];
  return html`<li><details${isFirst ? html` open` : undefined}><summary>
<h3>${rule.title}</h3>
<span class="tags"><span class="${severityClass(worst)}">${worst}</span> <span class="tag">${rule.area}</span></span>
<span class="much"><strong>${amount(findings.length)}</strong> ${findings.length === 1 ? 'finding' : 'findings'}</span>
</summary><div class="body">
<p>${rule.why}</p>
<h4>What to do</h4><p>${rule.remedy}</p>
<dl class="facts">${facts
    .filter(([, text]) => text !== '')
    .map(
      ([name, text]) =>
        html`<div>
          <dt>${name}</dt>
          <dd>${text}</dd>
        </div>`,
    )}</dl>
${renderFindings(rule, findings, now)}
</div></details></li>`;
}

function renderFindings(rule: ReportRule, findings: readonly ReportFinding[], now: number): Markup {
  const rows = findings
    .slice(0, shownFindings)
    .map(({ resource, reason, severity, firstSeen, status, part }) => [
      html`<code>${resource.name}</code
        >${part === undefined ? undefined : html` <span class="tag">${part}</span>`}<br /><span class="soft"
          >${placeOf(resource.place)}</span
        >`,
      html`<span class="${severityClass(severity)}">${status === 'fail' ? severity : status}</span>`,
      reason,
      resource.owner ?? 'nobody is named',
      html`<time datetime="${isoTime(firstSeen)}">${span(now - firstSeen)}</time>`,
    ]);
  const columns = [
    { name: 'Resource' },
    { name: 'Severity' },
    { name: 'Why' },
    { name: 'Owner' },
    numberColumn('Known for'),
  ];
  const rest = findings.length - shownFindings;
  return html`${renderTable(`Findings of ${rule.id}`, columns, rows)}
  ${rest > 0 ? html`<p>And ${count(rest, 'finding')} more.</p>` : undefined}`;
}

/** What this scan saw happen, in its own words. */
export function renderChanges({ findings }: Report): Markup {
  const changed = findings.filter(({ transition }) => transition !== undefined);
  if (changed.length === 0) return html`<p>Nothing changed since the last scan.</p>`;
  const kinds = Map.groupBy(changed, ({ transition }) => transition?.kind ?? 'changed');
  const parts = (['opened', 'reopened', 'changed', 'waived', 'resolved'] as const).flatMap((kind) => {
    const ones = kinds.get(kind) ?? [];
    if (ones.length === 0) return [];
    const lines = ones.slice(0, 20).map(
      ({ severity, reason, resource, transition }) =>
        html`<li>
          <span class="${kind === 'resolved' ? 'tag done' : severityClass(severity)}">${severity}</span> ${reason}
          <span class="soft">${resource.kind}${because(transition?.because)}</span>
        </li>`,
    );
    const rest = ones.length - lines.length;
    return [
      html`<h3>${kind[0]?.toUpperCase()}${kind.slice(1)}: ${amount(ones.length)}</h3>
        <ul class="rows">
          ${lines}
        </ul>
        ${rest > 0 ? html`<p>And ${amount(rest)} more.</p>` : undefined}`,
    ];
  });
  return html`${parts}`;
}

function because(why: string | undefined): string {
  return why === undefined ? '' : `, ${why.replaceAll('-', ' ')}`;
}

/** How a severity looks. */
export function severityClass(severity: string): string {
  return severity === 'critical' || severity === 'high' ? 'tag bad' : 'tag';
}

/** A place in words, outermost first. */
export function placeOf(place: Readonly<Record<string, string>>): string {
  return Object.entries(place)
    .filter(([, name]) => name !== '')
    .map(([what, name]) => `${what} ${name}`)
    .join(', ');
}

/** A day as people read it, in UTC. */
export function dayOf(milliseconds: number): string {
  return shortTime(isoTime(milliseconds)).slice(0, 10);
}
