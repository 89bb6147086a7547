import { describe, expect, test } from '@jest/globals';
import { classes, isTransient } from '#functions/dead-letter-triage/classify/classes.ts';
import { classifyLetter } from '#functions/dead-letter-triage/classify/classify.ts';
import { RuleBook, rulesSchema, testRules } from '#functions/dead-letter-triage/classify/rules.ts';
import type { FaultCode } from '#functions/dead-letter-triage/diagnose/diagnosis.ts';
import { readLetter } from '#functions/dead-letter-triage/letter/read-letter.ts';
import { compilePattern } from '#functions/dead-letter-triage/pattern.ts';
import { connectHeaders, deadRecord, failure, headers, shareGroupHeaders } from '../../support/dead-letters.ts';

const none = new RuleBook([]);
const broken = { value: { format: 'json', faults: [{ code: 'json.truncated' }] } } as const;

/** The class of a letter of Connect with this chain of exceptions, outermost first. */
function classify(chain: readonly string[], diagnosis = {}, stage = 'TASK_PUT'): string {
  const [first = '', ...causes] = chain;
  const stack = [first, ...causes.map((cause) => `Caused by: ${cause}`)]
    .map((head) => `${head}\n\tat a.B.c(B.java:1)`)
    .join('\n');
  const list = connectHeaders({ ...failure, errorClass: first.split(':')[0] ?? '', message: first, stack }).map(
    ([name, value]) =>
      String(name).endsWith('.stage') ? ([name, Buffer.from(stage)] as const) : ([name, value] as const),
  );
  return classifyLetter(readLetter(deadRecord({ headers: list })), diagnosis, none).class;
}

const wrapper = 'org.apache.kafka.connect.errors.ConnectException: Tolerance exceeded in error handler';

describe('the class of a letter', () => {
  test.each([
    [[wrapper, 'java.net.SocketTimeoutException: Read timed out'], 'transient.timeout'],
    [[wrapper, 'java.net.ConnectException: Connection refused'], 'transient.unavailable'],
    [[wrapper, 'org.postgresql.util.PSQLException: ERROR: deadlock detected'], 'transient.fenced'],
    [[wrapper, 'a.B: HTTP status 429 Too Many Requests'], 'transient.throttled'],
    [
      [wrapper, 'org.postgresql.util.PSQLException: ERROR: duplicate key value violates unique constraint "pk"'],
      'sink.constraint',
    ],
    [
      ['org.apache.kafka.common.errors.SerializationException: x', 'java.net.ConnectException: no'],
      'transient.unavailable',
    ],
    [
      ['org.apache.kafka.common.errors.SerializationException: x', 'com.fasterxml.jackson.core.JsonParseException: y'],
      'undecodable.json',
    ],
    [['org.apache.kafka.common.errors.SerializationException: Unknown magic byte!'], 'undecodable.magic'],
    [['org.apache.kafka.common.errors.RecordTooLargeException: x'], 'oversized'],
    [['org.apache.hadoop.security.AccessControlException: no'], 'authorisation'],
    [[wrapper, 'java.lang.NullPointerException'], 'defect'],
    [[wrapper], 'sink.other'],
  ])('of %j is %s', (chain, wanted) => {
    expect(classify(chain)).toBe(wanted);
  });

  test('a vague exception leaves the word to the bytes, a sure one does not', () => {
    const vague = ['org.apache.kafka.connect.errors.DataException: x'];
    expect(classify(vague, broken, 'VALUE_CONVERTER')).toBe('undecodable.truncated');
    expect(classify(vague, {}, 'VALUE_CONVERTER')).toBe('undecodable.other');
    expect(classify([wrapper, 'java.net.SocketTimeoutException: x'], broken)).toBe('transient.timeout');
  });

  test('where a parser of JSON failed, the bytes know why', () => {
    const parser = [
      'org.apache.kafka.connect.errors.DataException: x',
      'com.fasterxml.jackson.core.JsonParseException: y',
    ];
    const of = (code: FaultCode, part: 'key' | 'value' = 'value', stage = 'VALUE_CONVERTER'): string =>
      classify(parser, { [part]: { format: 'json', faults: [{ code }] } }, stage);
    expect(of('format.compressed')).toBe('undecodable.format');
    expect(of('utf8.invalid')).toBe('undecodable.utf8');
    expect(of('json.truncated')).toBe('undecodable.truncated');
    expect(of('json.truncated', 'key', 'KEY_CONVERTER')).toBe('undecodable.truncated');
    // What is wrong with the value is not why the key could not be read.
    expect(of('format.compressed', 'value', 'KEY_CONVERTER')).toBe('undecodable.json');
    // It was no JSON to begin with, so nothing is known of fields.
    expect(of('schema.missing')).toBe('undecodable.json');
    expect(classify(parser)).toBe('undecodable.json');
  });

  test.each([
    ['503', 'transient.unavailable'],
    ['429', 'transient.throttled'],
    ['403', 'authorisation'],
    ['400', 'undecodable.truncated'],
  ])("of an answer %s of Knative's subscriber is %s", (code, wanted) => {
    const letter = readLetter(deadRecord({ headers: headers(['ce_knativeerrorcode', code]) }));
    expect(classifyLetter(letter, broken, none).class).toBe(wanted);
  });

  test('without any headers follows from the bytes, from a pointer, or from nothing', () => {
    const of = (changes: Parameters<typeof deadRecord>[0], diagnosis = {}): string =>
      classifyLetter(readLetter(deadRecord(changes)), diagnosis, none).class;
    expect(of({}, broken)).toBe('undecodable.truncated');
    expect(of({ value: null })).toBe('tombstone');
    expect(of({ value: Buffer.alloc(0) })).toBe('unknown');
    const quiet = shareGroupHeaders({ ...failure, message: null });
    expect(of({ key: null, value: null, headers: quiet })).toBe('pointer');
    const missing = { value: { format: 'avro', faults: [], incomplete: true } } as const;
    expect(of({}, missing)).toBe('unknown');
  });

  test('decides on an action, and only passing trouble is replayed without a fix', () => {
    for (const [name, action] of Object.entries(classes))
      expect([name, action === 'replay']).toEqual([name, isTransient(name as keyof typeof classes)]);
    expect(classifyLetter(readLetter(deadRecord({ value: null })), {}, none)).toEqual({
      class: 'tombstone',
      action: 'discard',
      by: ['payload'],
    });
  });
});

const rules = [
  {
    name: 'tests are nobody',
    match: { topic: 'test-*' },
    action: 'discard',
    expect: [
      { given: { topic: 'test-dlq' }, action: 'discard' },
      { given: { topic: 'a-test-dlq' }, matches: false },
    ],
  },
  {
    name: 'orders belong to sales',
    match: { topic: ['orders-*', '*-orders'] },
    owner: 'sales',
    expect: [{ given: { topic: 'orders-dlq' }, owner: 'sales' }],
  },
  {
    name: 'duplicates',
    match: { component: 'orders-*', message: '*duplicate key*' },
    class: 'sink.constraint',
    action: 'discard',
    together: true,
    expect: [
      { given: { component: 'orders-sink', message: 'ERROR: duplicate key x' }, class: 'sink.constraint' },
      { given: { component: 'orders-sink' }, matches: false },
    ],
  },
] as const;

describe("users' rules", () => {
  test('decide each thing by the first rule that says it', () => {
    const book = new RuleBook(rulesSchema.parse(rules));
    const list = connectHeaders({ ...failure, message: 'ERROR: duplicate key 5', stack: '' });
    expect(classifyLetter(readLetter(deadRecord({ headers: list })), broken, book)).toEqual({
      class: 'sink.constraint',
      action: 'discard',
      owner: 'sales',
      group: 'duplicates',
      by: ['orders belong to sales', 'duplicates'],
    });
    const headerless = classifyLetter(readLetter(deadRecord({ topic: 'test-orders' })), broken, book);
    expect(headerless).toEqual({
      class: 'undecodable.truncated',
      action: 'discard',
      owner: 'sales',
      by: ['tests are nobody', 'orders belong to sales', 'diagnosis'],
    });
  });

  test('that keep their word pass their own examples', () => {
    expect(testRules(rulesSchema.parse(rules))).toEqual([]);
  });

  test('that break it, or are hidden by others, are found by their examples', () => {
    const careless = rulesSchema.parse([
      { name: 'all', match: { family: '*' }, class: 'defect', expect: [{ given: { family: 'connect' } }] },
      {
        name: 'hidden',
        match: { family: 'connect' },
        class: 'oversized',
        expect: [
          { given: { family: 'connect' } },
          { given: { family: 'spring' } },
          { given: { family: 'connect' }, matches: false },
        ],
      },
      {
        name: 'wrong',
        match: { topic: 'x' },
        action: 'replay',
        expect: [{ given: { topic: 'x' }, action: 'escalate' }],
      },
    ]);
    expect(testRules(careless)).toEqual([
      { rule: 'hidden', example: 1, reason: 'the rule has no say: all decided before it' },
      { rule: 'hidden', example: 2, reason: 'the rule does not match' },
      { rule: 'hidden', example: 3, reason: 'the rule matches, and should not' },
      { rule: 'wrong', example: 1, reason: 'action is replay, not escalate' },
    ]);
  });

  test.each([
    ['asks for nothing', { match: {} }],
    ['asks for what there is not', { match: { colour: 'x' } }],
    ['says nothing', { action: undefined }],
    ['says what there is not', { action: 'ignore' }],
    ['has no example', { expect: [] }],
    ['has a pattern without end', { match: { topic: 'x'.repeat(257) } }],
  ])('are refused at the start where one %s', (_, change) => {
    expect(rulesSchema.safeParse([{ ...rules[0], ...change }]).success).toBe(false);
  });

  test('are refused where two have one name', () => {
    expect(rulesSchema.safeParse([rules[0], rules[0]]).success).toBe(false);
  });
});

describe('a pattern', () => {
  test.each([
    ['abc', 'abc', true],
    ['abcd', 'abc', false],
    ['', '*', true],
    ['a', '*a*', true],
    ['a', 'a*a', false],
    ['aba', 'a*a', true],
    ['a.b', 'a?b', false],
    ['xaybz', '*a*b*', true],
    ['xbyaz', '*a*b*', false],
    ['ab', '**a**b**', true],
    ['a\nb', 'a*b', true],
  ])('%j fits %j: %s', (text, pattern, fits) => {
    expect(compilePattern(pattern)(text)).toBe(fits);
  });

  test('that would drive a regular expression mad takes an instant', () => {
    const fits = compilePattern(`${'*a'.repeat(127)}*b`);
    for (let times = 0; times < 1_000; times += 1) expect(fits('a'.repeat(8_192))).toBe(false);
  });
});
