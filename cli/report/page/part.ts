import { cutText } from '#shared/page/cut.ts';
import { html, type Markup } from '#shared/page/markup.ts';
import { amount } from '#shared/page/times.ts';
import type { Part } from '../lake-report.ts';

/** Names of the lake are shown so far: nobody reads more, and pages stay small. */
export const shownName = 120;
const shownText = 600;

/** A section of the page: what was read, or why there is nothing to show. */
export function renderPart<Facts>(part: Part<Facts>, render: (facts: Facts) => Markup): Markup {
  if (part.state === 'read') return render(part.facts);
  if (part.state === 'unset') return html`<p class="soft">Not looked at: ${part.reason}.</p>`;
  return html`<p><span class="tag bad">unknown</span> ${cutText(part.reason, shownText)}</p>`;
}

/** A name of the lake, such as a topic or a path, cut where it is very long. */
export function code(name: string): Markup {
  return html`<code>${cutText(name, shownName)}</code>`;
}

/** A sentence of the lake, cut where it is very long. */
export function sentence(text: string): string {
  return cutText(text, shownText);
}

/** A list of at most so many lines; the others are counted. */
export function renderList(lines: readonly (Markup | string)[], atMost: number): Markup {
  const rest = lines.length - atMost;
  return html`<ul class="rows">
      ${lines.slice(0, atMost).map((line) => html`<li>${line}</li>`)}
    </ul>
    ${rest > 0 ? html`<p>And ${amount(rest)} more.</p>` : undefined}`;
}
