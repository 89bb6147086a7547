/** Words that people write where a value is asked for and they have none. */
const placeholders = new Set([
  'n/a',
  'na',
  'nil',
  'nobody',
  'none',
  'null',
  'tba',
  'tbd',
  'todo',
  'undefined',
  'unknown',
  'xxx',
]);

/** Whether a text says nothing: blank, marks alone, or a word for nothing. */
export function isPlaceholder(text: string): boolean {
  const bare = text.trim().toLowerCase();
  return /^[-?.]*$/u.test(bare) || placeholders.has(bare);
}
