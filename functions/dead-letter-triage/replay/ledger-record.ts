import { parsePlace } from '../letter/replay-headers.ts';

/** A letter that was replayed. Places are texts as `formatPlace` writes them. */
export interface ReplayedLetter {
  readonly plan: string;
  /** The letter. */
  readonly letter: string;
  /** Where its record first failed, when that was told. */
  readonly origin?: string | undefined;
  /** Where it was written to. */
  readonly to: string;
  /** What was written and what the letter held, by their hashes. */
  readonly contents: readonly string[];
  /** How often it was replayed, this time included. */
  readonly count: number;
  /** In milliseconds. */
  readonly at: number;
}

/** A letter that a plan left where it is. */
export interface HeldLetter {
  readonly plan: string;
  readonly letter: string;
  readonly reason: string;
}

/** A plan that must not go on. */
export interface StoppedPlan {
  readonly plan: string;
  readonly reason: string;
  readonly at: number;
}

/** What the ledger is told. */
export type LedgerEntry =
  | { readonly kind: 'replayed'; readonly entry: ReplayedLetter }
  | { readonly kind: 'held'; readonly entry: HeldLetter }
  | { readonly kind: 'stopped'; readonly entry: StoppedPlan };

const version = 1;

/** The record of the ledger topic; the newest of a key counts: a letter has one for each kind, a plan has one. */
export function encodeEntry({ kind, entry }: LedgerEntry): { key: Uint8Array; value: Uint8Array } {
  const about = kind === 'stopped' ? [entry.plan] : kind === 'held' ? [entry.letter, entry.plan] : [entry.letter];
  return {
    key: Buffer.from(JSON.stringify([version, kind, ...about])),
    value: Buffer.from(JSON.stringify(entry)),
  };
}

/** Reads a record of the ledger topic; undefined for others' records. */
export function decodeEntry(key: Uint8Array | null, value: Uint8Array | null): LedgerEntry | undefined {
  if (key === null || value === null) return undefined;
  try {
    const about = JSON.parse(String(Buffer.from(key))) as unknown[];
    const entry = JSON.parse(String(Buffer.from(value))) as Record<string, unknown> | null;
    if (!Array.isArray(about) || about[0] !== version || typeof entry?.['plan'] !== 'string') return undefined;
    const kind = about[1];
    if (kind === 'stopped') return { kind, entry: entry as unknown as StoppedPlan };
    if (typeof entry['letter'] !== 'string' || parsePlace(entry['letter']) === undefined) return undefined;
    if (kind === 'held') return { kind, entry: entry as unknown as HeldLetter };
    const isWhole = Array.isArray(entry['contents']) && typeof entry['count'] === 'number';
    return kind === 'replayed' && isWhole ? { kind, entry: entry as unknown as ReplayedLetter } : undefined;
  } catch {
    return undefined;
  }
}
