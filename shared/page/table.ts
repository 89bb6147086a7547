import { html, type Markup } from './markup.ts';

/** A column: its name, and whether it holds numbers; one without a name belongs to the one before it, which spans it. */
export interface TableColumn {
  readonly name?: string;
  /** Columns that the name stands over. */
  readonly span?: number;
  readonly isNumber?: true;
}

/** What stands in a cell; text is escaped. */
export type Cell = string | number | Markup | undefined | readonly (string | Markup)[];

/** A table that is scrolled by itself where it is too wide, also by keys; the first cell of each row names the row. */
export function renderTable(
  label: string,
  columns: readonly TableColumn[],
  rows: readonly (readonly Cell[])[],
): Markup {
  const heads = columns.map(({ name, span, isNumber }) =>
    name === undefined
      ? undefined
      : html`<th scope="col" ${span === undefined ? undefined : html` colspan="${span}"`}${numberClass(isNumber)}>
          ${name}
        </th>`,
  );
  const lines = rows.map(([first, ...others]) => {
    const cells = others.map((cell, index) => html`<td${numberClass(columns[index + 1]?.isNumber)}>${cell}</td>`);
    return html`<tr>
      <th scope="row">${first}</th>
      ${cells}
    </tr> `;
  });
  return html`<div class="wide" role="region" aria-label="${label}" tabindex="0">
    <table>
      <thead>
        <tr>
          ${heads}
        </tr>
      </thead>
      <tbody>
        ${lines}
      </tbody>
    </table>
  </div>`;
}

function numberClass(isNumber: true | undefined): Markup | undefined {
  return isNumber && html` class="number"`;
}

/** A column of numbers. */
export function numberColumn(name: string): TableColumn {
  return { name, isNumber: true };
}
