/**
 * True for a name that is no data: hidden for the query engines (`_` and `.` at the start, which covers `_SUCCESS`,
 * `.snapshot` and Flink's `.part-….inprogress.…`), or a file that is still being written (`+tmp` of Kafka Connect,
 * `*.tmp`, `*._COPYING_` of the Hadoop shell, `*.inprogress`).
 */
export function isHiddenName(name: string): boolean {
  return /^[_.]|^\+tmp$|\.tmp$|\._COPYING_$|\.inprogress(\.|$)/.test(name);
}

/**
 * True for a path that Hive takes for a pattern when it lists a partition (Hadoop's `FileSystem.globStatus`), and then reads
 * other folders or none: measured with Hive 4.0.1 for each of these characters. Names of files may hold them.
 */
export function isGlob(path: string): boolean {
  return /[*?[{\\]/.test(path);
}
