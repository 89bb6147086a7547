/** Takes passwords out of a text: what stands before the `@` of an address, and values of telling query parameters. */
export function scrub(text: string): string {
  return text
    .replaceAll(/(?<=:\/\/)[^/\s@'"]+@/g, '***@')
    .replaceAll(
      /(?<=(?:password|passwd|secret|token|delegation|signature|\bsig|(?:api|access|account)[-_]?key)=)[^&\s'"]+/gi,
      '***',
    )
    .replaceAll(/(?<=\b(?:Bearer|Basic) )[\w.~+/-]{8,}=*/g, '***');
}
