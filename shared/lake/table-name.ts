/**
 * The table name made from a topic name: lower case, each run of characters that Hive does not take in a name
 * (it takes letters, digits and `_`) becomes one `_`. Two topics may meet in one name: the caller must refuse that.
 */
export function tableName(topic: string): string {
  return topic.toLowerCase().replaceAll(/[^a-z0-9_]+/g, '_');
}

/** Groups topics by the table name they would take and gives the groups of two or more: nobody may have that name. */
export function nameCollisions(tables: ReadonlyMap<string, string>): Map<string, string[]> {
  const topics = new Map<string, string[]>();
  for (const [topic, table] of tables) topics.set(table, [...(topics.get(table) ?? []), topic]);
  return new Map([...topics].filter(([, group]) => group.length > 1));
}
