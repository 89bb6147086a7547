import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { LineCounter, parseDocument } from 'yaml';
import { isRecord, overlay, type Tree } from './tree.ts';

/**
 * Lays a settings file, or every file of a folder in the order of their names, over a tree. Names that begin with a dot
 * are passed over: Kubernetes keeps its own links among mounted files. Returns the faults found, one sentence each.
 */
export function overlayFiles(tree: Tree, path: string): string[] {
  try {
    const files = statSync(path).isDirectory() ? listFiles(path) : [path];
    return files.flatMap((file) => overlayFile(tree, file));
  } catch (error) {
    return [`file ${path} cannot be read (${(error as NodeJS.ErrnoException).code ?? 'unknown reason'})`];
  }
}

function listFiles(folder: string): string[] {
  const names = readdirSync(folder).filter((name) => !name.startsWith('.'));
  return names.toSorted().map((name) => join(folder, name));
}

function overlayFile(tree: Tree, file: string): string[] {
  if (!/\.(ya?ml|json)$/.test(file)) return [`file ${file} is neither .yaml, .yml nor .json`];
  const lines = new LineCounter();
  const document = parseDocument(readFileSync(file, 'utf8'), { lineCounter: lines, prettyErrors: false });
  // Only the kind of an error is told: its message may quote the text around it, and that may be a secret.
  const faults = document.errors.map(
    ({ code, pos }) => `file ${file}, line ${lines.linePos(pos[0]).line}: not valid YAML (${code})`,
  );
  if (faults.length > 0) return faults;
  const values: unknown = document.toJS({ maxAliasCount: 100 }) ?? {};
  if (!isRecord(values)) return [`file ${file} does not hold an object`];
  overlay(tree, values, `file ${file}`);
  return [];
}
