import { isDeepStrictEqual } from 'node:util';
import {
  feedKey,
  type Field,
  type Found,
  hidden,
  idOf,
  type Kind,
  kinds,
  ownerKey,
  takenBack,
  type Wanted,
} from './entity.ts';
import { isChangeable } from './feeds.ts';
import type { State } from './wanted.ts';

/** What is to be done to one thing; `remake`: a feed is deleted and made again. */
export interface Change {
  readonly kind: Kind;
  readonly name: string;
  readonly change: 'create' | 'update' | 'remake' | 'delete';
  /** The version that is changed; none for what is not there, and for feeds. */
  readonly version?: string | undefined;
  readonly fields: readonly { readonly field: string; readonly from?: unknown; readonly to?: unknown }[];
  readonly why?: string | undefined;
}

/** What cannot be done, and why. */
export interface Refusal {
  readonly kind: Kind;
  readonly name: string;
  readonly reason: string;
}

/** The difference between what is declared and what is there, as plain data without a secret. */
export interface Plan {
  readonly owner: string;
  readonly changes: readonly Change[];
  readonly refused: readonly Refusal[];
  /** Ours, and not declared any more; with `--prune` these are among the changes. */
  readonly undeclared: readonly string[];
}

/** Compares what is declared with what is there. */
export function makePlan({ owner, things }: State, found: readonly Found[], prune: boolean): Plan {
  const there = new Map(found.map((one) => [idOf(one), one]));
  const refused = new Map<string, Refusal>();
  const changes: Change[] = [];
  for (const wanted of things.toSorted((a, b) => kinds.indexOf(a.kind) - kinds.indexOf(b.kind))) {
    const actual = there.get(idOf(wanted));
    const need = wanted.needs.find((one) => refused.has(one));
    const reason = need === undefined ? whyNot(owner, actual) : `it needs ${need}`;
    if (reason !== undefined) refused.set(idOf(wanted), { kind: wanted.kind, name: wanted.name, reason });
    else changes.push(...compare(wanted, actual, there));
  }
  const declared = new Set(things.map(idOf));
  const left = found.filter((one) => one.owner === owner && !declared.has(idOf(one)));
  const undeclared = left.toSorted((a, b) => kinds.indexOf(b.kind) - kinds.indexOf(a.kind));
  if (prune)
    changes.push(
      ...undeclared.map(({ kind, name, version }): Change => {
        return { kind, name, change: 'delete', version: kind === 'feed' ? undefined : version, fields: [] };
      }),
    );
  return { owner, changes, refused: [...refused.values()], undeclared: prune ? [] : undeclared.map(idOf) };
}

function whyNot(owner: string, actual: Found | undefined): string | undefined {
  if (actual === undefined || actual.owner === owner) return undefined;
  if (actual.owner === undefined) return `it is there and not ours: it has no annotation ${ownerKey}`;
  return `it belongs to ${actual.owner}`;
}

function compare(wanted: Wanted, actual: Found | undefined, there: ReadonlyMap<string, Found>): Change[] {
  const { kind, name } = wanted;
  if (actual === undefined) {
    const fields = [...wanted.fields].map(([field, { shown }]) => ({ field, to: shown }));
    return [{ kind, name, change: 'create', fields: fields.filter(({ field }) => field !== feedKey) }];
  }
  const fields = differences(wanted, actual);
  if (kind !== 'feed')
    return fields.length === 0 ? [] : [{ kind, name, change: 'update', version: actual.version, fields }];
  const feed = wanted.feed ?? '';
  const isOther = there.get(`trigger ${name}`)?.feed !== feed;
  const why = isOther ? `its feed was ${actual.feed}` : actual.fault;
  if (fields.length === 0 && why === undefined) return [];
  const isUpdate =
    why === undefined && fields.every(({ field }) => isChangeable(feed, field.replace('parameters.', '')));
  const shown = fields.map((one) => (one.field === feedKey ? { field: 'what its provider does not tell' } : one));
  return [{ kind, name, change: isUpdate ? 'update' : 'remake', fields: shown, why }];
}

function differences({ kind, fields }: Wanted, actual: Found): Change['fields'] {
  const names = new Set([...fields.keys(), ...[...actual.fields.keys()].filter((name) => isOurs(kind, name))]);
  return [...names].toSorted().flatMap((field) => {
    const [to, from] = [fields.get(field), actual.fields.get(field)];
    // Providers do not tell all that they were given; what they keep to themselves is in the seal.
    if (kind === 'feed' && from === undefined) return [];
    if (isDeepStrictEqual(to?.value, from?.value)) return [];
    return [{ field, ...told('from', from, to), ...told('to', to, from) }];
  });
}

/** A value that is secret on one side is shown on neither. */
function told(key: 'from' | 'to', one: Field | undefined, other: Field | undefined): object {
  if (one === undefined) return {};
  return { [key]: other?.shown === hidden ? hidden : one.shown };
}

/** Annotations of others stay, and so do limits that we do not know and what a provider adds to a feed. */
function isOurs(kind: Kind, field: string): boolean {
  if (kind === 'feed' || field.startsWith('limits.')) return false;
  return !field.startsWith('annotations.') || takenBack.includes(field.slice('annotations.'.length));
}
