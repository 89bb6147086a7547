import { hash } from 'node:crypto';
import { parse } from 'yaml';
import { z } from 'zod';
import { asError, LakewardenError } from '#shared/errors/error.ts';
import { classNames } from '../classify/classes.ts';
import { longestPattern } from '../pattern.ts';
import { wireFormats } from '../transform/wire-frame.ts';

const topic = z.string().regex(/^[\w.-]{1,249}$/, 'the name of a Kafka topic');
const pattern = z.string().min(1).max(longestPattern);
const pointer = z.string().regex(/^(?:\/(?:[^~/]|~[01])*)*$/, 'a JSON pointer, such as /order/id');
const offset = z
  .union([z.int().min(0), z.string().regex(/^\d{1,18}$/, 'an offset')])
  .transform((value) => BigInt(value));
const time = z.iso.datetime({ offset: true }).transform((text) => BigInt(Date.parse(text)));

const operation = z.discriminatedUnion('op', [
  z.strictObject({ op: z.literal(['add', 'replace', 'test']), path: pointer, value: z.json() }),
  z.strictObject({ op: z.literal('remove'), path: pointer }),
  z.strictObject({ op: z.literal(['move', 'copy']), from: pointer, path: pointer }),
]);

const headerName = z.string().min(1).max(1_000);

const subject = z.string().min(1);
const version = z.int().min(1);

const transform = z.union([
  z.strictObject({ set: pointer, value: z.json() }).describe('puts a value at a JSON pointer'),
  z.strictObject({ drop: pointer }).describe('takes away what is at a JSON pointer, if anything is'),
  z.strictObject({ rename: pointer, to: pointer }).describe('moves what is at a JSON pointer, which must be there'),
  z.strictObject({ patch: z.array(operation).min(1).max(1_000) }).describe('a JSON Patch (RFC 6902)'),
  z
    .strictObject({ decode: z.strictObject({ subject, version }).partial() })
    .describe('reads Avro, Protobuf or what has a JSON Schema into JSON, by the schema that it names or this one'),
  z
    .strictObject({
      encode: z.strictObject({
        subject,
        version: version.optional(),
        message: z.string().min(1).optional().describe('of Protobuf; the first of the schema unless said'),
        wire: z.enum(wireFormats).default('confluent').describe('how the value names its schema'),
      }),
    })
    .describe("writes JSON by a registry's schema, the newest of the subject unless a version is named"),
  z
    .strictObject({ addHeaders: z.record(headerName, z.string()).refine((all) => Object.keys(all).length > 0) })
    .describe('adds headers behind those that are there'),
  z.strictObject({ dropHeaders: z.array(headerName).min(1) }).describe('takes all headers of these names away'),
]);

/** A replay as people write and review it. */
export const replaySchema = z.strictObject({
  name: z.string().regex(/^[\w.-]{1,80}$/, 'letters, digits, dots, dashes, underscores'),
  filter: z
    .strictObject({
      topic: topic.describe('the dead letter topic'),
      partitions: z.array(z.int().min(0)).min(1).optional().describe('its partitions; all unless said'),
      offsets: z
        .strictObject({ first: offset.optional(), last: offset.optional() })
        .prefault({})
        .describe('offsets in each of the partitions, both included'),
      times: z
        .strictObject({ from: time.optional(), to: time.optional() })
        .prefault({})
        .describe('timestamps of the letters: from, and before to'),
      fingerprints: z.array(z.string().min(1)).min(1).optional().describe('letters of these groups'),
      classes: z.array(z.enum(classNames)).min(1).optional().describe('letters of these classes'),
      origins: z.array(pattern).min(1).optional().describe('letters that first failed in these topics'),
      keys: z.array(z.string()).min(1).optional().describe('letters with these keys, as text'),
    })
    .describe('which letters: all that fulfil every condition'),
  to: z
    .strictObject({
      topic: topic.optional().describe('where to; the topic in which each letter first failed unless said'),
      partition: z
        .enum(['original', 'key'])
        .optional()
        .describe('the partition it came from, or that which Java chooses for its key; key for a named topic'),
    })
    .prefault({}),
  transforms: z.array(transform).max(100).default([]).describe('changes, in this order'),
  order: z
    .enum(['key', 'none'])
    .default('key')
    .describe('key: letters of a key that stand behind one that is held are held, too'),
  window: z
    .int()
    .min(1)
    .max(100_000)
    .default(10_000)
    .describe('letters within which those of one partition are put in the order of their origin'),
  timestamps: z.enum(['keep', 'now']).default('keep').describe('of the records that are written'),
  newerData: z
    .enum(['warn', 'hold', 'ignore'])
    .default('warn')
    .describe('what to do with letters whose key has newer records in their origin'),
  inexact: z.boolean().default(false).describe('true: also letters whose original bytes are not known exactly'),
  rate: z.number().positive().optional().describe('records per second at most'),
  budget: z
    .strictObject({
      perLetter: z.int().min(1).max(1_000).default(3).describe('how often one letter may be replayed, in all plans'),
      total: z.int().min(1).default(100_000).describe('letters that this plan may replay'),
    })
    .prefault({}),
  breaker: z
    .strictObject({
      share: z.number().gt(0).max(1).default(0.2).describe('share of replayed letters that may come back'),
      least: z.int().min(1).default(20).describe('replayed letters before which nothing is stopped'),
      seconds: z.number().min(0).max(600).default(5).describe('time between two looks for those that came back'),
      probe: z
        .strictObject({ letters: z.int().min(1), seconds: z.number().min(0).max(500) })
        .optional()
        .describe('after so many letters wait so long, and look, before the others follow'),
    })
    .prefault({}),
});

/** A replay as read. */
export type Replay = z.output<typeof replaySchema>;
/** One change of a letter. */
export type Transform = Replay['transforms'][number];
/** An operation of a JSON Patch (RFC 6902). */
export type PatchOperation = z.output<typeof operation>;

/** Reads a replay from YAML or JSON. @throws config.invalid that names each fault */
export function readReplay(
  text: string,
  file: string,
  code: 'config.invalid' | 'event.invalid' = 'config.invalid',
): Replay {
  const fail = (reason: string): never => {
    throw new LakewardenError(code, `${file} is no replay: ${reason}`, { details: { file } });
  };
  let content: unknown;
  try {
    content = parse(text, { maxAliasCount: 0 });
  } catch (error) {
    return fail(asError(error).message);
  }
  const unsafe = findUnsafe(content, '');
  if (unsafe !== undefined) return fail(`${unsafe} is a number that loses digits: write it as text`);
  const { success, data, error } = replaySchema.safeParse(content);
  return success ? data : fail(z.prettifyError(error).replaceAll('\n', ' '));
}

/** Where a whole number stands that a double does not hold. */
function findUnsafe(value: unknown, at: string): string | undefined {
  if (typeof value === 'number') return Number.isInteger(value) && !Number.isSafeInteger(value) ? at : undefined;
  if (typeof value !== 'object' || value === null) return undefined;
  for (const [name, inner] of Object.entries(value)) {
    const found = findUnsafe(inner, `${at}/${name}`);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Offsets of one partition that a plan covers, both included. */
export interface PlannedRange {
  readonly partition: number;
  readonly first: bigint;
  readonly last: bigint;
}

/** The name of a plan for machines: 16 hexadecimal digits that follow from the replay and the offsets that it covers. */
export function planId(replay: Replay, ranges: readonly PlannedRange[]): string {
  return hash('sha256', toText([replay, ranges]), 'hex').slice(0, 16);
}

/** JSON with the members of objects in the order of their names, so that equal things have equal texts. */
function toText(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) => {
    if (typeof inner === 'bigint') return `${inner}n`;
    if (typeof inner !== 'object' || inner === null || Array.isArray(inner)) return inner;
    return Object.fromEntries(Object.entries(inner).toSorted(([a], [b]) => (a < b ? -1 : 1)));
  });
}
