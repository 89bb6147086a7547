import type { KafkaHeader } from '#shared/kafka/record.ts';
import type { WrittenRecord } from './java-client.ts';

const bytes = (text: string): Buffer => Buffer.from(text);
const header = (name: string, value: Buffer | null = bytes(`of ${name}`)): KafkaHeader => [bytes(name), value];
const allBytes = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));

/** Headers that naive maps and decoders spoil; all names are UTF-8, since Java's client knows no others. */
export const hostileHeaders: readonly KafkaHeader[] = [
  header('null', null),
  header('empty', Buffer.alloc(0)),
  header(''),
  header('twice', bytes('1')),
  header('between'),
  header('twice', null),
  header('twice', bytes('1')),
  ...['toString', 'constructor', '__proto__', 'hasOwnProperty', 'valueOf', '2', '10', '1', '-1'].map((name) =>
    header(name),
  ),
  header('naïve\u0000\n😀'),
  header('binary', allBytes),
];

/** Names that are no UTF-8. */
export const foreignHeaders: readonly KafkaHeader[] = [
  [Buffer.from([0xff, 0xfe]), bytes('1')],
  [Buffer.from([0xff, 0xfe]), null],
  [Buffer.from([0xc0, 0x80]), Buffer.alloc(0)],
  [Buffer.from([0xed, 0xa0, 0x80]), allBytes],
];

/** Records that naive clients spoil, for partitions below a number. */
export function hostileRecords(partitions: number): WrittenRecord[] {
  const plain = { timestamp: 1_700_000_000_000n, key: bytes('k'), value: bytes('v'), headers: [] };
  const records: Omit<WrittenRecord, 'partition'>[] = [
    plain,
    { ...plain, headers: hostileHeaders },
    { ...plain, key: null, value: null },
    { ...plain, key: Buffer.alloc(0), value: Buffer.alloc(0) },
    { ...plain, key: null, value: Buffer.alloc(0), headers: [header('x', null)] },
    { ...plain, key: allBytes, value: allBytes },
    { ...plain, timestamp: 0n },
    { ...plain, timestamp: 1_600_000_000_000n },
    { ...plain, timestamp: 5n },
    { ...plain, timestamp: 1_600_000_000_000n + 2n ** 31n },
    { ...plain, timestamp: 1n },
    { ...plain, headers: Array.from({ length: 4_000 }, (_, index) => header(`h${index}`)) },
    { ...plain, headers: Array.from({ length: 4_000 }, () => header('same')) },
    { ...plain, headers: [header('long', Buffer.alloc(900_000, 'x'))] },
    { ...plain, value: Buffer.alloc(1_000_000, 'abcdefg') },
    { ...plain, value: bytes('{"after":"the long ones"}') },
  ];
  return Array.from({ length: partitions }, (_, partition) =>
    records.map((record) => ({ ...record, partition })),
  ).flat();
}
