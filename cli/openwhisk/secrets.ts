import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { isRecord } from '#shared/config/tree.ts';
import { LakewardenError } from '#shared/errors/error.ts';

/** Values with the contents of files in place of `{ fromFile: path }`, and the paths of these. */
export interface Revealed {
  readonly value: unknown;
  readonly secrets: ReadonlySet<string>;
}

/**
 * Replaces each `{ fromFile: path }` by what is in the file, without a last line break.
 * @throws LakewardenError `config.invalid` for a file that cannot be read or is empty
 */
export function revealSecrets(prefix: string, value: unknown, folder: string): Revealed {
  if (Array.isArray(value)) {
    const items = value.map((item) => revealSecrets(prefix, item, folder));
    // A list is one value: one secret in it hides all of it.
    return { value: items.map((item) => item.value), secrets: new Set(items.flatMap(({ secrets }) => [...secrets])) };
  }
  if (!isRecord(value)) return { value, secrets: new Set() };
  const { fromFile, ...rest } = value;
  if (typeof fromFile === 'string' && Object.keys(rest).length === 0)
    return { value: readSecret(prefix, resolve(folder, fromFile)), secrets: new Set([prefix]) };
  const entries = Object.entries(value).map(
    ([key, inner]) => [key, revealSecrets(`${prefix}.${key}`, inner, folder)] as const,
  );
  return {
    value: Object.fromEntries(entries.map(([key, inner]) => [key, inner.value])),
    secrets: new Set(entries.flatMap(([, { secrets }]) => [...secrets])),
  };
}

function readSecret(name: string, file: string): string {
  let text: string;
  try {
    text = readFileSync(file, 'utf8').replace(/\r?\n$/, '');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw invalid(name, `cannot be read (${code ?? 'unknown reason'})`);
  }
  if (text === '') throw invalid(name, 'is empty');
  return text;
}

function invalid(name: string, reason: string): LakewardenError {
  return new LakewardenError('config.invalid', `${name}: the file of the secret ${reason}`);
}
