import type { BenchLake } from './bench-lake.ts';
import type { Curve } from './curve.ts';

/** One comparison: the same work by us and by a peer, in the same run. */
export interface Row {
  readonly work: string;
  readonly ours: number;
  /** Undefined where there is no peer that does this work. */
  readonly peer?: number;
  /** Who the peer of this row is, where a benchmark has several. */
  readonly against?: string;
  /** What the numbers count, such as `partitions/s` (more is better) or `ms` (less is better). */
  readonly unit: string;
  /** How many times better we are, whichever way the unit counts. */
  readonly ratio?: number;
  /** What we set out to reach, in words. */
  readonly goal?: string;
  readonly met?: boolean;
}

/** What a benchmark found. */
export interface Findings {
  /** Who the peer is, with its version. */
  readonly peer: string;
  readonly rows: readonly Row[];
  /** How costs grow with the work; each becomes a picture. */
  readonly curves?: readonly Curve[];
  /** What is no figure, or has more than two sides. */
  readonly tables?: readonly Table[];
  /** How it was measured, and why a figure is missed. */
  readonly notes: readonly string[];
}

/** A table of words; each line has as many cells as the head. */
export interface Table {
  readonly title: string;
  readonly head: readonly string[];
  readonly lines: readonly (readonly string[])[];
}

/** A benchmark; its name is that of its file of results. */
export interface Benchmark {
  readonly name: string;
  readonly title: string;
  /** False when it runs without a lake. */
  readonly needsLake?: boolean;
  /** Measures on a lake, which starts when it is first asked for; tells its steps. */
  readonly run: (lake: () => Promise<BenchLake>, tell: (line: string) => void) => Promise<Findings>;
}

/** A row with its ratio: how many times better we are, for `/s` units by more, for all others by less. */
export function compare(work: string, unit: string, ours: number, peer: number): Row {
  return { work, unit, ours, peer, ratio: unit.endsWith('/s') ? ours / peer : peer / ours };
}

/** A row with its goal. */
export function judge(row: Row, goal: string, met: boolean): Row {
  return { ...row, goal, met };
}
