import { expect, test } from '@jest/globals';
import { RuleBook, rulesSchema } from '#functions/dead-letter-triage/classify/rules.ts';
import { judgeLetter } from '#functions/dead-letter-triage/classify/judge-letter.ts';
import { readLetter } from '#functions/dead-letter-triage/letter/read-letter.ts';
import { connectHeaders, deadRecord, failure, streamsHeaders } from '../../support/dead-letters.ts';

const together = rulesSchema.parse([
  {
    name: 'database away',
    match: { rootClass: 'java.net.*' },
    owner: 'platform',
    together: true,
    expect: [{ given: { rootClass: 'java.net.ConnectException' }, owner: 'platform' }],
  },
]);
const stack = 'a.B: x\n\tat a.B.c(B.java:1)\nCaused by: java.net.ConnectException: refused\n\tat a.D.e(D.java:2)';
const letters = [connectHeaders({ ...failure, stack }), streamsHeaders({ ...failure, stack })].map((headers) =>
  readLetter(deadRecord({ headers })),
);

test('a rule that takes letters together makes one group of many', () => {
  const [first, second] = letters.map((letter) => judgeLetter(letter, {}, new RuleBook(together)));
  expect(first?.fingerprint).toMatchObject({ basis: 'rule', id: second?.fingerprint.id });
  expect(first?.verdict).toEqual({
    class: 'transient.unavailable',
    action: 'replay',
    owner: 'platform',
    group: 'database away',
    by: ['database away', 'exception'],
  });
});

test('without it, each family has its own', () => {
  const ids = letters.map((letter) => judgeLetter(letter, {}, new RuleBook([])).fingerprint.id);
  expect(new Set(ids).size).toBe(2);
});
