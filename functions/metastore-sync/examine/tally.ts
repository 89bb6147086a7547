/** One thing that somebody should know, and where it is. */
export interface Finding {
  /** Its kind, such as `decimal.binary`. */
  readonly code: string;
  /** The column, property or name that it is about; alike findings are counted together. */
  readonly about: string;
  /** What it means, in one sentence that also holds for alike findings. */
  readonly message: string;
  /** File, folder or partition. */
  readonly where: string;
}

/** Alike findings as one row. */
export interface TalliedFinding {
  readonly code: string;
  readonly about: string;
  readonly count: number;
  readonly message: string;
  /** Where the first one is. */
  readonly example: string;
}

/** Counts alike findings, so that memory does not grow with the lake. */
export class Tally {
  readonly #rows = new Map<string, { count: number; first: Finding }>();

  add(findings: Iterable<Finding>): void {
    for (const finding of findings) {
      const key = JSON.stringify([finding.code, finding.about]);
      const row = this.#rows.get(key);
      if (row === undefined) this.#rows.set(key, { count: 1, first: finding });
      else {
        row.count += 1;
        // The order in which services answered must not show.
        if (finding.where < row.first.where) row.first = finding;
      }
    }
  }

  /** In the order of kinds and names. */
  rows(): TalliedFinding[] {
    return [...this.#rows]
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(
        ([
          ,
          {
            count,
            first: { code, about, message, where },
          },
        ]) => ({ code, about, count, message, example: where }),
      );
  }
}
