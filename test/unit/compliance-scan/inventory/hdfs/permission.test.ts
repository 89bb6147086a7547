import { describe, expect, test } from '@jest/globals';
import { isStrangeName } from '#functions/compliance-scan/inventory/hdfs/name-trouble.ts';
import { readAcl, readMode } from '#functions/compliance-scan/inventory/hdfs/permission.ts';
import { readConfiguration } from '#shared/hdfs/configuration.ts';

test.each([
  ['750', { mode: '0750', group: 'r-x', others: '---', sticky: false }],
  ['1777', { mode: '1777', group: 'rwx', others: 'rwx', sticky: true }],
  ['0', { mode: '0000', group: '---', others: '---', sticky: false }],
  ['4', { mode: '0004', group: '---', others: 'r--', sticky: false }],
])('mode %s', (permission, read) => {
  expect(readMode(permission)).toEqual(read);
});

describe('an ACL', () => {
  const effective = (entries: string[], mask: string) =>
    readAcl(entries, mask).map(({ name, effective: left }) => [name, left]);

  test('is cut by its mask: named users, named groups and the group itself', () => {
    const entries = ['user:alice:rwx', 'group::r-x', 'group:team:rw-'];
    expect(effective(entries, '---')).toEqual([
      ['alice', '---'],
      ['', '---'],
      ['team', '---'],
    ]);
    expect(effective(entries, 'r--')).toEqual([
      ['alice', 'r--'],
      ['', 'r--'],
      ['team', 'r--'],
    ]);
  });

  test('has a mask of its own for what is to come', () => {
    const entries = ['default:user:alice:rwx', 'default:mask::r--', 'default:other::r-x', 'default:user::rwx'];
    expect(readAcl(entries, 'rwx')).toMatchObject([
      { scope: 'default', name: 'alice', effective: 'r--' },
      { type: 'mask' },
      { type: 'other', effective: 'r-x' },
      { type: 'user', name: '', effective: 'rwx' },
    ]);
  });

  test('may name whom Kerberos names, and what is no entry is none', () => {
    expect(readAcl(['user:svc/host:8020@REALM:r--', 'nonsense', 'user:a:rwxt'], 'rwx')).toMatchObject([
      { name: 'svc/host:8020@REALM' },
    ]);
  });
});

test.each(['clicks', 'größe', '日本', 'a%3Ab', 'a b', 'part=1', '.hidden', 'a-b', 'a+b~c'])(
  '%j is a fine name',
  (name) => {
    expect(isStrangeName(name)).toBe(false);
  },
);
test.each([
  'a\nb',
  'a\tb',
  'a\u200bb',
  'a\u202eb',
  ' a',
  'a ',
  'a\u00a0',
  '*',
  'a?',
  '-rf',
  "a'b",
  'a,b',
  '$HOME',
  '{a}',
])('%j is not', (name) => {
  expect(isStrangeName(name)).toBe(true);
});

test('settings of the page are read, also with what XML must escape', () => {
  const xml = `<configuration><property><name>a</name><value>1 &lt; 2 &amp;amp;&#13;</value><final>false</final></property>
    <property><name>b</name><value/></property><property><value>x</value></property></configuration>`;
  expect([...readConfiguration(xml)]).toEqual([
    ['a', '1 < 2 &amp;\r'],
    ['b', ''],
  ]);
  expect(readConfiguration('<html>no</html>').size).toBe(0);
});
