import { gunzipSync } from 'node:zlib';
import { isError, LakewardenError } from '../errors/error.ts';
import { partitionName } from '../lake/partition-name.ts';
import { Partition, Table } from './metastore-structs.ts';
import type { NotificationEvent } from './notification-structs.ts';
import { decodeJson } from './thrift/json.ts';
import { list, map, struct } from './thrift/types.ts';

/** A partition that a notification names; what it was before and is after, as far as it says so. */
export interface NotedPartition {
  /** The metastore's name, such as `year=2019/month=09`. */
  readonly name: string;
  /** Of a partition that was added, `after` has values, create time and parameters alone. */
  readonly before?: Partition;
  readonly after?: Partition;
}

/** One change in the metastore, as its log of notifications tells it. */
export interface Notification {
  readonly id: bigint;
  /** Seconds since 1970. */
  readonly time: number;
  /** As the metastore calls it, such as `ALTER_TABLE`. */
  readonly type: string;
  readonly catalog?: string;
  readonly database?: string;
  readonly table?: string;
  /** The table before it was altered. */
  readonly before?: Table;
  /** The table after the change, or as it was when it was dropped, or when its partitions changed. */
  readonly after?: Table;
  readonly partitions: readonly NotedPartition[];
  /** Why the message could not be read. */
  readonly unreadable?: string;
}

/** What is read of partitions that were added: there are many in one message, each with all columns. */
const AddedPartition = struct('Partition', {
  values: [1, list('string'), 'required'],
  createTime: [4, 'i32'],
  parameters: [7, map('string', 'string')],
});

/** Bytes that an unpacked message may have. */
const longestMessage = 64 * 1024 * 1024;

/** Reads what the metastore's own listener writes (`json-0.2` of Hive 3, `json-2.0` and `gzip(json-2.0)` of Hive 4); never throws. */
export function readNotification(event: NotificationEvent): Notification {
  const { eventId: id, eventTime: time, eventType: type, catName, dbName, tableName } = event;
  const about = {
    id,
    time,
    type,
    ...(catName === undefined ? {} : { catalog: catName }),
    ...(dbName === undefined ? {} : { database: dbName.toLowerCase() }),
    ...(tableName === undefined ? {} : { table: tableName.toLowerCase() }),
  };
  try {
    return { ...about, ...readMessage(unpack(event)) };
  } catch (error) {
    // The parser's own words would quote the message.
    const reason = isError(error) ? error.message : `the message is not as expected (${(error as Error).name})`;
    return { ...about, partitions: [], unreadable: reason };
  }
}

/** The parts of a message that we read; what is named …Json is a text of JSON. */
interface Message {
  readonly tableObjJson?: string;
  readonly tableObjBeforeJson?: string;
  readonly tableObjAfterJson?: string;
  readonly partitions?: readonly Readonly<Record<string, string>>[];
  readonly partitionListJson?: readonly string[];
  readonly keyValues?: Readonly<Record<string, string>>;
  readonly partitionObjBeforeJson?: string;
  readonly partitionObjAfterJson?: string;
}

function unpack({ message, messageFormat = '' }: NotificationEvent): Message {
  const text = messageFormat.startsWith('gzip(')
    ? gunzipSync(Buffer.from(message, 'base64'), { maxOutputLength: longestMessage }).toString('utf8')
    : message;
  const json: unknown = JSON.parse(text);
  if (typeof json !== 'object' || json === null)
    throw new LakewardenError('metastore.protocol', 'the message is no JSON object');
  return json;
}

function readMessage(message: Message): Pick<Notification, 'before' | 'after' | 'partitions'> {
  const table = (text: string | undefined): Table | undefined =>
    text === undefined ? undefined : decodeJson(Table, JSON.parse(text));
  const partition = (text: string | undefined): Partition | undefined =>
    text === undefined ? undefined : decodeJson(Partition, JSON.parse(text));
  const added = (text: string | undefined): Partition | undefined =>
    text === undefined ? undefined : decodeJson(AddedPartition, JSON.parse(text));
  const { keyValues, partitions = keyValues === undefined ? [] : [keyValues] } = message;
  const before = table(message.tableObjBeforeJson);
  const after = table(message.tableObjAfterJson ?? message.tableObjJson);
  return {
    ...(before === undefined ? {} : { before }),
    ...(after === undefined ? {} : { after }),
    partitions: partitions.map((values, index) => {
      const old = partition(message.partitionObjBeforeJson);
      const body = partition(message.partitionObjAfterJson) ?? added(message.partitionListJson?.[index]);
      return {
        name: partitionName(Object.keys(values), Object.values(values)),
        ...(old === undefined ? {} : { before: old }),
        ...(body === undefined ? {} : { after: body }),
      };
    }),
  };
}
