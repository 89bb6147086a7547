/** How a cost grows with the work: lines over a common scale. */
export interface Curve {
  readonly title: string;
  /** What grows, such as `partitions of the table`. */
  readonly x: string;
  /** What it costs, with its unit, such as `calls`, `ms`, `MiB`. */
  readonly y: string;
  readonly lines: readonly Line[];
}

/** One cost. */
export interface Line {
  readonly name: string;
  /** Each `[how much work, what it costs]`, least work first. */
  readonly points: readonly Point[];
  /** What was reckoned from the measured points, beyond them. */
  readonly modelled?: readonly Point[];
}

/** How much work, and what it costs. */
export type Point = readonly [x: number, y: number];

/**
 * Goes on with a line to work that was not measured: `fixed + each · x`, by least squares of the relative errors, so that small
 * work counts as much as large. Costs below 0 are not foreseen: a line that falls goes on level.
 */
export function extendLine(line: Line, to: readonly number[]): Line {
  const { fixed, each } = fitLine(line.points);
  const last = line.points.at(-1);
  const modelled = to.map((x): Point => [x, fixed + each * x]);
  return { ...line, modelled: last === undefined ? modelled : [last, ...modelled] };
}

/** What work costs whatever its size, and what each piece of it adds; neither is below 0. */
export function fitLine(points: readonly Point[]): { readonly fixed: number; readonly each: number } {
  const sum = (term: (x: number, y: number) => number): number =>
    // Weights of 1/y²: an error of a tenth counts the same everywhere.
    points.reduce((total, [x, y]) => total + term(x, y) / Math.max(y, 1e-9) ** 2, 0);
  const [weight, xs, ys, xx, xy] = [
    sum(() => 1),
    sum((x) => x),
    sum((_, y) => y),
    sum((x) => x * x),
    sum((x, y) => x * y),
  ];
  const determinant = weight * xx - xs * xs;
  const each = determinant > 0 ? (weight * xy - xs * ys) / determinant : 0;
  if (each <= 0) return { fixed: ys / weight, each: 0 };
  const fixed = (ys - each * xs) / weight;
  return fixed >= 0 ? { fixed, each } : { fixed: 0, each: xy / xx };
}
