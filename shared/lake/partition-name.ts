// Hive escapes these characters in a partition name (org.apache.hadoop.hive.common.FileUtils.charToEscape):
// controls, DEL, and the ones that mean something in paths, globs or property files.
const escaped = new Set(Buffer.from('"#%\'*/:=?\\{[]^\x7f'));

/** What Hive writes in a partition name for a value that is null or empty. */
export const defaultPartition = '__HIVE_DEFAULT_PARTITION__';

/** Escapes a partition value as Hive does: `a/b` becomes `a%2Fb`; characters outside the list stay. */
export function escapeValue(value: string): string {
  let text = '';
  for (const character of value) {
    const code = character.charCodeAt(0);
    text += code < 0x20 || escaped.has(code) ? `%${code.toString(16).toUpperCase().padStart(2, '0')}` : character;
  }
  return text;
}

/** Undoes {@link escapeValue}; a `%` that no two hexadecimal digits follow stays as it is, as in Hive. */
export function unescapeValue(text: string): string {
  if (!text.includes('%')) return text;
  return text.replaceAll(/%([0-9A-Fa-f]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}

/** The metastore's name of a partition, such as `year=2019/month=09`. */
export function partitionName(keys: readonly string[], values: readonly string[]): string {
  return keys.map((key, index) => `${escapeValue(key)}=${escapeValue(values[index] || defaultPartition)}`).join('/');
}

/** The values of a partition name in the order of its keys, unescaped; undefined when a part has no `=`. */
export function partitionValues(name: string): string[] | undefined {
  const values: string[] = [];
  for (const part of name.split('/')) {
    const equals = part.indexOf('=');
    if (equals < 1) return undefined;
    values.push(unescapeValue(part.slice(equals + 1)));
  }
  return values;
}
