import { isRecord } from '#shared/config/tree.ts';
import { scrub } from '#shared/observe/scrub.ts';

/** Kinds of things on OpenWhisk, in the order in which they are made. */
export const kinds = ['package', 'action', 'trigger', 'feed', 'rule'] as const;

/** One of the kinds. */
export type Kind = (typeof kinds)[number];

/** A value of a thing; `shown` stands for one that nobody may see. */
export interface Field {
  readonly value: unknown;
  readonly shown: unknown;
}

/** A thing as it is to be, or as it is: its values by names such as `limits.memoryMb`. */
export type Fields = ReadonlyMap<string, Field>;

/** A thing as it is to be. */
export interface Wanted {
  readonly kind: Kind;
  readonly name: string;
  readonly fields: Fields;
  /** Things that must be there and ours before it. */
  readonly needs: readonly string[];
  /** What OpenWhisk is sent: of a feed its parameters, of anything else the entity. */
  readonly body: Readonly<Record<string, unknown>>;
  /** Of a feed: the action that provides it. */
  readonly feed?: string;
}

/** A thing as it is. */
export interface Found {
  readonly kind: Kind;
  readonly name: string;
  readonly fields: Fields;
  readonly owner: string | undefined;
  /** Of a trigger: the action that provides its feed. */
  readonly feed?: string | undefined;
  readonly version: string | undefined;
  /** Annotations of others, which are kept. */
  readonly annotations: readonly Pair[];
  /** Why a feed does not work, although it is there. */
  readonly fault?: string | undefined;
}

/** A parameter or an annotation, as OpenWhisk writes it. */
export interface Pair {
  readonly key: string;
  readonly value: unknown;
  /** A variable of the process rather than a parameter. */
  readonly init?: boolean;
}

/** The annotation that says whose a thing is. */
export const ownerKey = 'lakewarden-owner';
/** The annotation that knows a feed's parameters again, also those that the feed does not tell. */
export const feedKey = 'lakewarden-feed';

/** Annotations of ours that go when they are not wanted any more: those of a web action. */
export const takenBack: readonly string[] = ['final', 'require-whisk-auth'];

/** What stands for a value that nobody may see. */
export const hidden = '[secret]';

/** A thing's name among all kinds. */
export function idOf({ kind, name }: { readonly kind: Kind; readonly name: string }): string {
  return `${kind} ${name}`;
}

/** The values of a record by their paths; lists are values. */
export function flatten(prefix: string, value: unknown, isSecret: (path: string) => boolean): [string, Field][] {
  if (!isRecord(value) || Object.keys(value).length === 0) return [[prefix, fieldOf(value, isSecret(prefix))]];
  return Object.entries(value).flatMap(([key, inner]) => flatten(`${prefix}.${key}`, inner, isSecret));
}

/** A value, hidden when it is a secret; a switch is none, whatever it is called. */
export function fieldOf(value: unknown, isSecret = false): Field {
  return { value, shown: isSecret && typeof value !== 'boolean' ? hidden : conceal(value) };
}

/** A value without the secrets in it: what names tell of inside it, and passwords in addresses. */
function conceal(value: unknown): unknown {
  if (typeof value === 'string') return scrub(value);
  if (Array.isArray(value)) return value.map(conceal);
  if (!isRecord(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [key, fieldOf(inner, telling.test(key)).shown]),
  );
}

const telling = /pass|secret|token|key|credential|auth|sasl/i;

/** Whether a value's name says that nobody may see it: what is there may have been put there by hand. */
export function soundsSecret(path: string): boolean {
  return telling.test(path.split('.').slice(1).join('.'));
}

/** What a parameter of an action is called in plans. */
export function parameterName(key: string, init = false): string {
  if (init) return `environment.${key}`;
  return key === 'lakewarden' ? 'settings' : key === 'lakewardenFiles' ? 'files' : `parameters.${key}`;
}
