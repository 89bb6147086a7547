import { readFileSync, writeFileSync } from 'node:fs';

/** Puts text between `<!-- name -->` and `<!-- /name -->` of a page. @throws Error when the page has no such place. */
export function replaceBlock(page: string, name: string, text: string): void {
  const before = readFileSync(page, 'utf8');
  writeFileSync(page, insertBlock(before, name, text));
}

/** The same on the text of a page. @throws Error when it has no such place. */
export function insertBlock(page: string, name: string, text: string): string {
  const [start, end] = [`<!-- ${name} -->`, `<!-- /${name} -->`];
  const [from, to] = [page.indexOf(start), page.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`the page has no place between ${start} and ${end}`);
  return `${page.slice(0, from + start.length)}\n${text}\n${page.slice(to)}`;
}
