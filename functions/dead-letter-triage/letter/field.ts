import {
  readByteOrInt32,
  readCutBase64,
  readDecimal,
  readDecimalInt,
  readInstant,
  readInt32,
  readInt64,
  readMinimal,
  readProse,
  readText,
  type Reading,
} from './bytes.ts';
import type { HopDraft } from './hop.ts';

/** Takes the value of a header into a hop; false when it cannot be read. A null value is read, and tells nothing. */
export type Field = (hop: HopDraft, value: Uint8Array | null) => boolean;

/** A field from how its bytes are read and where its value goes. */
export function field<Value>(read: Reading<Value>, put: (hop: HopDraft, value: Value) => void): Field {
  return (hop, bytes) => {
    if (bytes === null) return true;
    const value = read(bytes);
    if (value === undefined) return false;
    put(hop, value);
    return true;
  };
}

type Put<Value> = (hop: HopDraft, value: Value) => void;

const putPartition: Put<number> = (hop, value) => {
  hop.origin.partition = value;
};
const putOffset: Put<bigint> = (hop, value) => {
  hop.origin.offset = value;
};
const putTimestamp: Put<bigint> = (hop, value) => {
  hop.origin.timestamp = value;
};
const putAttempts: Put<number> = (hop, value) => {
  hop.attempts = value;
};
const putFailedAt: Put<bigint> = (hop, value) => {
  hop.failedAt = value;
};
const isCount = (value: number | undefined): number | undefined =>
  value === undefined || value < 0 ? undefined : value;

export const topic = field(readText, (hop, value) => {
  hop.origin.topic = value;
});
export const partitionText = field(readDecimalInt, putPartition);
export const partitionInt32 = field((bytes) => isCount(readInt32(bytes)), putPartition);
export const offsetText = field(readDecimal, putOffset);
export const offsetInt64 = field(readInt64, putOffset);
export const timestampText = field(readDecimal, putTimestamp);
export const timestampInt64 = field(readInt64, putTimestamp);
export const timestampInstant = field(readInstant, putTimestamp);
export const timestampType = field(readText, (hop, value) => {
  hop.origin.timestampType = value;
});
export const group = field(readText, (hop, value) => {
  hop.group = value;
});
export const stage = field(readText, (hop, value) => {
  hop.stage = value;
});
export const component = field(readText, (hop, value) => {
  hop.component = value;
});
export const task = field(readText, (hop, value) => {
  hop.task = value;
});
export const errorClass = field(readText, (hop, value) => {
  hop.error.class = value;
});
export const rootClass = field(readText, (hop, value) => {
  hop.error.rootClass = value;
});
export const rootMessage = field(readProse, (hop, value) => {
  hop.error.rootMessage = value;
});
export const stack = field(readProse, (hop, value) => {
  hop.error.stack = value;
});
export const code = field(readText, (hop, value) => {
  hop.error.code = value;
});
export const attemptsText = field(readDecimalInt, putAttempts);
export const attemptsBinary = field((bytes) => isCount(readByteOrInt32(bytes)), putAttempts);
export const failedAtInstant = field(readInstant, putFailedAt);

/** A null header says that the exception had no message. */
export const message: Field = (hop, value) => {
  hop.error.message = value === null ? null : readProse(value);
  return true;
};

/** The answer of a service, in Base64 that may be cut. */
export const cutBase64Message = field(readCutBase64, (hop, value) => {
  hop.error.message = value;
});

/** What has no place of its own in a hop, as text. */
export function extra(name: string, read: Reading<string> = readText): Field {
  return field(read, (hop, value) => {
    hop.extras[name] = value;
  });
}

/** Only the length, in bytes: objects that Java serialised are never taken apart. */
export function lengthOnly(name: string): Field {
  return extra(name, (bytes) => String(bytes.length));
}

/** A time in milliseconds, as few bytes as it takes. */
export function minimalExtra(name: string): Field {
  return extra(name, (bytes) => readMinimal(bytes)?.toString());
}
