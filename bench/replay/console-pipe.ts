import { type ChildProcess, spawn } from 'node:child_process';
import { resolveJars } from '#lake-in-a-box/jars.ts';
import { javaTool } from '#lake-in-a-box/jvm.ts';
import { type Took, watch } from './watch.ts';

/** Bytes that no record holds. */
const nothing = '<<null>>';

/** Copies a topic by Kafka's own console tools, as people do it: with keys, headers, and a word for null. */
export async function pipe(broker: string, from: string, to: string, count: number): Promise<Took> {
  const jars = await resolveJars('console-tools', () => {}, new AbortController().signal);
  const start = (main: string, options: readonly string[], stdio: 'pipe'): ChildProcess =>
    spawn(
      javaTool('java'),
      ['-Dlog4j2.level=OFF', '-cp', jars.join(':'), main, '--bootstrap-server', broker, ...options],
      {
        stdio: [stdio, stdio, 'ignore'],
      },
    );
  const properties = (flag: string, all: Readonly<Record<string, string>>): string[] =>
    Object.entries(all).flatMap(([name, value]) => [flag, `${name}=${value}`]);
  const consumer = start(
    'org.apache.kafka.tools.consumer.ConsoleConsumer',
    [
      '--topic',
      from,
      '--from-beginning',
      '--max-messages',
      String(count),
      ...properties('--command-property', { 'isolation.level': 'read_committed' }),
      ...properties('--formatter-property', { 'print.key': 'true', 'print.headers': 'true', 'null.literal': nothing }),
    ],
    'pipe',
  );
  const producer = start(
    'org.apache.kafka.tools.ConsoleProducer',
    [
      '--topic',
      to,
      ...properties('--command-property', { acks: 'all' }),
      ...properties('--reader-property', {
        'parse.key': 'true',
        'parse.headers': 'true',
        'null.marker': nothing,
        'ignore.error': 'true',
      }),
    ],
    'pipe',
  );
  producer.stdout?.resume();
  if (producer.stdin !== null) consumer.stdout?.pipe(producer.stdin);
  const [read, written] = await Promise.all([watch(consumer), watch(producer)]);
  return {
    time: Math.max(read.time, written.time),
    cpu: read.cpu + written.cpu,
    memory: read.memory + written.memory,
  };
}
