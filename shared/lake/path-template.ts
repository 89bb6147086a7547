import { LakewardenError } from '../errors/error.ts';
import { defaultPartition, escapeValue, unescapeValue } from './partition-name.ts';
import { checkValue, type KeyType, normaliseValue } from './partition-value.ts';

/** A partition key of a template. */
export interface PartitionKey {
  readonly name: string;
  readonly type: KeyType;
}

interface Segment {
  readonly pattern: RegExp;
  /** The keys that this segment holds, in order. */
  readonly keys: readonly PartitionKey[];
  /** Text and keys in order, to write the segment. */
  readonly parts: readonly (string | PartitionKey)[];
  /** `key=value` segments carry escaped values, plain ones carry them as they are. */
  readonly escaped: boolean;
}

/** The layout of a topic's partitions below its folder, such as `{year}/{month}/{day}/{hour}` or `dt={dt}/hour={hour:int}`. */
export interface PathTemplate {
  readonly text: string;
  readonly keys: readonly PartitionKey[];
  readonly segments: readonly Segment[];
}

/** What a path says by a template: the values (all keys when `complete`), or why it does not fit. */
export type PathMatch =
  | { readonly values: readonly string[]; readonly complete: boolean }
  | { readonly reason: string };

/**
 * Parses a template. A segment is text and `{key}` or `{key:int}` placeholders; keys are text by default.
 * @throws config.invalid when a key is missing, repeated, or not told apart from its neighbour
 */
export function parseTemplate(text: string): PathTemplate {
  const segments = text.split('/').map((segment) => parseSegment(segment, text));
  const keys = segments.flatMap((segment) => segment.keys);
  if (keys.length === 0) throw invalid(text, 'it has no {key}');
  const names = keys.map((key) => key.name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw invalid(text, `the key ${twice} stands in it twice`);
  return { text, keys, segments };
}

/** Holds the first folders of a path below the topic against a template; `complete` when they name a whole partition. */
export function matchPath(template: PathTemplate, folders: readonly string[]): PathMatch {
  if (folders.length > template.segments.length) return { reason: `deeper than ${template.text}` };
  const found = new Map<string, string>();
  for (const [index, folder] of folders.entries()) {
    const segment = template.segments[index] as Segment;
    const match = segment.pattern.exec(folder);
    if (match === null) return { reason: `'${folder}' does not fit ${template.text}` };
    for (const [position, key] of segment.keys.entries()) {
      const raw = match[position + 1] as string;
      const value = segment.escaped ? unescapeValue(raw) : raw;
      found.set(key.name, value);
    }
  }
  const problem = checkValue(template.keys, found);
  if (problem !== undefined) return { reason: problem };
  const values = template.keys.flatMap((key) => {
    const value = found.get(key.name);
    return value === undefined ? [] : [normaliseValue(key.type, value)];
  });
  return { values, complete: folders.length === template.segments.length };
}

/** Writes the path of a partition below its topic; the inverse of {@link matchPath} for values that are normal already. */
export function formatPath(template: PathTemplate, values: readonly string[]): string {
  const byKey = new Map(template.keys.map((key, index) => [key.name, values[index] ?? defaultPartition]));
  return template.segments
    .map((segment) =>
      segment.parts
        .map((part) => {
          if (typeof part === 'string') return part;
          const value = byKey.get(part.name) as string;
          return segment.escaped ? escapeValue(value) : value;
        })
        .join(''),
    )
    .join('/');
}

function parseSegment(segment: string, text: string): Segment {
  const parts: (string | PartitionKey)[] = [];
  let rest = segment;
  while (rest !== '') {
    const placeholder = /^\{([a-z_][a-z0-9_]*)(?::(int|string))?\}/.exec(rest);
    const literal = placeholder ?? /^[^{}]+/.exec(rest);
    if (literal === null) throw invalid(text, `'${rest}' is no {key}, {key:int} or plain text`);
    if (placeholder !== null && typeof parts.at(-1) === 'object') throw invalid(text, 'two keys touch each other');
    parts.push(
      placeholder === null
        ? literal[0]
        : { name: placeholder[1] as string, type: (placeholder[2] as KeyType | undefined) ?? 'string' },
    );
    rest = rest.slice(literal[0].length);
  }
  if (parts.length === 0) throw invalid(text, 'it has an empty folder name');
  const keys = parts.filter((part) => typeof part === 'object');
  const escaped = parts.length === 2 && typeof parts[0] === 'string' && parts[0].endsWith('=') && keys.length === 1;
  // A plain value never holds `=`: where old `2019/09` and new `year=2019/month=09` meet, each folder fits one of them.
  const capture = escaped ? '(.+)' : keys.length > 1 ? '([^=]+?)' : '([^=]+)';
  const pattern = new RegExp(
    `^${parts.map((part) => (typeof part === 'string' ? RegExp.escape(part) : capture)).join('')}$`,
    'su',
  );
  return { pattern, keys, parts, escaped };
}

function invalid(text: string, reason: string): LakewardenError {
  return new LakewardenError('config.invalid', `the path template '${text}' is not valid: ${reason}`, {
    details: { template: text },
  });
}
