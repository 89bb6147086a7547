import { randomUUID } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { KafkaLink } from '#shared/kafka/kafka-link.ts';
import type { CliRun } from '../support/cli.ts';
import { commandsFor } from '../support/command-holders.ts';
import { connectHeaders, failure } from '../support/dead-letters.ts';
import { type FunctionProcess, startFunction } from '../support/function-process.ts';
import { makeGuideSite, removeGuideSite } from '../support/guide-site.ts';
import { KafkaTopics } from '../support/kafka-topics.ts';
import { lake as addresses } from '../support/lake.ts';
import { OpenWhiskServer } from '../support/openwhisk-server.ts';
import { parquetBytes as parquet } from '../support/parquet-file.ts';
import { snippetsOf } from '../support/snippets.ts';
import { useSyncLake } from '../support/sync-lake.ts';
import { writtenSettings } from '../support/sync-process.ts';
import { writeLetters } from '../support/triage-lake.ts';
import { typeLine } from '../support/typed-line.ts';

const lake = useSyncLake();
const { webhdfs, kafka: broker = '' } = addresses();
const letters = `guides-${randomUUID()}`;
const names = { origin: `${letters}-origin`, state: `${letters}-state`, ledger: `${letters}-ledger` };
const topics = new KafkaTopics(broker);
const whisk = new OpenWhiskServer();
let host = '';
let folder = '';
let added: FunctionProcess | undefined;

beforeAll(async () => {
  host = await whisk.start();
  for (const topic of [letters, names.origin]) await topics.create(topic, 1, { 'retention.ms': '-1' });
  for (const topic of [names.state, names.ledger]) await topics.create(topic, 1, { 'cleanup.policy': 'compact' });
  const link = new KafkaLink({ brokers: [broker], deadlineMs: 15_000 });
  await writeLetters({ link }, [letter('x.First', 0n), letter('x.Second', 1n)]);
  await link.close();
  const { hdfs, ...sync } = writtenSettings(lake);
  const kafka = { brokers: [broker] };
  const settings = {
    'metastore-sync': { hdfs, ...sync, kafka },
    'partition-compaction': { hdfs, root: lake.root, quietSeconds: 0, latePartitions: 0, minFiles: 2 },
    'dead-letter-triage': {
      topics: [letters],
      kafka,
      state: { topic: names.state, partitions: 1 },
      replay: { ledger: { topic: names.ledger, partitions: 1 } },
      group: letters,
    },
    'compliance-scan': {
      sources: { hdfs: { connection: hdfs, roots: [{ name: 'golden', path: lake.root, depth: 5 }] } },
      state: { local: '.findings' },
    },
  };
  folder = await makeGuideSite(settings, whisk.key);
  const { root, database, metastore } = lake.settings;
  const { addresses: namenodes, user } = lake.settings.hdfs;
  const ofAdded = { root, database, hdfs: { addresses: namenodes, user }, metastore: { uris: metastore.uris } };
  writeFileSync(join(folder, 'settings.yaml'), JSON.stringify(ofAdded));
});
afterAll(async () => {
  await added?.end();
  whisk.stop();
  removeGuideSite(folder);
  await topics.delete(letters, ...Object.values(names));
  await topics.close();
});

/** A letter of Kafka Connect that failed for a reason of its own. */
function letter(errorClass: string, offset: bigint) {
  const stack = `${errorClass}: no\n\tat a.B.c(B.java:1)\n`;
  const headers = connectHeaders({ ...failure, topic: names.origin, partition: 0, offset, errorClass, stack });
  return { topic: letters, partition: 0, timestamp: 1_700_000_000_000n, key: null, value: Buffer.from('{}'), headers };
}

/** The settings that people give a command by its function's variable. */
const settingsOf: Readonly<Record<string, string>> = {
  sync: 'metastore-sync',
  compact: 'partition-compaction',
  triage: 'dead-letter-triage',
  replay: 'dead-letter-triage',
  scan: 'compliance-scan',
};

/** Types a line of a page in the folder of the test. */
async function type(line: string): Promise<CliRun> {
  const [, command = ''] = line.split(' ');
  const config = settingsOf[command];
  const env = {
    HOME: folder,
    APIHOST: host,
    WSK_CONFIG_FILE: join(folder, '.wskprops'),
    ...(config === undefined ? {} : { LAKEWARDEN_CONFIG: `settings/${config}.yaml` }),
  };
  // Its page has no settings, since a lake in a box needs none.
  const needsSettings = /^lakewarden report(?!.* --s)/.test(line);
  const typed = needsSettings ? line.replace('report', 'report --settings settings') : line;
  return await typeLine(typed, { cwd: folder, env });
}

/** What a command prints with --json, or another format that is JSON. */
const read = async (line: string): Promise<unknown> => JSON.parse((await type(line)).out);

/** Keeps what a command prints in a file. */
async function keep(line: string, file: string): Promise<string> {
  await type(`${line} > ${file}`);
  return file;
}

/** Groups that are open. */
const groups = async (): Promise<{ id: string }[]> =>
  (await read('lakewarden triage groups --json')) as { id: string }[];

/** Writes the replay of the function's page, of a group of this test. */
async function writeReplay(): Promise<void> {
  const replay = snippetsOf('functions/dead-letter-triage/README.md').find(({ code }) => code.startsWith('name: '));
  const ours = (replay?.code ?? '').replace('orders-dlq', letters).replace(/v1:\w+/, (await groups())[0]?.id ?? '');
  writeFileSync(join(folder, 'orders.yaml'), ours);
}

const flight = { departure: 1_000_000n, delay: 5 };
const narrow = parquet({ departure: 'timestamp', delay: 'smallint' }, [flight]);
const wide = parquet({ departure: 'timestamp', delay: 'int', late: 'boolean' }, [{ ...flight, late: false }]);

/** Writes a file of the page's topic, an hour ago. */
async function put(path: string, bytes: Uint8Array): Promise<void> {
  await lake.put(`flights/2001/01/${path}`, bytes);
  const modificationTime = Date.now() - 3_600_000;
  await lake.clients.hdfs.setTimes(`${lake.root}/flights/2001/01/${path}`, { modificationTime });
}

/** What happens before a command, as its page tells it; what it is here, where the page leaves something to the reader. */
const meanwhile: Readonly<Record<string, (line: string) => Promise<string | void>>> = {
  'lakewarden sync plan --full': () => put('01/00/part-0.snappy.parquet', narrow),
  'lakewarden sync plan': () => put('03/00/part-0.snappy.parquet', wide),
  'lakewarden compact plan --full': () => put('03/00/part-1.snappy.parquet', wide),
  'lakewarden replay plan orders.yaml': () => writeReplay(),
  'lakewarden triage resolve <topic> <group>': async () =>
    `lakewarden triage resolve ${letters} ${(await groups())[0]?.id ?? ''}`,
  'lakewarden sync apply --plan <file>': async (line) =>
    line.replace('<file>', await keep('lakewarden sync plan --full --json', 'sync-plan.json')),
  'lakewarden compact apply --plan <file>': async (line) => {
    for (const part of [0, 1]) await put(`05/00/part-${part}.snappy.parquet`, wide);
    return line.replace('<file>', await keep('lakewarden compact plan --full --json', 'merges.json'));
  },
  'lakewarden compact allow <folder>': async (line) => line.replace('<folder>', `${lake.root}/flights/2001/01/03/00`),
  'lakewarden openwhisk apply --plan plan.json': async () =>
    void (await keep('lakewarden openwhisk plan --json', 'plan.json')),
  'lakewarden scan explain FINDING': async (line) => {
    const { findings } = (await read('lakewarden scan --format json')) as { findings: { id: string }[] };
    return line.replace('FINDING', findings[0]?.id ?? '');
  },
  'FUNC_PORT=8080 LAKEWARDEN_CONFIG=settings.yaml node functions/untabled-topics/dist/index.cjs': (line) =>
    lake.clients.hdfs.mkdirs(`${lake.root}/untabled`).then(() => line),
};

/** A line as it is on this lake: its addresses and names, and every option that a page leaves open. */
function onThisLake(line: string): string {
  return line
    .replace('http://127.0.0.1:9870', webhdfs)
    .replace('webhdfs/v1/golden', `webhdfs/v1${lake.root}`)
    .replace('localhost:8080', `localhost:${added?.port}`)
    .replace('openwhisk.example', host)
    .replace('--topic …', '--topic flights')
    .replace('<id>', '0')
    .replaceAll(/[[\]]/g, '');
}

/** Commands whose exit code says that they found something, and what: all else ends with 0. */
const finds: Readonly<Record<string, number>> = {
  // The lake of the test is open.
  'lakewarden scan': 1,
  'lakewarden scan --config scan.yaml --fail-on critical': 1,
  'lakewarden scan --config scan.yaml --state .findings --output report.html --fail-on high': 1,
  'lakewarden scan --only kafka hdfs': 1,
  // Its owner must be told by people.
  'lakewarden scan fix deploy/': 1,
  'lakewarden sync doctor': 3,
  'lakewarden sync prepare': 3,
  // The wider column is not in the table yet.
  'lakewarden sync drift': 3,
};

/** Words that say that a command did something, where its exit code does not. */
const says: Readonly<Record<string, RegExp>> = {
  'curl -i': /^HTTP\/1.1 200 OK[^]*"topic":"untabled"/,
  'lakewarden compact apply': / 2 -> 1 /,
  'lakewarden compact apply --plan <file>': / 2 -> 1 /,
  'lakewarden compact plan --full': /1 file fewer/,
  'lakewarden replay apply plan.json': /1 by this run/,
  'lakewarden report --sync sync.yaml --compact compact.yaml --json': /"flights"/,
  'lakewarden sync apply --plan plan.json': /2 columns changed/,
  // The file that curl brought.
  'lakewarden sync plan --full': /topic clicks,/,
  'lakewarden triage resolve <topic> <group>': /resolved/,
};

/** A line of a page as this lake prints it: its own names, and any size. */
function asHere(line: string): RegExp {
  const text = line.replaceAll('default.', `${lake.database}.`).replaceAll('/golden', lake.root);
  const parts = text.split(/\d+(?:\.\d+)? k?B/).map((part) => RegExp.escape(part));
  return new RegExp(`^${parts.join('[\\d.,]+ k?B')}$`, 'm');
}

const commands = commandsFor('test/e2e/guides.test.ts');

test.each(commands.map((one) => [one.line, one] as const))('%s does what its page says', async (line, { shown }) => {
  const said = (await meanwhile[line]?.(line)) ?? onThisLake(line);
  if (line.startsWith('FUNC_PORT=')) {
    const command = ['sh', '-c', `exec env ${said.replace('FUNC_PORT=8080 ', '')}`] as const;
    added = await startFunction({ entry: folder, cwd: folder, command });
    return;
  }
  const { code, out, err } = await type(said);
  expect({ code, err, out }).toEqual({ code: finds[line] ?? 0, err, out });
  const [, target] = / > (\S+)$/.exec(line) ?? [];
  if (!line.startsWith('cp ') && !line.startsWith('webhdfs='))
    expect(target === undefined ? out : readFileSync(join(folder, target), 'utf8')).not.toBe('');
  const told = says[line] ?? says[line.split(' ', 2).join(' ')];
  if (told !== undefined) expect(out).toMatch(told);
  for (const wanted of shown) if (wanted.trim() !== '…') expect(out).toMatch(asHere(wanted));
});
