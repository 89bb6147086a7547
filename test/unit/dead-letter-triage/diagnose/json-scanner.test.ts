import { describe, expect, test } from '@jest/globals';
import type { JsonFaultCode } from '#functions/dead-letter-triage/diagnose/json-report.ts';
import { scanJson } from '#functions/dead-letter-triage/diagnose/json-scanner.ts';

const scan = (text: string | Uint8Array) => scanJson(typeof text === 'string' ? Buffer.from(text) : text);

describe('where and why JSON breaks', () => {
  const broken: [string, JsonFaultCode, byte: number, line: number, column: number, path: string][] = [
    ['', 'empty', 0, 1, 1, ''],
    [' \n', 'empty', 2, 2, 1, ''],
    ['\uFEFF{}', 'byte-order-mark', 0, 1, 1, ''],
    ['{"a": 1', 'truncated', 7, 1, 8, '/a'],
    ['{"a": ', 'truncated', 6, 1, 7, '/a'],
    ['{"a', 'truncated', 3, 1, 4, ''],
    ['{"a"', 'truncated', 4, 1, 5, '/a'],
    ['{', 'truncated', 1, 1, 2, ''],
    ['[', 'truncated', 1, 1, 2, '/0'],
    ['tru', 'truncated', 3, 1, 4, ''],
    ['-', 'truncated', 1, 1, 2, ''],
    ['[1.', 'truncated', 3, 1, 4, '/0'],
    ['"\\u00', 'truncated', 5, 1, 6, ''],
    ['"\\', 'truncated', 2, 1, 3, ''],
    ['{"a":1}x', 'trailing', 7, 1, 8, ''],
    ['1 2', 'trailing', 2, 1, 3, ''],
    ['{}}', 'trailing', 2, 1, 3, ''],
    ['{"a":1}\n{"a":2}', 'several-documents', 8, 2, 1, ''],
    ['[1 2]', 'missing-comma', 3, 1, 4, '/0'],
    ['{"a":1 "b":2}', 'missing-comma', 7, 1, 8, '/a'],
    ['[{"a":[1,2],"b":{"c":[0,{"d":1 "e":2}]}}]', 'missing-comma', 31, 1, 32, '/0/b/c/1/d'],
    ['[1,]', 'trailing-comma', 2, 1, 3, '/0'],
    ['{"a":1,\n}', 'trailing-comma', 6, 1, 7, '/a'],
    ['{"a" 1}', 'missing-colon', 5, 1, 6, '/a'],
    ['{a:1}', 'unquoted-key', 1, 1, 2, ''],
    ['{_a:1}', 'unquoted-key', 1, 1, 2, ''],
    ['{"a":1, b:2}', 'unquoted-key', 8, 1, 9, '/a'],
    ["{'a':1}", 'single-quote', 1, 1, 2, ''],
    ["['a']", 'single-quote', 1, 1, 2, '/0'],
    ['// c\n{}', 'comment', 0, 1, 1, ''],
    ['{} // c', 'comment', 3, 1, 4, ''],
    ['[1 /* c */]', 'comment', 3, 1, 4, '/0'],
    ['{"a": NaN}', 'literal', 6, 1, 7, '/a'],
    ['[True]', 'literal', 1, 1, 2, '/0'],
    ['nulls', 'literal', 0, 1, 1, ''],
    ['undefined', 'literal', 0, 1, 1, ''],
    ['[01]', 'number', 1, 1, 2, '/0'],
    ['[-01]', 'number', 2, 1, 3, '/0'],
    ['[+1]', 'number', 1, 1, 2, '/0'],
    ['[.5]', 'number', 1, 1, 2, '/0'],
    ['[1.]', 'number', 3, 1, 4, '/0'],
    ['[1e+]', 'number', 4, 1, 5, '/0'],
    ['[0x10]', 'number', 2, 1, 3, '/0'],
    ['[1.2.3]', 'number', 4, 1, 5, '/0'],
    ['["a\tb"]', 'control-character', 3, 1, 4, '/0'],
    ['"a\nb"', 'control-character', 2, 1, 3, ''],
    ['"\\x41"', 'escape', 1, 1, 2, ''],
    ['"\\u00g0"', 'escape', 1, 1, 2, ''],
    ['{"a":[1}', 'wrong-bracket', 7, 1, 8, '/a/0'],
    ['[{"a":1]', 'wrong-bracket', 7, 1, 8, '/0/a'],
    ['{"a":}', 'unexpected-character', 5, 1, 6, '/a'],
    ['{,}', 'unexpected-character', 1, 1, 2, ''],
    ['[1;2]', 'unexpected-character', 2, 1, 3, '/0'],
    ['{"a":1}\0', 'trailing', 7, 1, 8, ''],
    ['{"a/b":{"c~d":x}}', 'literal', 14, 1, 15, '/a~1b/c~0d'],
    ['{"\\u0041":x}', 'literal', 10, 1, 11, '/A'],
    ['{"__proto__":{"constructor":x}}', 'literal', 28, 1, 29, '/__proto__/constructor'],
    ['\r\n[\r\n1,\r\n2 3]', 'missing-comma', 11, 4, 3, '/1'],
  ];
  test.each(broken)('%j', (text, code, byte, line, column, path) => {
    expect(scan(text).fault).toEqual({ code, byte, line, column, path });
  });

  test('bytes that are no UTF-8 are named with the value that holds them', () => {
    const text = Buffer.concat([Buffer.from('{"name":"M'), Buffer.from([0xfc]), Buffer.from('ller"}')]);
    expect(scan(text).fault).toMatchObject({ code: 'utf8', byte: 10, path: '/name' });
    expect(scan(Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x7d])).fault).toMatchObject({ code: 'utf8', byte: 2, path: '' });
    expect(scan(Buffer.from([0x5b, 0xff, 0x5d])).fault).toMatchObject({ code: 'unexpected-character', byte: 1 });
  });

  test('a million open brackets are read without a stack, and the path stays short', () => {
    const { fault, depth } = scan('['.repeat(1_000_000));
    expect(depth).toBe(1_000_000);
    expect(fault).toMatchObject({ code: 'truncated', byte: 1_000_000 });
    expect(fault?.path).toMatch(/^(?:\/0){16}\/…(?:\/0){16}$/);
    expect(scan('{"a":'.repeat(100_000) + '1' + '}'.repeat(100_000))).toEqual({ notes: [], depth: 100_000 });
  });

  test('long keys are cut in the path', () => {
    expect(scan(`{"${'k'.repeat(10_000)}":x}`).fault?.path).toBe(`/${'k'.repeat(64)}…`);
  });
});

describe('what parsers do not agree about', () => {
  test.each([
    ['{"a":1,"b":{"a":1},"a":2}', 'duplicate-key', 19, ''],
    ['{"a":1,"\\u0061":2}', 'duplicate-key', 7, ''],
    ['["\\ud800"]', 'lone-surrogate', 2, '/0'],
    ['["\\ud800\\ud800\\udc00"]', 'lone-surrogate', 2, '/0'],
    ['["\\udc00"]', 'lone-surrogate', 2, '/0'],
    ['{"n":12345678901234567890}', 'large-number', 5, '/n'],
    ['[1e999]', 'large-number', 1, '/0'],
  ])('%j is JSON, with a note', (text, code, byte, path) => {
    const { fault, notes } = scan(text);
    expect(fault).toBeUndefined();
    expect(notes).toEqual([expect.objectContaining({ code, byte, ...(path !== '' && { path }) })]);
  });

  test.each(['{"a":1,"b":2}', '["\\ud83d\\ude00"]', '[9007199254740991, 0.1, 1e308, -0]', '"\\u0000"'])(
    '%j is JSON, without a note',
    (text) => expect(scan(text)).toMatchObject({ notes: [] }),
  );
});
