/** Takes passwords out of a text: what stands before the `@` of an address, and values of telling query parameters. */
export function scrub(text: string): string {
  return text
    .replaceAll(/(?<=:\/\/)[^/\s@'"]+@/g, '***@')
    .replaceAll(/(?<=\b(?:password|passwd|secret|token|delegation|signature|api[-_]?key)=)[^&\s'"]+/gi, '***');
}
