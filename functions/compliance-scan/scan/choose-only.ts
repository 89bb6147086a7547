import { suggest } from '#shared/config/suggest.ts';
import { LakewardenError } from '#shared/errors/error.ts';
import { fitsPattern } from '#shared/lake/name-pattern.ts';
import type { ActiveRule } from '../evaluate.ts';
import type { SweepRequest } from './sweep.ts';

/**
 * What to sweep when only some rules (`kafka-*`), kinds (`kafka.Topic`) or systems (`kafka`) are wanted.
 * @throws config.invalid for a word that means none of these
 */
export function chooseOnly(words: readonly string[], rules: readonly ActiveRule[]): SweepRequest {
  const all = [...new Set(rules.flatMap(({ rule }) => rule.kinds))];
  const kinds = new Set<string>();
  const ids = new Set<string>();
  let isKinds = true;
  for (const word of words) {
    const meant = all.filter((kind) => fitsPattern(kind, word) || kind.startsWith(`${word}.`));
    const named = rules.filter(({ rule }) => fitsPattern(rule.id, word)).map(({ rule }) => rule.id);
    if (meant.length + named.length === 0) {
      const systems = all.map((kind) => kind.split('.', 1)[0] ?? '');
      throw unknown(word, [...rules.map(({ rule }) => rule.id), ...all, ...systems]);
    }
    for (const kind of meant) kinds.add(kind);
    for (const id of named) ids.add(id);
    isKinds &&= meant.length > 0;
  }
  for (const { rule } of rules) if (rule.kinds.some((kind) => kinds.has(kind))) ids.add(rule.id);
  return { rules: [...ids], ...(isKinds ? { kinds: [...kinds] } : {}) };
}

function unknown(word: string, known: readonly string[]): LakewardenError {
  const near = suggest(word, known);
  const hint = near === undefined ? '' : `; did you mean ${near}?`;
  return new LakewardenError('config.invalid', `no rule, kind or system is called ${word}${hint}`);
}
