import { expect, test } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import { Turns } from '#functions/metastore-sync/turns.ts';

interface Question {
  readonly name: string;
  /** Milliseconds until it is asked. */
  readonly after: number;
  /** Milliseconds until its caller gives up; none for a patient one. */
  readonly patience: number | undefined;
}

const question = fc.record<Question>({
  name: fc.constantFrom('a', 'b'),
  after: fc.nat(12),
  patience: fc.option(fc.nat(8), { nil: undefined, freq: 3 }),
});
/** How long turns take, and which of them fail. */
const work = fc.array(fc.record({ takes: fc.nat(6), fails: fc.boolean() }), { minLength: 1, maxLength: 8 });

interface Turn {
  readonly name: string;
  readonly asked: readonly number[];
  readonly fails: boolean;
  readonly begun: number;
  ended: number;
}

test('each question is answered by one turn that began after it, and no two turns of a name overlap', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(question, { minLength: 1, maxLength: 30 }), work, async (questions, story) => {
      let clock = 0;
      const turns: Turn[] = [];
      const take = new Turns<{ name: string; index: number }, Turn>(async (asks, signal) => {
        const step = story[turns.length % story.length] ?? { takes: 0, fails: false };
        const turn = {
          name: asks[0].name,
          asked: asks.map(({ index }) => index),
          fails: step.fails,
          begun: (clock += 1),
          ended: Infinity,
        };
        turns.push(turn);
        await sleep(step.takes, undefined, { signal }).catch(() => {});
        turn.ended = clock += 1;
        signal.throwIfAborted();
        if (step.fails) throw new Error(`turn ${turns.indexOf(turn)}`);
        return turn;
      });
      const seen = await Promise.all(
        questions.map(async ({ name, after, patience }, index) => {
          await sleep(after);
          const asked = (clock += 1);
          const signal = patience === undefined ? undefined : AbortSignal.timeout(patience);
          const answer = await take.take(name, { name, index }, signal).then(
            (share) => ({ share }),
            (error: unknown) => ({ error: error as Error }),
          );
          return { name, index, asked, signal, answer };
        }),
      );

      for (const { index, asked, signal, answer } of seen) {
        const own = turns.filter((turn) => turn.asked.includes(index));
        expect(own.length).toBeLessThanOrEqual(1);
        const [turn] = own;
        if (turn !== undefined) expect(turn.begun).toBeGreaterThan(asked);
        if ('share' in answer)
          expect([answer.share.outcome, answer.share.requests]).toEqual([turn, turn?.asked.length]);
        else if (signal?.aborted !== true || answer.error !== signal.reason) {
          expect([turn?.fails, answer.error.message]).toEqual([true, `turn ${turns.indexOf(turn as Turn)}`]);
        }
      }
      for (const turn of turns) {
        expect(turns.filter((other) => other.name === turn.name && other !== turn && overlap(turn, other))).toEqual([]);
        const tellers = seen.filter(
          ({ index, answer }) => turn.asked.includes(index) && 'share' in answer && answer.share.first,
        );
        const answered = seen.filter(({ index, answer }) => turn.asked.includes(index) && 'share' in answer);
        expect(tellers).toHaveLength(answered.length === 0 ? 0 : 1);
      }
      expect(['a', 'b'].map((name) => take.isBusy(name))).toEqual([false, false]);
    }),
    { numRuns: 60 },
  );
});

function overlap(a: Turn, b: Turn): boolean {
  return a.begun < b.ended && b.begun < a.ended;
}
