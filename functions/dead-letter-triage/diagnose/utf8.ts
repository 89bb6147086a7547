import { isUtf8 } from 'node:buffer';

/** Why bytes are no UTF-8 (Unicode 16, table 3-7). */
export type Utf8Reason = 'lead' | 'continuation' | 'overlong' | 'surrogate' | 'range' | 'truncated';

/** The first place at which bytes are no UTF-8. */
export interface Utf8Fault {
  /** Where the sequence begins, from 0. */
  readonly byte: number;
  readonly reason: Utf8Reason;
}

/** Finds the first sequence that is no UTF-8; undefined when there is none. */
export function findUtf8Fault(bytes: Uint8Array): Utf8Fault | undefined {
  if (isUtf8(bytes)) return undefined;
  for (let at = 0; at < bytes.length;) {
    const lead = bytes[at] as number;
    if (lead < 0x80) {
      at += 1;
      continue;
    }
    const length = sequenceLength(lead);
    const reason = length === 0 ? leadReason(lead) : sequenceFault(bytes, at, length);
    if (reason !== undefined) return { byte: at, reason };
    at += length;
  }
  return undefined;
}

function sequenceLength(lead: number): number {
  if (lead >= 0xc2 && lead <= 0xdf) return 2;
  if (lead >= 0xe0 && lead <= 0xef) return 3;
  return lead >= 0xf0 && lead <= 0xf4 ? 4 : 0;
}

function leadReason(lead: number): Utf8Reason {
  if (lead < 0xc0) return 'continuation';
  if (lead < 0xc2) return 'overlong';
  return lead < 0xf8 ? 'range' : 'lead';
}

function sequenceFault(bytes: Uint8Array, at: number, length: number): Utf8Reason | undefined {
  const lead = bytes[at];
  for (let index = 1; index < length; index += 1) {
    const next = bytes[at + index];
    if (next === undefined) return 'truncated';
    if ((next & 0xc0) !== 0x80) return 'lead';
    if (index > 1) continue;
    if ((lead === 0xe0 && next < 0xa0) || (lead === 0xf0 && next < 0x90)) return 'overlong';
    if (lead === 0xed && next > 0x9f) return 'surrogate';
    if (lead === 0xf4 && next > 0x8f) return 'range';
  }
  return undefined;
}
