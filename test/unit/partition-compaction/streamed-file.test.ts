import { describe, expect, test } from '@jest/globals';
import { setImmediate } from 'node:timers/promises';
import { streamFile } from '#functions/partition-compaction/rewrite/streamed-file.ts';

type Make = Parameters<typeof streamFile<string>>[0];

/** Writes the numbers from 1 on into one buffer that is used again, as a deep merge does. */
const counting =
  (pieces: number, written: number[] = []): Make =>
  async (sink) => {
    const buffer = new Uint8Array(1);
    for (let piece = 1; piece <= pieces; piece += 1) {
      buffer[0] = piece;
      await sink.write(buffer);
      written.push(piece);
    }
    return 'made';
  };

describe('a file that is sent while it is made', () => {
  test('comes whole, though its maker uses its memory again while pieces are still on the way', async () => {
    const received: Uint8Array[] = [];
    const end = await streamFile(counting(50), async (body) => {
      for await (const piece of body) received.push(piece);
    });
    expect(end).toBe('made');
    expect(received.map(([number]) => number)).toEqual(Array.from({ length: 50 }, (_, index) => index + 1));
  });

  test('is not made faster than it is sent', async () => {
    const written: number[] = [];
    let ahead = 0;
    let received = 0;
    await streamFile(counting(50, written), async (body) => {
      for await (const piece of body) {
        received = piece[0] as number;
        for (let turn = 0; turn < 5; turn += 1) await setImmediate();
        ahead = Math.max(ahead, written.length - received);
      }
    });
    expect([received, ahead <= 3]).toEqual([50, true]);
  });

  test('ends with the error of its maker, which the receiver meets, too', async () => {
    const fault = new Error('a broken page');
    let met: unknown;
    const made = streamFile(
      async (sink) => {
        await sink.write(new Uint8Array(3));
        throw fault;
      },
      async (body) => {
        try {
          for await (const _ of body);
        } catch (error) {
          met = error;
          throw error;
        }
      },
    );
    await expect(made).rejects.toBe(fault);
    expect(met).toBe(fault);
  });

  test.each([
    ['at once', 0],
    ['in the middle', 2],
  ])('ends with the error of its receiver, and its maker stops: %s', async (_, after) => {
    const fault = new Error('no room');
    const written: number[] = [];
    const made = streamFile(counting(1_000, written), async (body) => {
      let pieces = 0;
      if (after === 0) throw fault;
      for await (const piece of body) {
        pieces += piece.length;
        if (pieces === after) throw fault;
      }
    });
    await expect(made).rejects.toBe(fault);
    expect(written.length).toBeLessThan(10);
  });

  test('fails when its receiver stops early without a word', async () => {
    const made = streamFile(counting(1_000), async (body) => {
      for await (const _ of body) return;
    });
    await expect(made).rejects.toMatchObject({ code: 'hdfs.unavailable' });
  });
});
