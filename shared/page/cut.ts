/** A text of at most so many letters as people see them; of a longer one the beginning and `…`. */
export function cutText(text: string, atMost: number): string {
  // Nothing of a long text is looked at but its beginning.
  const start = text.slice(0, atMost * 32);
  const letters = Array.from(new Intl.Segmenter().segment(start), ({ segment }) => segment);
  return letters.length > atMost ? `${letters.slice(0, atMost - 1).join('')}…` : text === start ? text : `${start}…`;
}
