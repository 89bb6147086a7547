import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { AccessRules } from '#functions/compliance-scan/inventory/kafka/access.ts';
import type { AccessRule } from '#shared/kafka/access-rule.ts';

const principals = ['User:a', 'User:b', 'User:*'];
const hosts = ['1', '2', '*'];
const operations = ['Read', 'Write', 'All'];
const names = ['r', 'ra', 'raw', 'raw-1', '*'];
const rule: fc.Arbitrary<AccessRule> = fc.record({
  target: fc.constantFrom('topic' as const, 'group' as const),
  name: fc.constantFrom(...names),
  pattern: fc.constantFrom('literal' as const, 'prefixed' as const),
  principal: fc.constantFrom(...principals),
  host: fc.constantFrom(...hosts),
  operation: fc.constantFrom(...operations),
  permission: fc.constantFrom('allow' as const, 'deny' as const),
});

/** What a broker answers (Kafka's StandardAuthorizer): one who asks, at one host, for one operation. */
function isAllowed(rules: readonly AccessRule[], topic: string, who: string, host: string, operation: string): boolean {
  const about = rules.filter(
    (each) =>
      each.target === 'topic' &&
      (each.pattern === 'prefixed' ? topic.startsWith(each.name) : each.name === topic || each.name === '*') &&
      (each.principal === who || each.principal === 'User:*') &&
      (each.host === host || each.host === '*') &&
      (each.operation === operation || each.operation === 'All'),
  );
  return (
    about.some(({ permission }) => permission === 'allow') && !about.some(({ permission }) => permission === 'deny')
  );
}

// Somebody whom no rule names stands for everybody.
const asking = fc.record({
  topic: fc.constantFrom('raw', 'raw-1', 'ra', 'other'),
  who: fc.constantFrom('User:a', 'User:b', 'User:stranger'),
  host: fc.constantFrom('1', '2', 'elsewhere'),
  operation: fc.constantFrom('Read', 'Write'),
});

test('whom a broker lets in has a grant, and each grant lets in whom it names, or strangers', () => {
  fc.assert(
    fc.property(fc.array(rule, { maxLength: 8 }), asking, (rules, { topic, who, host, operation }) => {
      const { grants } = new AccessRules(rules).access('topic', topic);
      const covering = grants.filter(
        (grant) =>
          (grant.principal === who || grant.principal === 'User:*') &&
          (grant.host === host || grant.host === '*') &&
          grant.operations.includes(operation),
      );
      if (isAllowed(rules, topic, who, host, operation)) expect(covering).not.toEqual([]);
      for (const grant of grants)
        for (const each of ['Read', 'Write'].filter((one) => grant.operations.includes(one))) {
          const somebody = grant.principal === 'User:*' ? 'User:stranger' : grant.principal;
          const somewhere = grant.host === '*' ? 'elsewhere' : grant.host;
          expect(isAllowed(rules, topic, somebody, somewhere, each)).toBe(true);
        }
    }),
  );
});

test('the order of rules and their repetition change nothing', () => {
  fc.assert(
    fc.property(fc.array(rule, { maxLength: 8 }), (rules) => {
      const grants = (some: readonly AccessRule[]) => new AccessRules(some).access('topic', 'raw').grants;
      expect(grants([...rules.toReversed(), ...rules])).toEqual(grants(rules));
    }),
  );
});

test('a rule that denials make useless can be left out', () => {
  fc.assert(
    fc.property(fc.array(rule, { maxLength: 8 }), asking, (rules, { topic, who, host, operation }) => {
      const index = new AccessRules(rules);
      const useful = rules.filter((each) => !index.isDenied(each));
      expect(isAllowed(useful, topic, who, host, operation)).toBe(isAllowed(rules, topic, who, host, operation));
    }),
  );
});
