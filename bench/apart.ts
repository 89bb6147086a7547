/**
 * Benchmarks that run only by their names or with all, and why: what they measure changes seldom, and together they take longer
 * than all others.
 */
export const apart: ReadonlyMap<string, string> = new Map([
  ['dead-letters-million', 'a million dead letters are written first'],
  ['scale-files', 'four sizes, the largest of 5,000 files'],
  ['scale-letters', 'three sizes, the largest of a million letters'],
  ['scale-partitions', 'three sizes, the largest of 100,000 partitions'],
  ['scale-resources', 'three sizes, the largest of 100,000 resources'],
  ['scale-services', 'says what services answer, not what we do'],
]);
