import { renderSpark } from './charts.ts';
import { html, type Markup } from '#shared/page/markup.ts';
import { renderTable } from '#shared/page/table.ts';
import type { GroupReport, Step } from './report.ts';
import { amount, count, shortTime, span } from '#shared/page/times.ts';

/** A group on the page: one line that opens to all that is known of it. The first is open. */
export function renderGroup(group: GroupReport, index: number): Markup {
  const { about, openLetters, letters } = group;
  const isOpen = group.state === 'open';
  return html`
<li><details${index === 0 ? html` open` : undefined}><summary>
<h3>${group.title}</h3>
<span class="tags"><code>${group.topic}</code>${about.component === group.topic || about.component === '' ? '' : ` · ${about.component}`} <span class="tag">${group.class}</span> ${
    isOpen ? html`<span class="tag act">${group.action}</span>` : html`<span class="tag done">resolved</span>`
  }${group.episode > 1 ? html` <span class="tag">opened ${amount(group.episode)} times</span>` : undefined}</span>
${renderSpark(group.hours)}
<span class="much"><strong>${amount(isOpen ? openLetters : letters)}</strong> ${pace(group)}</span>
</summary><div class="body">
${renderFacts(group)}
${renderSteps(group.next)}
${renderFrames(about.frames)}
${renderSamples(group)}
</div></details></li>`;
}

function pace({ perHour, ageMs }: GroupReport): string {
  return `${perHour === 0 ? 'none today' : `${amount(perHour)} an hour`}, ${span(ageMs)} old`;
}

function renderFacts(group: GroupReport): Markup {
  const { about, places, owner } = group;
  const facts: readonly (readonly [string, Markup | string])[] = [
    ['Group', html`<code>${group.id}</code>`],
    ['Owner', owner ?? 'nobody is named'],
    [
      'First seen',
      html`<time datetime="${group.firstSeen}">${shortTime(group.firstSeen)}</time>, ${span(group.ageMs)} ago`,
    ],
    ['Last seen', html`<time datetime="${group.lastSeen}">${shortTime(group.lastSeen)}</time>`],
    ['Letters', `${amount(group.openLetters)} open, ${amount(group.letters)} in all`],
    ['Replayed', tellReplays(group)],
    ['Producer', about.family],
    ['Failed in', [about.component, about.stage].filter((part) => part !== '').join(', ')],
    ['Error', html`<code>${about.errorClass}</code>`],
    ['Concluded from', group.by.join(', ')],
    [
      'Partitions and offsets',
      places.map(({ partition, firstOffset, lastOffset }) => `${partition}: ${firstOffset}–${lastOffset}`).join(', '),
    ],
  ];
  const told = facts.filter(([, fact]) => fact !== '');
  return html`<dl class="facts">
    ${told.map(
      ([name, fact]) =>
        html`<div>
          <dt>${name}</dt>
          <dd>${fact}</dd>
        </div>`,
    )}
  </dl>`;
}

function tellReplays({ replays = [] }: GroupReport): string {
  return replays.map(({ plan, letters, at }) => `${amount(letters)} by plan ${plan}, ${shortTime(at)}`).join('; ');
}

function renderSteps(steps: readonly Step[]): Markup | undefined {
  if (steps.length === 0) return undefined;
  const items = steps.map(
    ({ text, command, file }) =>
      html`<li>
        ${text}${
          file &&
          html`<p><code>${file.name}</code>:</p>
            <pre>${file.content}</pre>`
        }${command === undefined ? undefined : html`<pre>${command}</pre>`}
      </li>`,
  );
  return html`<h4>What to do next</h4>
    <ol class="steps">
      ${items}
    </ol>`;
}

function renderFrames(frames: readonly string[]): Markup | undefined {
  return frames.length === 0
    ? undefined
    : html`<h4>Where it failed</h4>
        <pre>${frames.join('\n')}</pre>`;
}

function renderSamples({ samples, id, topic }: GroupReport): Markup | undefined {
  if (samples.length === 0) return undefined;
  const rows = samples.map(({ place, message, key, value, fault = '' }) => [
    html`<code>${place}</code>`,
    message,
    renderBytes(key),
    renderBytes(value),
    fault,
  ]);
  const columns = ['Letter', 'Message', 'Key', 'Value', 'What is wrong with it'].map((name) => ({ name }));
  return html`<h4>${count(samples.length, 'sample')}, masked</h4>
    ${renderTable(`Samples of ${id} in ${topic}`, columns, rows)}`;
}

function renderBytes(text: string | null | undefined): Markup | string {
  if (text === undefined) return 'unknown';
  return text === null ? 'null' : html`<code>${text}</code>`;
}
