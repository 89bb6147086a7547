import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { repository } from './manifests.ts';

/** A fenced block of a page. */
export interface Snippet {
  /** The page, from the root of the repository. */
  readonly page: string;
  /** The line of its first fence, from 1. */
  readonly line: number;
  /** What stands behind the fence: `sh`, `yaml`, or nothing. */
  readonly language: string;
  readonly code: string;
}

const skipped = ['node_modules', '.git', '.lake', 'build', 'dist'];

/** All pages of documentation, from the root of the repository. */
export const pages = globSync('**/*.md', { cwd: repository, exclude: (name) => skipped.includes(name) }).toSorted();

/** The text of a page. */
export function readPage(page: string): string {
  return readFileSync(join(repository, page), 'utf8');
}

/** The fenced blocks of a page, also those that stand in a list; the indentation of the fence is not theirs. */
export function snippetsOf(page: string): Snippet[] {
  const text = readPage(page);
  return [...text.matchAll(/^( *)```(\w*)\n(.*?)^\1```/gms)].map((match) => {
    const [, indent = '', language = '', code = ''] = match;
    const line = text.slice(0, match.index).split('\n').length;
    return { page, line, language, code: code.replaceAll(new RegExp(`^${indent}`, 'gm'), '') };
  });
}

/** The text of a page without its fenced blocks. */
export function withoutSnippets(page: string): string {
  return readPage(page).replaceAll(/^( *)```.*?^\1```/gms, '');
}

/** The snippets of all pages in a language. */
export function snippetsIn(language: string): Snippet[] {
  return pages.flatMap(snippetsOf).filter((snippet) => snippet.language === language);
}

/** How a test calls a snippet: its page and line. */
export function nameOf({ page, line }: Snippet): string {
  return `${page}:${line}`;
}
