import type { Field } from './field.ts';
import { draftHop, type FamilyName, type HopDraft, type HopKind } from './hop.ts';

/** A family that tells of failures by headers. */
export interface HeaderFamily {
  readonly name: FamilyName;
  readonly kind: HopKind;
  /** How each of its headers is read, by whole names, in the order in which the producer writes them. */
  readonly fields: Readonly<Record<string, Field>>;
  /** Names that are proof only together; one of these lists suffices. Absent: any of its headers is proof. */
  readonly signs?: readonly (readonly string[])[];
  /** Where the producer puts its headers among those that are there: so the newest hop is the last or the first. */
  readonly adds: 'behind' | 'before';
  /** Parts the family's headers into those of each hop, in the order of the record. */
  readonly part?: (found: readonly Found[]) => Found[][];
  /** Says what several fields tell together. */
  readonly finish?: (hop: HopDraft) => void;
}

/** A header that a family knows. */
export interface Found {
  readonly name: string;
  readonly value: Uint8Array | null;
  /** Its place among all headers of the record. */
  readonly position: number;
  /** Its place in the order in which the producer writes. */
  readonly rank: number;
  readonly field: Field;
}

/** A hop and where it stood in the record. */
export interface PlacedHop {
  readonly hop: HopDraft;
  readonly position: number;
  readonly adds: 'behind' | 'before';
}

/** The fields of a family whose headers have a common prefix. */
export function prefixed(prefix: string, fields: Readonly<Record<string, Field>>): Record<string, Field> {
  return Object.fromEntries(Object.entries(fields).map(([name, field]) => [`${prefix}${name}`, field]));
}

/** Makes hops out of a family's headers, in the order of the record; none when its signs are missing. */
export function readFamily(family: HeaderFamily, found: readonly Found[]): PlacedHop[] {
  const { signs } = family;
  if (signs !== undefined && !signs.some((names) => names.every((name) => found.some((one) => one.name === name))))
    return [];
  const parts = family.part === undefined ? partByOrder(found) : family.part(found);
  return parts.map((part) => {
    const hop = draftHop(family.name, family.kind);
    for (const { name, value, field } of part) if (!field(hop, value)) hop.undecoded.push(name);
    family.finish?.(hop);
    return { hop, position: part[0]?.position ?? 0, adds: family.adds };
  });
}

/**
 * Where names are there twice, each hop begins where the producer's order begins anew. Where headers were shuffled on the
 * way, it begins where a name comes again.
 */
function partByOrder(found: readonly Found[]): Found[][] {
  if (!hasRepetition(found)) return [[...found]];
  const counts = new Map<string, number>();
  let hops = 1;
  for (const { name } of found) {
    const count = (counts.get(name) ?? 0) + 1;
    counts.set(name, count);
    if (count > hops) hops = count;
  }
  const ordered: Found[][] = [];
  for (const one of found) {
    const part = ordered.at(-1);
    const before = part?.at(-1);
    if (part === undefined || before === undefined || one.rank <= before.rank) ordered.push([one]);
    else part.push(one);
  }
  return ordered.length === hops ? ordered : partByRepetition(found);
}

const fewNames = 24;

/** True when a name is there twice. */
export function hasRepetition(found: readonly Found[]): boolean {
  if (found.length > fewNames) return new Set(found.map(({ rank }) => rank)).size < found.length;
  for (let index = 1; index < found.length; index += 1)
    for (let before = 0; before < index; before += 1) if (found[index]?.rank === found[before]?.rank) return true;
  return false;
}

/** A new hop begins where a name comes again. */
export function partByRepetition(found: readonly Found[]): Found[][] {
  const parts: Found[][] = [];
  const seen = new Set<string>();
  for (const one of found) {
    const part = parts.at(-1);
    if (part === undefined || seen.has(one.name)) {
      seen.clear();
      parts.push([one]);
    } else part.push(one);
    seen.add(one.name);
  }
  return parts;
}
