import pLimit from 'p-limit';
import { expect } from '@jest/globals';

const together = pLimit(4);

/** Whether every fault is to happen at every call, as in `make kills`. */
export const isThorough = process.env['LAKEWARDEN_EVERY_FAULT'] !== undefined;

/** Calls of HDFS that change nothing. What is not known to be one may change something. */
const reads = new Set([
  'blocks',
  'getXattrs',
  'isOpenForWrite',
  'list',
  'open',
  'read',
  'serverTime',
  'status',
  'statusIfExists',
]);

/** A call as it is told apart from others: its name, and the names of what it is about without runs and numbers. */
export function describeCall(name: string, args: readonly unknown[]): string {
  const texts = args.filter((arg) => typeof arg === 'string');
  const about = texts.map((text) => text.slice(text.lastIndexOf('/') + 1).replaceAll(/[0-9a-f]{8,}|\d+/g, '#'));
  return [name, ...about].join(' ');
}

const isRead = (call: string): boolean => reads.has(call.split(' ', 1)[0] ?? '');

/** Of writes that do the same to the same kind of file, the last; and so of reads of a kind after such a write. */
function oneOfEachKind(calls: readonly string[]): Map<string, number> {
  const last = new Map<string, number>();
  let write = '';
  for (const [index, call] of calls.entries()) {
    if (!isRead(call)) write = call;
    last.set(isRead(call) ? `${write}, then ${call.split(' ', 1)[0]}` : call, index + 1);
  }
  return last;
}

/** At which calls something happens: at writes; also right before what was read last before them; at any. */
export type Which = 'writes' | 'around writes' | 'all';

/** The calls at which something is to happen, counted from 1. */
function chooseCalls(calls: readonly string[], which: Which): number[] {
  if (isThorough) return calls.map((_, index) => index + 1);
  const isWrite = (n: number): boolean => n <= calls.length && !isRead(calls[n - 1] ?? '');
  return [...oneOfEachKind(calls).values()].filter(
    (n) => which === 'all' || isWrite(n) || (which === 'around writes' && isWrite(n + 1)),
  );
}

/**
 * Runs a story undisturbed, and then with its n-th call disturbed, for an n of each kind of call; where it
 * makes no difference what was read before, of fewer. A story tells the calls it made, by `describeCall`. @returns how many there are
 */
export async function atEveryCall(story: (n: number) => Promise<readonly string[]>, which: Which): Promise<number> {
  const calls = await story(Number.POSITIVE_INFINITY);
  const disturb = async (n: number): Promise<void> => {
    const { length } = await story(n);
    expect([n, length]).toEqual([n, Math.max(n, length)]);
  };
  await Promise.all(chooseCalls(calls, which).map((n) => together(() => disturb(n))));
  return calls.length;
}
