import { html, type Markup } from './markup.ts';

/** A number that is told before all else. */
export interface Sum {
  readonly name: string;
  readonly value: string;
  /** True when somebody should look. */
  readonly isBad?: boolean;
}

/** The numbers at the top of a page. */
export function renderSums(sums: readonly Sum[]): Markup {
  const boxes = sums.map(
    ({ name, value, isBad }) =>
      html`<div${isBad === true ? html` class="bad"` : undefined}>
<dt>${name}</dt><dd>${value}</dd></div>
`,
  );
  return html`<dl class="sums">${boxes}</dl>`;
}
