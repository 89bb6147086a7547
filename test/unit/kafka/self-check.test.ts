import { expect, test } from '@jest/globals';
import { batchCodec, createRecordsBatch } from '#shared/kafka/kafka-client.ts';
import { checkCodec, type Codec } from '#shared/kafka/self-check.ts';

const codec = { batchCodec, createRecordsBatch } as unknown as Codec;
type Message = Parameters<Codec['createRecordsBatch']>[0][number];

/** A codec that an update of the client has changed. */
const writing = (change: (message: Message) => Message): Codec => ({
  ...codec,
  createRecordsBatch: (messages, options) => codec.createRecordsBatch(messages.map(change), options),
});
/** A client that puts other options into batches. */
const marking = (options: object): Codec => ({
  ...codec,
  createRecordsBatch: (messages, given) => codec.createRecordsBatch(messages, { ...given, ...options }),
});

test('the client that is installed keeps records as they are', () => {
  expect(() => checkCodec(codec)).not.toThrow();
});

test.each<[string, Codec]>([
  [
    'loses headers of one name',
    writing((message) => ({
      ...message,
      headers: new Map(new Map([...message.headers].map((pair) => [String(pair[0]), pair] as const)).values()),
    })),
  ],
  ['has another codec', { ...codec, createRecordsBatch: () => ({ buffer: Buffer.alloc(100) }) }],
  [
    'writes names as text',
    writing((message) => ({
      ...message,
      headers: new Map([...message.headers].map(([name, value]) => [Buffer.from(String(name)), value])),
    })),
  ],
  ['makes null values empty', writing((message) => ({ ...message, value: message.value ?? Buffer.alloc(0) }))],
  [
    'makes empty keys null',
    writing((message) => ({ ...message, key: message.key.length === 0 ? (null as unknown as Buffer) : message.key })),
  ],
  ['cuts times to 32 bits', writing((message) => ({ ...message, timestamp: BigInt.asIntN(32, message.timestamp) }))],
  ['adds up another checksum', { ...codec, batchCodec: { ...batchCodec, crc32c: () => 0 } }],
  ['tells no producer', marking({ producerId: -1n })],
  ['marks no transaction', marking({ transactionalId: undefined })],
])('a client that %s writes nothing', (_, changed) => {
  expect(() => checkCodec(changed)).toThrow(expect.objectContaining({ code: 'kafka.protocol' }));
});
