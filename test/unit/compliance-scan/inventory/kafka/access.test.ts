import { describe, expect, test } from '@jest/globals';
import { AccessRules } from '#functions/compliance-scan/inventory/kafka/access.ts';
import type { AccessRule } from '#shared/kafka/access-rule.ts';

const rule = (more: Partial<AccessRule>): AccessRule => ({
  target: 'topic',
  name: 'raw',
  pattern: 'literal',
  principal: 'User:app',
  host: '*',
  operation: 'Read',
  permission: 'allow',
  ...more,
});
const grants = (name: string, ...rules: AccessRule[]) => new AccessRules(rules).access('topic', name).grants;

describe('rules for a name, for beginnings of it and for * count together', () => {
  test('a rule for a beginning fits what begins so, also what nobody thought of', () => {
    const prefixed = rule({ pattern: 'prefixed', principal: 'User:*' });
    expect(grants('raw-secret', prefixed)).toEqual([{ principal: 'User:*', host: '*', operations: ['Read'] }]);
    expect(grants('ra', prefixed)).toEqual([]);
    expect(grants('golden-raw', prefixed)).toEqual([]);
  });

  test('a rule for * fits all, but a beginning of * only what begins with a star', () => {
    expect(grants('any', rule({ name: '*' }))).toHaveLength(1);
    expect(grants('any', rule({ name: '*', pattern: 'prefixed' }))).toEqual([]);
  });

  test('rules of one principal are one grant, and All is written out', () => {
    const rules = [rule({}), rule({ name: '*', operation: 'Write' }), rule({ host: '10.0.0.1', operation: 'All' })];
    expect(grants('raw', ...rules)).toEqual([
      { principal: 'User:app', host: '*', operations: ['Read', 'Write'] },
      {
        principal: 'User:app',
        host: '10.0.0.1',
        operations: ['Alter', 'AlterConfigs', 'Create', 'Delete', 'Describe', 'DescribeConfigs', 'Read', 'Write'],
      },
    ]);
  });

  test('rules of other kinds of things say nothing of a topic', () => {
    const other = new AccessRules([rule({ target: 'group' }), rule({ name: 'other' })]).access('topic', 'raw');
    expect(other).toEqual({ rules: 0, grants: [] });
  });

  test('names like methods of objects are names', () => {
    expect(grants('constructor', rule({ name: 'constructor', principal: 'User:__proto__' }))).toHaveLength(1);
    expect(grants('toString')).toEqual([]);
  });
});

describe('denials win', () => {
  const open = rule({ principal: 'User:*' });
  const denied: [string, Partial<AccessRule>][] = [
    ['of everybody', { principal: 'User:*' }],
    ['of all operations', { principal: 'User:*', operation: 'All' }],
    ['for all topics', { principal: 'User:*', name: '*' }],
    ['for a beginning of the name', { principal: 'User:*', name: 'r', pattern: 'prefixed' }],
  ];
  test.each(denied)('a denial %s closes what is open to everybody', (_, more) => {
    expect(grants('raw', open, rule({ permission: 'deny', ...more }))).toEqual([]);
  });

  const left: [string, Partial<AccessRule>][] = [
    ['of one', { principal: 'User:eve' }],
    ['from one host', { principal: 'User:*', host: '10.0.0.1' }],
    ['of another operation', { principal: 'User:*', operation: 'Write' }],
    ['of another topic', { principal: 'User:*', name: 'other' }],
  ];
  test.each(left)('a denial %s leaves it open', (_, more) => {
    expect(grants('raw', open, rule({ permission: 'deny', ...more }))).toHaveLength(1);
  });

  test('a denial takes its operation out of All, and nothing else', () => {
    const rules = [rule({ operation: 'All' }), rule({ operation: 'Write', permission: 'deny' })];
    expect(grants('raw', ...rules)[0]?.operations).not.toContain('Write');
    expect(grants('raw', ...rules)[0]?.operations).toContain('Read');
  });

  test('a rule is useless only when a denial holds for all that it speaks of', () => {
    const prefixed = rule({ pattern: 'prefixed' });
    const denyOne = rule({ name: 'raw-secret', permission: 'deny' });
    const denyAll = rule({ name: 'ra', pattern: 'prefixed', permission: 'deny' });
    expect(new AccessRules([prefixed, denyOne]).isDenied(prefixed)).toBe(false);
    expect(new AccessRules([prefixed, denyAll]).isDenied(prefixed)).toBe(true);
    expect(new AccessRules([prefixed, denyAll]).isDenied(denyAll)).toBe(false);
    const all = rule({ name: '*' });
    expect(new AccessRules([all, denyAll]).isDenied(all)).toBe(false);
    expect(new AccessRules([all, rule({ name: '*', permission: 'deny' })]).isDenied(all)).toBe(true);
  });
});
