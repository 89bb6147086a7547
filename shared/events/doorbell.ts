import type { z } from 'zod';
import { LakewardenError } from '../errors/error.ts';

/** The parts of a CloudEvent that say what somebody wants. */
export interface Ring {
  readonly type: string;
  readonly data?: unknown;
}

/** What senders put into an event is told no longer than this. */
const longest = 200;

/** What an event carries, by the schema of its type. @throws event.invalid that names the first field that does not fit */
export function readData<Schema extends z.ZodType>(schema: Schema, { type, data }: Ring): z.output<Schema> {
  const result = schema.safeParse(data);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  throw invalidEvent(type, `${['data', ...(issue?.path ?? [])].join('.')}: ${issue?.message}`);
}

/** An option that a function does not have. */
export interface UnknownOption {
  readonly code: 'event.option';
  readonly message: string;
}

/**
 * The options of an event that asks a function for a run; no data are no options. What the function does not know is a problem
 * and not a refusal: the sender may be newer than we are. @throws event.invalid for an option that does not fit
 */
export function readOptions<Schema extends z.ZodObject>(
  schema: Schema,
  { type, data }: Ring,
  functionName: string,
): { readonly options: z.output<Schema>; readonly problems: readonly UnknownOption[] } {
  const given = data ?? {};
  const options = readData(schema, { type, data: given });
  const known = Object.keys(schema.shape);
  const problems = Object.keys(given)
    .filter((key) => !known.includes(key))
    .map((key): UnknownOption => {
      const message = `data.${key.slice(0, longest)} is not an option of ${functionName} (${known.join(', ')}) and was left aside`;
      return { code: 'event.option', message };
    });
  return { options, problems };
}

/** The error event.invalid for an event of a known type that says nothing of use. */
export function invalidEvent(type: string, reason: string): LakewardenError {
  const name = type.slice(0, longest);
  return new LakewardenError('event.invalid', `the ${name} event cannot be used: ${reason}`, {
    details: { type: name },
  });
}

/** The error event.unsupported for an event of a type that a function does not know. */
export function unsupportedEvent(type: string, functionName: string): LakewardenError {
  const name = type.slice(0, longest);
  const message = `${functionName} does not act on events of type ${JSON.stringify(name)}`;
  return new LakewardenError('event.unsupported', message, { details: { type: name } });
}
