import { Admin } from '@platformatic/kafka';
import { count, paint, printable, renderTable } from '../cli/terminal.ts';
import { ring, type SeenEvent } from './broker.ts';
import { requireEqual, say, step } from './screen.ts';
import { golden, topics } from './settings.ts';
import type { Stage } from './stage.ts';

interface ScanResult {
  readonly status: string;
  readonly resources: number;
  readonly open: number;
  readonly transitions: Readonly<Record<'opened' | 'resolved', number>>;
}

const openHour = `${golden}/${topics.processed}/2001/01/02/09`;
const severities = ['critical', 'high', 'medium', 'low', 'info'];
/** Everybody may write (4) to the raw topic (2), from anywhere. */
const everybodyWrites = {
  resourceType: 2,
  resourceName: topics.raw,
  resourcePatternType: 3,
  principal: 'User:*',
  host: '*',
  operation: 4,
  permissionType: 3,
} as const;

/** The fourth act: what is open, what belongs to nobody, what was changed by hand. */
export async function findFindings(stage: Stage): Promise<void> {
  const { broker, functions, hdfs, hive, addresses, cloud } = stage;
  const scan = (): Promise<ScanResult> =>
    ring<ScanResult>(functions['compliance-scan'], 'dev.knative.sources.ping', {});
  const told = (result: ScanResult): string =>
    `${result.status}: ${count(result.resources, 'resource')}, ${result.open} findings open, ${result.transitions.opened} new, ${result.transitions.resolved} resolved`;
  const systems = `${cloud === undefined ? '' : 'the cloud, '}Kafka, HDFS and Hive`;
  await step(`Ring compliance-scan: ${systems} as they stand`, scan, told);
  const first = (await broker.take()).filter(isOpened);
  const worst = Map.groupBy(first, ({ data }) => String(data['severity']));
  const bySystem = Map.groupBy(first, (event) => kindOf(event).split('.')[0] ?? '');
  say(
    severities.map((name) => `${name} ${worst.get(name)?.length ?? 0}`).join(', '),
    [...bySystem].map(([name, all]) => `${name} ${all.length}`).join(', '),
  );
  say(
    'The lake in a box asks nobody who he is, encrypts nothing and keeps one copy, so that it starts in seconds: rightly found.',
  );
  if (cloud !== undefined) {
    const open = first.filter(({ data }) => data['rule'] === 'network-no-open-admin-ports' && data['part'] === 'ssh');
    const world = open.filter(({ data }) => data['exposure'] === 'world');
    for (const { data } of world) say(paint('yellow', `! ${shorten(String(data['reason']))}`));
    requireEqual('security groups that let in the world', world.length, cloud.truth.world.length);
  }

  const admin = new Admin({ clientId: 'somebody', bootstrapBrokers: [addresses.kafka as string] });
  try {
    await step(
      'Somebody works by hand: an hour of data opened to all, an access rule, a table that nobody owns, a column renamed',
      async () => {
        await hdfs.setPermission(openHour, '777');
        await admin.createAcls({ creations: [everybodyWrites] });
        await hive.execute("CREATE EXTERNAL TABLE mine (card_number string) STORED AS PARQUET LOCATION '/tmp/mine'");
        await hive.execute('ALTER TABLE flights CHANGE COLUMN origin airport string');
      },
    );
    await step('Ring compliance-scan', scan, told);
    const opened = (await broker.take()).filter(isOpened);
    const rows = opened
      .toSorted(
        (a, b) => severities.indexOf(String(a.data['severity'])) - severities.indexOf(String(b.data['severity'])),
      )
      .map(({ data }) => [
        String(data['severity']),
        (data['resource'] as { kind: string }).kind,
        shorten(String(data['reason'])),
      ]);
    for (const line of renderTable(['severity', 'kind', 'what is wrong'], rows).split('\n')) say(line);
    for (const kind of ['kafka', 'hdfs', 'hive'])
      if (!rows.some(([, name]) => name?.startsWith(kind) === true))
        throw new Error(`the scan found nothing new in ${kind}`);

    await step(
      'Ring metastore-sync: what did others change on its tables?',
      () => ring<object>(functions['metastore-sync'], 'dev.knative.sources.ping', { scope: 'drift' }),
      () => 'tables, partitions and files are compared',
    );
    const drifted = (await broker.take()).filter(({ type }) => type.endsWith('table.drifted'));
    for (const { subject, data } of drifted)
      for (const { message, about } of data['findings'] as { message: string; about: string }[])
        say(paint('yellow', `! ${subject} ${about}: ${printable(message)}`));
    requireEqual('tables that were changed by hand', drifted.length, 1);

    await step('It is put right', async () => {
      await hdfs.setPermission(openHour, '755');
      await admin.deleteAcls({ filters: [everybodyWrites] });
      await hive.execute('DROP TABLE mine');
      await hive.execute('ALTER TABLE flights CHANGE COLUMN airport origin string');
    });
    const last = await step('Ring compliance-scan', scan, told);
    requireEqual('findings that are resolved', last.transitions.resolved, opened.length);
    await broker.take();
  } finally {
    await admin.close();
  }
}

function isOpened({ type }: SeenEvent): boolean {
  return type === 'dev.lakewarden.finding.opened';
}

function shorten(text: string): string {
  return printable(text.length > 90 ? `${text.slice(0, 89)}…` : text);
}

function kindOf({ data }: SeenEvent): string {
  return (data['resource'] as { kind: string }).kind;
}
