import { beforeEach, describe, expect, test } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import { createGate, type Admission, type Gate } from '#shared/host/gate.ts';

const mebibyte = 2 ** 20;
const usage = { resident: 0, heap: 0, heapLimit: 160 * mebibyte };
let gate: Gate;
beforeEach(() => {
  Object.assign(usage, { resident: 0, heap: 0 });
  gate = createGate({ memory: 160 * mebibyte, largestBody: 2 * mebibyte, measure: () => usage });
});

function enter(bytes?: number): Admission {
  const admitted = gate.admit({ bytes });
  if (typeof admitted === 'string') throw new Error(admitted);
  return admitted;
}

/** Longer than a measurement counts. */
const later = () => sleep(60);

describe('room for bodies', () => {
  test('is a sixteenth of the heap, and is given back once', () => {
    const inside = Array.from({ length: 10 }, () => enter(mebibyte));
    expect(gate.admit({ bytes: 1 })).toBe('10 requests fill the room for bodies');
    inside[0]?.leave();
    inside[0]?.leave();
    enter(mebibyte);
    expect(gate.admit({ bytes: 1 })).toEqual(expect.any(String));
  });

  test('is taken for the largest body by who announces nothing, or more than is read', () => {
    for (const bytes of [undefined, 2 ** 40, undefined, undefined, undefined]) enter(bytes);
    expect(gate.admit({ bytes: 1 })).toEqual(expect.any(String));
  });

  test('is there for small ones by the thousand', () => {
    for (let count = 0; count < 5_000; count += 1) enter(1_000);
  });
});

describe('while memory is short', () => {
  test.each([
    ['of the process', { resident: 140 * mebibyte }],
    ['for objects', { heap: 130 * mebibyte }],
  ])('%s, one request at a time is let in', async (_name, short) => {
    const first = enter(1);
    const second = enter(1);
    expect(second.shortage()).toBeUndefined();
    Object.assign(usage, short);
    await later();
    // Its body came when there was no room any more.
    expect(second.shortage()).toMatch(/^memory is short/);
    second.leave();
    expect(first.shortage()).toBeUndefined();
    expect(gate.admit({ bytes: 1 })).toMatch(/^memory is short: \d+ of 160 MiB are in use, \d+ % of the heap$/);
    first.leave();
    const alone = enter(1);
    expect(gate.admit({ bytes: 1 })).toEqual(expect.any(String));
    Object.assign(usage, { resident: 0, heap: 0 });
    await later();
    enter(1);
    alone.leave();
  });
});
