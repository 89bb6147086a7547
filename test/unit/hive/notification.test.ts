import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import type { NotificationEvent } from '#shared/hive/metastore.ts';
import { readNotification } from '#shared/hive/notification.ts';

const folder = join(import.meta.dirname, '../../fixtures/notifications');

/** What a metastore wrote into its log about one table, from its creation to its end. */
function recorded(version: string): NotificationEvent[] {
  const text = readFileSync(join(folder, `hive-${version}.json`), 'utf8');
  return (JSON.parse(text) as (NotificationEvent & { eventId: number })[]).map((event) => ({
    ...event,
    eventId: BigInt(event.eventId),
  }));
}

describe.each(['3.1.3', '4.0.1'])('notifications of Hive %s', (version) => {
  const events = recorded(version).filter(({ tableName }) => tableName !== undefined);
  const read = (type: string, at = 0) => {
    const event = events.filter(({ eventType }) => eventType === type)[at];
    if (event === undefined) throw new Error(`no ${type}`);
    return readNotification(event);
  };

  test('are all read', () => {
    expect(events.map(readNotification).filter(({ unreadable }) => unreadable !== undefined)).toEqual([]);
    expect(read('DROP_TABLE')).toMatchObject({ type: 'DROP_TABLE', catalog: 'hive', database: 'd', table: 't' });
  });

  test('hold a table before and after an alter, with columns, parameters and numbers', () => {
    const { before, after } = read('ALTER_TABLE', 1);
    const columns = ['id', 'price'];
    expect(before?.sd?.cols?.map(({ name }) => name)).toEqual(columns);
    expect(after?.sd?.cols?.map(({ name }) => name)).toEqual([...columns, 'zz']);
    expect(after?.parameters?.get('a')).toBe('1');
    expect(after).toMatchObject({
      tableName: 't',
      owner: 'lake',
      retention: 0,
      sd: { numBuckets: -1, compressed: false },
    });
  });

  test('name partitions and hold what they were and are', () => {
    expect(read('ADD_PARTITION').partitions).toMatchObject([
      { name: 'year=2019/city=Rome', after: { values: ['2019', 'Rome'] } },
      { name: 'year=2019/city=Oslo', after: { values: ['2019', 'Oslo'] } },
    ]);
    const { partitions } = read('ALTER_PARTITION');
    expect(partitions).toHaveLength(1);
    expect([partitions[0]?.before?.parameters?.get('b'), partitions[0]?.after?.parameters?.get('b')]).toEqual([
      undefined,
      '1',
    ]);
    const dropped = events
      .filter(({ eventType }) => eventType === 'DROP_PARTITION')
      .flatMap((event) => readNotification(event).partitions);
    expect(dropped.map(({ name }) => name).toSorted()).toEqual(['year=2019/city=Oslo', 'year=2019/city=Rome']);
  });
});

describe('a message that cannot be read is told as such, with what stands beside it', () => {
  const event = { eventId: 7n, eventTime: 1, eventType: 'ALTER_TABLE', dbName: 'D', tableName: 'T' };
  test.each([
    ['no JSON', 'json-0.2', '{'],
    ['no object', 'json-0.2', '7'],
    ['no gzip', 'gzip(json-2.0)', 'aGVsbG8='],
    ['a table that is a number', 'json-2.0', JSON.stringify({ tableObjBeforeJson: '7' })],
    ['a name that is a number', 'json-2.0', JSON.stringify({ tableObjJson: '{"1":{"i32":7}}' })],
    ['a bomb', 'gzip(json-2.0)', gzipSync(Buffer.alloc(80 * 1024 * 1024, ' ')).toString('base64')],
  ])('%s', (_name, messageFormat, message) => {
    expect(readNotification({ ...event, messageFormat, message })).toMatchObject({
      id: 7n,
      database: 'd',
      table: 't',
      partitions: [],
      unreadable: expect.any(String),
    });
  });

  test('fields and members of later versions are left aside', () => {
    const table = JSON.stringify({
      1: { str: 't' },
      99: { rec: { 1: { dbl: 0.5 } } },
      9: { map: ['str', 'str', 0, {}] },
    });
    const message = JSON.stringify({ tableObjJson: table, later: [1] });
    const { after, unreadable } = readNotification({ ...event, messageFormat: 'json-3.0', message });
    expect([unreadable, after]).toEqual([undefined, { tableName: 't', parameters: new Map() }]);
  });
});
