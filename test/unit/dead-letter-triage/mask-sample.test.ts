import { describe, expect, test } from '@jest/globals';
import { maskHeader, maskPayload, maskText, shapeOf } from '#functions/dead-letter-triage/privacy/mask-sample.ts';
import { jwt, secretTexts } from '../../support/secrets.ts';

describe('a text for people', () => {
  test.each(secretTexts)('shows nothing of the secret in %j', (text, part) => {
    expect(text.toLowerCase()).toContain(part.toLowerCase());
    expect(maskText(text).toLowerCase()).not.toContain(part.toLowerCase());
  });

  test.each(secretTexts)('nor when %j stands within a stack trace', (text, part) => {
    const stack = `a.B: x\n\tat a.B.c(B.java:1)\nCaused by: a.C: ${text}\n\tat a.C.d(C.java:2)`;
    const masked = maskText(stack);
    expect(masked.toLowerCase()).not.toContain(part.toLowerCase());
    expect(masked).toContain('a.B.c(B.java:1)');
  });

  test('shows no half of a secret where it is cut', () => {
    for (let before = 8_150; before < 8_800; before += 5)
      for (const secret of ['4111 1111 1111 1111', jwt, 'alice@example.com'])
        expect(maskText(`${'- '.repeat(before / 2)}${secret} and ${'x '.repeat(600)}`)).not.toMatch(/4111|eyJ|alice/);
  });

  test.each([
    'Invalid value 1234567890123456 at offset 1700000000000',
    'order 3fa85f64-5717-4562-b3fc-2c963f66afa6 of 2026-11-21T10:00:00.123Z',
    'broker 10.1.2.3:9092 and 192.168.100.200 are gone',
    'org.apache.kafka.connect.errors.DataException: Failed to deserialize',
    'orders/0/9007199254740993',
    'ORA-00942: table does not exist',
  ])('keeps what is no secret: %j', (text) => {
    expect(maskText(text)).toBe(text);
  });

  test('keeps the shape of what it masks', () => {
    expect(maskText('to Al.Ice@example.com')).toBe('to Xx.Xxx@xxxxxxx.xxx');
    expect(maskText('card 4111 1111 1111 1111')).toBe('card 0000 0000 0000 0000');
    expect(shapeOf('Straße 12, ÅØ')).toBe('Xxxxxx 00, XX');
  });

  test.each([
    'a',
    '@',
    '4',
    '4 ',
    ' ',
    'eyJ.',
    'password=',
    '"',
    '-----BEGIN ',
    '+',
    'A1',
    '://',
    'a@b.',
    'token:\t',
    '\u0130',
  ])('many %j in a row take an instant and little room', (part) => {
    const masked = maskText(part.repeat(900_000 / part.length));
    expect(masked.length).toBeLessThanOrEqual(8_192);
  });
});

describe('a header for people', () => {
  test.each(['Authorization', 'cookie', 'Set-Cookie', 'X-Api-Key', 'x-auth-token', 'db_password'])(
    '%s is not shown',
    (name) => {
      expect(maskHeader(name, Buffer.from('Digest abc'))).toBe('***');
    },
  );

  test('of others what is no secret is shown; bytes and null are told', () => {
    expect(maskHeader('trace', Buffer.from('a@example.com 5'))).toBe('x@xxxxxxx.xxx 5');
    expect(maskHeader('trace', Buffer.of(0xff, 0xfe))).toBe('2 bytes');
    expect(maskHeader('authorization', null)).toBeNull();
  });
});

describe('a payload for people', () => {
  test('is shown as its shape, with names of fields and without a value', () => {
    const value = '{"name": "Alice \\"A\\" Ä", "age": 42, "tags": ["vip", null, true], "a@example.com": 1.5e3}';
    expect(maskPayload(Buffer.from(value))).toBe(
      '{"name": "Xxxxx \\"X\\" X", "age": 00, "tags": ["xxx", null, true], "x@xxxxxxx.xxx": 0.0x0}',
    );
  });

  test.each([
    ['text that is no JSON', 'Alice,42', 'Xxxxx,00'],
    ['JSON that is cut', '{"name": "Ali', '{"name": "Xxx'],
    ['bytes', Buffer.of(1, 0, 0xff), '3 bytes'],
    ['nothing', '', ''],
  ])('%s', (_, value, shape) => {
    expect(maskPayload(Buffer.from(value as string))).toBe(shape);
  });

  test('null stays null, and what is long is cut', () => {
    expect(maskPayload(null)).toBeNull();
    expect(maskPayload(Buffer.from('ü'.repeat(100_000)))).toBe(`${'x'.repeat(512)}… (200000 bytes)`);
  });
});
