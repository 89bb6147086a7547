import { expect, test } from '@jest/globals';
import { PackedRecord } from '#functions/dead-letter-triage/replay/packed-record.ts';
import { deadRecord } from '../../../support/dead-letters.ts';
import { foreignHeaders, hostileRecords } from '../../../support/hostile-records.ts';

test('a record comes out as it was packed: nulls, empty bytes, headers in their order', () => {
  const records = [
    ...hostileRecords(1).map((one) => deadRecord(one)),
    deadRecord({ key: null, value: null, headers: [] }),
    deadRecord({ key: Buffer.alloc(0), value: Buffer.alloc(0), headers: foreignHeaders }),
    deadRecord({ timestampType: 'append', timestamp: -1n, headers: [[Buffer.alloc(0), null]] }),
  ];
  for (const record of records) {
    const packed = new PackedRecord(record);
    const { key, value, headers, ...rest } = packed.unpack();
    const hex = (bytes: Uint8Array | null): string | null => bytes && Buffer.from(bytes).toString('hex');
    const { key: oldKey, value: oldValue, headers: oldHeaders, ...old } = record;
    expect(rest).toEqual(old);
    expect([key, packed.key, value].map(hex)).toEqual([oldKey, oldKey, oldValue].map(hex));
    expect(headers.map((pair) => pair.map(hex))).toEqual(oldHeaders.map((pair) => pair.map(hex)));
  }
});

test('what is packed does not change with the memory that it was read into', () => {
  const value = Buffer.from('before');
  const packed = new PackedRecord(deadRecord({ value }));
  value.fill(0);
  expect(String(packed.unpack().value)).toBe('before');
});
