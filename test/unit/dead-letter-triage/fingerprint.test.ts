import { describe, expect, test } from '@jest/globals';
import { fingerprintLetter } from '#functions/dead-letter-triage/group/fingerprint.ts';
import { maskMessage } from '#functions/dead-letter-triage/group/mask.ts';
import { readLetter } from '#functions/dead-letter-triage/letter/read-letter.ts';
import { connectHeaders, deadRecord, failure, headers } from '../../support/dead-letters.ts';
import { groupRecord, randomNumbers, trueGroups } from '../../support/letter-groups.ts';

describe('200 true groups of 25 records each', () => {
  test.each([
    ['with stack traces', true],
    ['by exceptions and messages only', false],
  ])('none is split and none merged, %s', (_, hasStack) => {
    const random = randomNumbers(7);
    const ids = trueGroups(200).map((truth) =>
      Array.from(
        { length: 25 },
        (__, index) => fingerprintLetter(readLetter(groupRecord(truth, random, BigInt(index), hasStack))).id,
      ),
    );
    expect(ids.filter((own) => new Set(own).size > 1)).toEqual([]);
    expect(new Set(ids.flat()).size).toBe(200);
  });
});

/** The fingerprint of a letter of Connect. */
function fingerprint(changes: Partial<typeof failure>, stage?: string): ReturnType<typeof fingerprintLetter> {
  const list = connectHeaders({ ...failure, ...changes }).map(([name, value]) =>
    stage !== undefined && String(name).endsWith('.stage')
      ? ([name, Buffer.from(stage)] as const)
      : ([name, value] as const),
  );
  return fingerprintLetter(readLetter(deadRecord({ headers: list })));
}

describe('a fingerprint', () => {
  test.each([
    ['stack', connectHeaders(), 'v1:b5121fef05957717'],
    ['exception', connectHeaders().slice(0, -1), 'v1:921712ef3dc97b3b'],
    ['message', headers(['reason_poisoned', 'order 5 of "x" timed out']), 'v1:3093b64a33040cd6'],
    ['payload', [], 'v1:26161e131d78ddde'],
  ] as const)('by its %s never changes under version 1', (basis, list, id) => {
    const diagnosis = { value: { format: 'json', faults: [{ code: 'json.syntax', path: '/a/3' }] } } as const;
    expect(fingerprintLetter(readLetter(deadRecord({ headers: list })), diagnosis)).toMatchObject({ id, basis });
  });

  test('says what it rests on', () => {
    expect(fingerprint({})).toMatchObject({
      basis: 'stack',
      family: 'connect',
      component: 'orders-sink',
      stage: 'VALUE_CONVERTER',
      errorClass: 'x.Y',
      message: 'z',
      frames: ['a.D.e'],
    });
  });

  test('tells apart root causes below the same wrapper, and stages', () => {
    const other = failure.stack.replace('Caused by: x.Y: z', 'Caused by: x.Other: z');
    const ids = [fingerprint({}).id, fingerprint({ stack: other }).id, fingerprint({}, 'TRANSFORMATION').id];
    expect(new Set(ids).size).toBe(3);
  });

  test('rests on what is trusted most: rule, stack, exception, message, payload, nothing', () => {
    const basis = (list: ReturnType<typeof headers>, diagnosis = {}, group?: string): string =>
      fingerprintLetter(readLetter(deadRecord({ headers: list })), diagnosis, group).basis;
    const broken = { value: { format: 'json', faults: [{ code: 'json.truncated' }] } } as const;
    expect(basis(connectHeaders(), broken, 'own')).toBe('rule');
    expect(basis(connectHeaders(), broken)).toBe('stack');
    expect(basis(connectHeaders().slice(0, -1), broken)).toBe('exception');
    expect(basis(headers(['reason_poisoned', 'no']), broken)).toBe('message');
    expect(basis([], broken)).toBe('payload');
    expect(basis([])).toBe('nothing');
  });

  test('of a rule is the same wherever the letter comes from', () => {
    const of = (list: ReturnType<typeof headers>): string =>
      fingerprintLetter(readLetter(deadRecord({ headers: list })), {}, 'duplicate orders').id;
    expect(of(connectHeaders())).toBe(of([]));
  });

  test('of bytes does not tell places in lists apart, but fields, faults and schemas', () => {
    const of = (path: string, code = 'schema.type' as const, id = 5n): string =>
      fingerprintLetter(readLetter(deadRecord()), {
        value: { format: 'avro', schema: { id }, faults: [{ code, path, byte: path.length }] },
      }).id;
    expect(of('/items/3/price')).toBe(of('/items/17/price'));
    expect(new Set([of('/items/3/price'), of('/items/3/name'), of('/items/3/price', 'schema.type', 6n)]).size).toBe(3);
  });

  test('is provisional only where the answer of a registry is missing and would matter', () => {
    const value = { format: 'avro', faults: [], incomplete: true } as const;
    const isProvisional = (list: ReturnType<typeof headers>): boolean =>
      fingerprintLetter(readLetter(deadRecord({ headers: list })), { value }).isProvisional;
    expect([isProvisional([]), isProvisional(connectHeaders())]).toEqual([true, false]);
  });

  test('takes a stack of 10,000 frames, and a header of 900 kB', () => {
    const frames = Array.from({ length: 10_000 }, (_, index) => `\tat a.B.c${index}(B.java:${index})`).join('\n');
    expect(fingerprint({ stack: `x.Y: z\n${frames}` }).frames).toHaveLength(6);
    expect(fingerprint({ stack: 'x'.repeat(900_000) }).basis).toBe('exception');
    expect(fingerprint({ message: '"'.repeat(900_000) }).id).toMatch(/^v1:[0-9a-f]{16}$/);
  });
});

describe('the masked message', () => {
  test.each([
    ['5', '*'],
    ['17', '*'],
    ['-3.5e7', '*'],
    ['id 3fa85f64-5717-4562-b3fc-2c963f66afa6 lost', 'id * lost'],
    ['10.1.2.3:9092 (id: 1 rack: null) disconnected', '* (id: * rack: null) disconnected'],
    ['fe80::1 gone', '* gone'],
    ['broker kafka-0.kafka.svc:9092 gone', 'broker * gone'],
    ['at 2026-11-21T10:00:00.123Z', 'at *'],
    ['after 5000ms', 'after *'],
    ['node12 and executor-13, blk_-1608999', 'node* and executor*, blk*'],
    ['[pool-3-thread-17] boom', '[*] boom'],
    ["can't read user's 'name'", "can't read user's *"],
    ['no such „Wert“ in «x»', 'no such * in *'],
    ['column "a", "b" and "c"', 'column * and *'],
    ['ids [1, 2, 3]', 'ids [*]'],
    ['a@example.com wrote', '* wrote'],
    ['Row com.acme.Row@1b2c3d', 'Row com.acme.Row@*'],
    ['see https://x.y/z?a=b now', 'see * now'],
    ['file /var/lib/x.json missing', 'file * missing'],
    ['C:\\data\\x.json missing', '* missing'],
    ['HTTP 404 from service', 'HTTP 404 from service'],
    ['status code: 503, status=429', 'status code: 503, status=429'],
    ['ORA-00942: table does not exist', 'ORA-00942: table does not exist'],
    ['user alice not found, user not found', 'user * not found, user not found'],
    ['host a.b.c:80 or a.b.d:90 at Fri Jun 3', 'host * or * at *'],
    ['ids [] of f()', 'ids [*] of f(*)'],
    ['nodes an1 an22 an3 gone', 'nodes an* gone'],
    ['user=alice retries=3', 'user=* retries=*'],
    ['订单12345不存在', '订单*不存在'],
    ['числа ١٢٣ и 45', 'числа * и *'],
    ['a "quote that never ends', 'a "quote that never ends'],
    ['  spaces\n\tand   lines ', 'spaces and lines'],
    ['bad (start at [Source: (byte[])"{"a": [1"; line: 1, column: 1])', 'bad (start at [Source: *])'],
    ['bad\n at [Source: (String)"{"a b": "x"[truncated 9 chars]; line: 1, column: 7]', 'bad at [Source: *]'],
    ['bad [Source: (byte[])[17 bytes]; byte offset: #12] (chain: a["b"])', 'bad [Source: *] (chain: a[*])'],
    [`bad [Source: ${'{"a b": 1}'.repeat(900)}; line: 1, column: 7]`, 'bad [Source: *]'],
    [`bad [Source: ${'{"a b": 1}'.repeat(900)}`, 'bad [Source: *]'],
    ['[Source: web] gone', '[Source: web] gone'],
    ['', ''],
    ['...', '...'],
  ])('of %j is %j', (message, masked) => {
    expect(maskMessage(message)).toBe(masked);
  });
});
