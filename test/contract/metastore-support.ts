import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

import { Metastore, type Partition, type Table } from '#shared/hive/metastore.ts';
import { lake } from '../support/lake.ts';

/** A database of its own for each test file, so that they may run beside each other. */
export const database = `hive_contract_${process.pid}`;
/** The folder under which the tests put their tables. */
export const root = `${lake().defaultFs}/tmp/${database}`;

/** Opens the metastore and makes the database; `close` drops it with all tables in it. */
export async function openMetastore(): Promise<{ metastore: Metastore; close: () => Promise<void> }> {
  const metastore = new Metastore({ uris: [lake().metastore], user: 'lake' });
  await metastore.createDatabase({ name: database, locationUri: root });
  const close = async (): Promise<void> => {
    try {
      for (const table of await metastore.tables(database)) await metastore.dropTable(database, table);
      await metastore.dropDatabase(database);
    } finally {
      await metastore.close();
    }
  };
  return { metastore, close };
}

/** An external Parquet table, partitioned by year and city. */
export function newTable(tableName: string): Table {
  return {
    tableName,
    dbName: database,
    owner: 'lake',
    sd: {
      cols: [
        { name: 'id', type: 'int', comment: 'who' },
        { name: 'price', type: 'decimal(9,2)' },
      ],
      location: `${root}/${tableName}`,
      inputFormat: 'org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat',
      outputFormat: 'org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat',
      compressed: false,
      numBuckets: -1,
      serdeInfo: {
        serializationLib: 'org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe',
        parameters: new Map([['serialization.format', '1']]),
      },
      bucketCols: [],
      sortCols: [],
      parameters: new Map(),
    },
    partitionKeys: [
      { name: 'year', type: 'int' },
      { name: 'city', type: 'string' },
    ],
    parameters: new Map([
      ['EXTERNAL', 'TRUE'],
      ['version', '1'],
    ]),
    tableType: 'EXTERNAL_TABLE',
  };
}

/** A partition of such a table; with numFiles and totalSize the server does not list its folder. */
export function newPartition(table: Table, ...values: string[]): Partition {
  return {
    values,
    sd: { ...table.sd, location: `${table.sd?.location}/${values.map(encodeURIComponent).join('/')}` },
    parameters: new Map([
      ['numFiles', '1'],
      ['totalSize', '7'],
    ]),
  };
}

/** A TCP proxy before a service, which keeps what the service sends, and can cut all connections. */
export interface Proxy {
  readonly port: number;
  /** What the service sent since the last call of it. */
  takeAnswers(): Buffer;
  /** Cuts a connection instead of giving the client the answer to a call whose bytes hold this text. */
  cutAt(text: string | undefined): void;
  close(): Promise<void>;
}

/** Starts a proxy before the service at an address such as `thrift://127.0.0.1:9083`. */
export async function startProxy(address: string): Promise<Proxy> {
  const { hostname, port } = new URL(address.replace(/^\w+:/, 'tcp:'));
  const sockets = new Set<Socket>();
  let answers: Buffer[] = [];
  let trigger: string | undefined;
  const server = createServer((client) => {
    const service = connect(Number(port), hostname);
    for (const [socket, other] of [
      [client, service],
      [service, client],
    ] as const) {
      sockets.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => {
        sockets.delete(socket);
        other.destroy();
      });
    }
    let cut = false;
    client.on('data', (chunk: Buffer) => {
      cut ||= trigger !== undefined && chunk.includes(trigger);
      service.write(chunk);
    });
    service.on('data', (chunk: Buffer) => {
      answers.push(chunk);
      if (cut) client.destroy();
      else client.write(chunk);
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    takeAnswers: () => {
      const bytes = Buffer.concat(answers);
      answers = [];
      return bytes;
    },
    cutAt: (text) => {
      trigger = text;
    },
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
      });
    },
  };
}
