/** What all hidden files of this function begin with. They lie in the partition's own folder, since HDFS joins only there. */
const prefix = '.lakewarden-';

/** The journal: who has it holds the partition. */
export const journalName = `${prefix}compaction`;

/** A journal on its way to be the one. */
export const draftName = (run: string): string => `${prefix}draft-${run}`;

/** A journal whose holder has ended; what it tells of is settled by the next holder. */
export const closedName = (run: string): string => `${prefix}closed-${run}`;

/** The tail that a run joins behind its files. */
export const tailName = (run: string): string => `${prefix}tail-${run}`;

/** The file that a rewrite writes, on its way to take the place of the old one. */
export const mergedName = (run: string): string => `${prefix}merged-${run}`;

/** The folder in which an engine writes a file. */
export const engineName = (run: string): string => `${prefix}engine-${run}`;

/** A piece that an undo took out of a merged file. */
export const pieceName = (run: string, index: number | ''): string => `${prefix}piece-${run}-${index}`;

/** What runs saw of files that dead writers left. */
export const looksName = `${prefix}leftovers`;

const asidePrefix = `${prefix}aside-`;

/** The name under which a left-over file is put aside before it is removed. */
export const asideName = (name: string): string => `${asidePrefix}${name}`;

/** True for a file that was put aside to be removed. */
export function isPutAside(name: string): boolean {
  return name.startsWith(asidePrefix);
}

/** The name that a file had before it was put aside. */
export const nameBeforeAside = (name: string): string => name.slice(asidePrefix.length);

/** The mark of a partition in which nothing is to be merged, since somebody undid a merge. */
export const keepName = `${prefix}keep`;

/** True for any hidden file of this function. */
export function isOurs(name: string): boolean {
  return name.startsWith(prefix);
}

/** True for the journal of a run that has ended. */
export function isClosedJournal(name: string): boolean {
  return name.startsWith(closedName(''));
}

/** The name of a restored piece whose own name was taken meanwhile. */
export const spareName = (run: string, index: number, name: string): string => `${run}-${index}-${name}`;

/** What stands in a merged file's place while its pieces get their names. */
export const gateName = (run: string): string => `${prefix}gate-${run}`;

/** The run whose undo made this gate or staged piece; undefined for other names. */
export function undoRunOf(name: string): string | undefined {
  return /^\.lakewarden-(?:gate|piece)-([^-]+)/.exec(name)?.[1];
}

/** True for a journal, and for what is made before or under one and goes with it: once it is old, its run has died. */
export function isPassing(name: string): boolean {
  return name === journalName || name.startsWith(draftName('')) || name.startsWith(engineName('')) || isFence(name);
}

/** True for the file without which the change of a run cannot happen any more: its tail, or what it writes anew. */
export function isFence(name: string): boolean {
  return name.startsWith(tailName('')) || name.startsWith(mergedName(''));
}
