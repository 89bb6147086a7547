/** JSON that every reader takes: halves of characters, which strict ones refuse, become U+FFFD. */
export function stringify(value: unknown): string {
  return JSON.stringify(value, (_key, one: unknown) => (typeof one === 'string' ? one.toWellFormed() : one));
}
