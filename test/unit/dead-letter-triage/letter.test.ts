import { describe, expect, test } from '@jest/globals';
import { firstOrigin, lastFailure, payloadBytes } from '#functions/dead-letter-triage/letter/letter.ts';
import { readFeedBatch } from '#functions/dead-letter-triage/letter/openwhisk-batch.ts';
import { readLetter } from '#functions/dead-letter-triage/letter/read-letter.ts';
import { formatPlace, parsePlace } from '#functions/dead-letter-triage/letter/replay-headers.ts';
import {
  connectHeaders,
  deadRecord,
  failure,
  headers,
  shareGroupHeaders,
  smallryeHeaders,
  springException,
  springOrigin,
  streamsHeaders,
} from '../../support/dead-letters.ts';

const first = { ...failure, topic: 'orders' };
const second = { ...failure, topic: 'orders-retry', offset: 5n, errorClass: 'b.Second' };
const third = { ...failure, topic: 'orders-again', offset: 6n, errorClass: 'c.Third' };

/** The families and topics of the hops, oldest first. */
function path(list: ReturnType<typeof headers>): string[] {
  return readLetter(deadRecord({ headers: list })).hops.map(
    ({ family, origin, error }) => `${family} ${origin.topic} ${error.class}`,
  );
}

describe('several trips', () => {
  const told = (family: string): string[] => [
    `${family} orders ${failure.errorClass}`,
    `${family} orders-retry b.Second`,
    `${family} orders-again c.Third`,
  ];

  test("Connect's last headers are the newest", () => {
    const list = [...connectHeaders(first), ...connectHeaders(second), ...connectHeaders(third)];
    expect(path(list)).toEqual(told('connect'));
  });

  test('a trip of Connect that tells no topic keeps apart from one that does', () => {
    const list = [...connectHeaders(first).slice(3), ...connectHeaders(second)];
    expect(path(list)).toEqual([`connect undefined ${failure.errorClass}`, 'connect orders-retry b.Second']);
  });

  test('a client that turned headers round makes one trip, not many', () => {
    expect(path(connectHeaders(first).toReversed())).toEqual([`connect orders ${failure.errorClass}`]);
  });

  test("SmallRye's first headers are the newest", () => {
    const list = [...smallryeHeaders(third), ...smallryeHeaders(second), ...smallryeHeaders(first)];
    expect(path(list)).toEqual(told('smallrye'));
  });

  test("Spring's first origin is the true one, and its exception belongs to the last trip", () => {
    const list = [...springOrigin(first), ...springOrigin(second), ...springException(third)];
    expect(path(list)).toEqual(['spring orders undefined', 'spring orders-retry c.Third']);
    const letter = readLetter(deadRecord({ headers: list }));
    expect(firstOrigin(letter)).toMatchObject({ topic: 'orders', offset: failure.offset });
    expect(lastFailure(letter)).toMatchObject({ origin: { topic: 'orders-retry' }, error: { class: 'c.Third' } });
  });

  test('Spring told to keep old exceptions gives each trip its own', () => {
    const list = [
      ...springOrigin(first),
      ...springException(first),
      ...springOrigin(second),
      ...springException(second),
    ];
    expect(path(list)).toEqual([`spring orders ${failure.errorClass}`, 'spring orders-retry b.Second']);
  });
});

describe('several families on one record', () => {
  test('stand in the order in which they were added', () => {
    const replay = headers(['lake-replay-id', 'p'], ['lake-replay-origin', 'orders-dlt/0/1']);
    const list = [
      ...springOrigin(first),
      ...springException(first),
      ...connectHeaders(second),
      ...replay,
      ...streamsHeaders(third),
    ];
    expect(path(list)).toEqual([
      `spring orders ${failure.errorClass}`,
      'connect orders-retry b.Second',
      'lakewarden orders-dlt undefined',
      'streams orders-again c.Third',
    ]);
  });

  test('a replay is not the failure that counts', () => {
    const list = [...connectHeaders(), ...headers(['lake-replay-count', '1'])];
    expect(lastFailure(readLetter(deadRecord({ headers: list })))?.family).toBe('connect');
  });

  test("SmallRye's are newer than those behind them, unless these were read from its own topic", () => {
    expect(path([...smallryeHeaders(second), ...connectHeaders(first)])).toEqual([
      `connect orders ${failure.errorClass}`,
      'smallrye orders-retry b.Second',
    ]);
    const later = { ...second, topic: 'dead-letter-topic-orders' };
    expect(path([...smallryeHeaders(first), ...connectHeaders(later)])).toEqual([
      `smallrye orders ${failure.errorClass}`,
      'connect dead-letter-topic-orders b.Second',
    ]);
  });

  test('of a loop the first and the newest hops are kept', () => {
    const list = Array.from({ length: 1_000 }, (_, index) =>
      connectHeaders({ ...failure, offset: BigInt(index) }),
    ).flat();
    const { hops, hopsLeftOut } = readLetter(deadRecord({ headers: list }));
    expect([hops.length, hopsLeftOut]).toEqual([64, 936]);
    expect([hops[0]?.origin.offset, hops[1]?.origin.offset, hops.at(-1)?.origin.offset]).toEqual([0n, 937n, 999n]);
  });
});

describe('what nobody can tell stays unknown', () => {
  test.each([
    ['no headers: a Flink job, or Connect without context headers', []],
    [
      "headers of the record's own",
      headers(['trace', 'x'], ['__proto__', 'x'], ['constructor', null], ['toString', '']),
    ],
    ['names that only look alike', headers(['__connect.errors', 'x'], ['__CONNECT.ERRORS.TOPIC', 'x'], ['', 'x'])],
    ['a name that is not UTF-8', headers([Buffer.of(0xff, 0xfe), 'x'])],
    [
      'common names without the rest',
      headers(['source_topic', 'x'], ['x-original-topic', 'x'], ['original-topic', 'x']),
    ],
  ])('%s', (_, list) => {
    const letter = readLetter(deadRecord({ headers: list }));
    expect([letter.hops, letter.payload]).toEqual([[], { kind: 'record' }]);
  });

  test.each([
    ['__connect.errors.partition', Buffer.of(0, 0, 0, 7)],
    ['__connect.errors.partition', '-1'],
    ['__connect.errors.offset', '9223372036854775808'],
    ['__connect.errors.offset', ''],
    ['__connect.errors.topic', Buffer.of(0xc3)],
    ['kafka_dlt-original-partition', '17'],
    ['kafka_dlt-original-offset', '12'],
    ['retry_topic-backoff-timestamp', Buffer.alloc(9)],
    ['dlq-failed-at', '2026-11-21T10:00:00'],
  ])('%s that is none is named, not guessed', (name, value) => {
    const list = headers(['dlq-reason', 'x'], [name, value]);
    const hops = readLetter(deadRecord({ headers: list })).hops;
    expect(hops.flatMap(({ undecoded }) => undecoded)).toEqual([name]);
    expect(hops.every(({ origin }) => Object.keys(origin).length === 0)).toBe(true);
  });

  test('four digits in the place of a binary number are that number', () => {
    const list = headers(['kafka_dlt-original-partition', '1234']);
    expect(readLetter(deadRecord({ headers: list })).hops[0]?.origin.partition).toBe(0x31323334);
  });
});

describe('where the payload is', () => {
  const pointer = (told = failure): ReturnType<typeof readLetter> =>
    readLetter(deadRecord({ key: null, value: null, headers: shareGroupHeaders(told) }));

  test('of a share group that does not copy: elsewhere', () => {
    const letter = pointer();
    const { topic, partition, offset } = failure;
    expect(letter.payload).toEqual({ kind: 'elsewhere', origin: { topic, partition, offset } });
    expect(payloadBytes(letter)).toEqual({ key: undefined, value: undefined });
  });

  test('of a share group whose topic may be an id, that is told', () => {
    expect(pointer({ ...failure, topic: 'LcXc2gcrQ_OV3aXjRaPUDw' }).payload).toMatchObject({
      kind: 'elsewhere',
      origin: { maybeId: true },
    });
  });

  test('of a share group that copies: in the record, also where the value is empty', () => {
    const letter = readLetter(deadRecord({ key: null, value: Buffer.alloc(0), headers: shareGroupHeaders() }));
    expect(letter.payload).toEqual({ kind: 'record' });
  });

  test('null and empty stay different', () => {
    const bytes = (key: Buffer | null, value: Buffer | null) => payloadBytes(readLetter(deadRecord({ key, value })));
    expect(bytes(null, Buffer.alloc(0))).toEqual({ key: null, value: Buffer.alloc(0) });
    expect(bytes(Buffer.alloc(0), null)).toEqual({ key: Buffer.alloc(0), value: null });
  });
});

describe("OpenWhisk's feed", () => {
  test('says where to look, also where values are Base64 with line breaks every 76 characters', () => {
    const value = Buffer.alloc(200, 7).toString('base64').replaceAll(/.{76}/g, '$&\n');
    const message = { topic: 'orders-dlq', partition: 2, offset: 9, key: null, value };
    expect(readFeedBatch({ messages: [message, { ...message, offset: '10' }] })).toEqual({
      places: [
        { topic: 'orders-dlq', partition: 2, offset: 9n },
        { topic: 'orders-dlq', partition: 2, offset: 10n },
      ],
      illegible: 0,
    });
  });

  test('false coordinates are counted, not followed', () => {
    const places = [
      { topic: '../x', partition: 0, offset: 0 },
      { topic: 'a', partition: -1, offset: 0 },
      null,
      'x',
      {},
    ];
    expect(readFeedBatch({ messages: places })).toEqual({ places: [], illegible: 5 });
    expect(readFeedBatch({ messages: 'x' })).toBeUndefined();
    expect(readFeedBatch(null)).toBeUndefined();
  });
});

test('a place is written so that it is read again', () => {
  const place = { topic: 'a.b_c-d', partition: 3, offset: 9_007_199_254_740_993n };
  expect(parsePlace(formatPlace(place))).toEqual(place);
  expect([parsePlace('a/b/c'), parsePlace('a/1/2/3'), parsePlace('a/1/-2')]).toEqual([undefined, undefined, undefined]);
});
