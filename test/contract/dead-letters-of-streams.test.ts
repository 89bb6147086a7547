import { expect, test } from '@jest/globals';
import { firstOrigin } from '#functions/dead-letter-triage/letter/letter.ts';
import type { UnderstoodLetter } from '#functions/dead-letter-triage/understand.ts';
import { headers } from '../support/dead-letters.ts';
import { startJavaProgram } from '../support/java-program.ts';
import { understandLetters } from '../support/understood-letters.ts';
import { useKafka } from '../support/kafka-lake.ts';

const kafka = await useKafka();

/** What the job takes for an amount: eight bytes, if they are eight. */
function amount(value: bigint): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64BE(value);
  return bytes;
}

const own = headers(['trace', 'a'], ['twice', '1'], ['nothing', null], ['twice', '2'], ['__proto__', 'ü']);
const malformed = 'org.apache.kafka.common.errors.SerializationException';

/** Per record: what it fails with; undefined is good. */
const records = [
  { value: amount(2_000n) },
  {
    value: amount(5n),
    class: 'java.lang.IllegalArgumentException',
    message: 'amount of order',
    verdict: 'schema.type',
  },
  {
    value: amount(77n),
    class: 'java.lang.IllegalArgumentException',
    message: 'amount of order',
    verdict: 'schema.type',
  },
  { value: amount(0n), class: 'java.util.NoSuchElementException', message: null, verdict: 'unknown' },
  { value: amount(-1n), class: 'java.lang.IllegalStateException', message: 'no price for -1', verdict: 'defect' },
  { value: amount(-22n), class: 'java.lang.IllegalStateException', message: 'no price for -22', verdict: 'defect' },
  { value: Buffer.from([1, 2, 3]), class: malformed, verdict: 'undecodable.other' },
  { value: Buffer.alloc(0), class: malformed, verdict: 'undecodable.other' },
  { value: null, class: 'java.lang.NullPointerException', verdict: 'defect' },
];
/** Records that failed for the same reason, by their places above. */
const sameReasons = [[1, 2], [3], [4, 5], [6, 7], [8]];

test('letters of Kafka Streams are understood with every field, are the records they were, and group by reason', async () => {
  const [raw, priced, dlq] = [await kafka.create(), await kafka.create(), await kafka.create()];
  const written = records.map(({ value }, index) => ({
    partition: 0,
    timestamp: 1_700_000_000_000n + BigInt(index),
    key: index % 2 === 0 ? null : Buffer.from([index]),
    value,
    headers: index % 3 === 0 ? [] : own,
  }));
  const job = await startJavaProgram('streams', 'StreamsJob.java', [kafka.broker, `${raw}-job`, raw, priced, dlq]);
  // They come in another order than the records had: the job decodes one ahead of the one it works on.
  const letters = new Map<bigint | undefined, UnderstoodLetter>();
  try {
    await kafka.java.write(raw, 'zstd', written);
    const all = await understandLetters(kafka.link, dlq, records.length - 1);
    for (const judged of all) letters.set(firstOrigin(judged.letter)?.offset, judged);
  } finally {
    await job.end();
  }
  expect((await kafka.java.read(priced)).map(({ value }) => String(value))).toEqual(['2000']);

  for (const [index, { class: name, message = expect.any(String), verdict }] of records.entries()) {
    if (name === undefined) continue;
    const { letter, ...judged } = letters.get(BigInt(index)) as UnderstoodLetter;
    const { key, value, timestamp, headers: all } = letter.record;
    const before = written[index];
    expect({ partition: 0, key, value, timestamp, headers: all.slice(0, before?.headers.length) }).toEqual(before);
    expect(letter.hops).toEqual([
      {
        family: 'streams',
        kind: 'failure',
        origin: { topic: raw, partition: 0, offset: BigInt(index) },
        error: { class: name, message, stack: expect.stringMatching(`^${name}[:\n]`) },
        extras: {},
        undecoded: [],
      },
    ]);
    expect(letter.payload).toEqual({ kind: 'record' });
    expect([index, judged.verdict.class]).toEqual([index, verdict]);
  }
  const idOf = (index: number): string | undefined => letters.get(BigInt(index))?.fingerprint.id;
  const ids = sameReasons.map((same) => new Set(same.map(idOf)));
  expect(ids.map(({ size }) => size)).toEqual(ids.map(() => 1));
  expect(new Set(ids.flatMap((set) => [...set])).size).toBe(ids.length);
});
