import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { KafkaRecord } from '#shared/kafka/record.ts';
import { javaTool } from '#lake-in-a-box/jvm.ts';
import { classPathOf } from './java-program.ts';

/** A record to write. */
export type WrittenRecord = Pick<KafkaRecord, 'partition' | 'timestamp' | 'key' | 'value' | 'headers'>;
/** How the Java client packs batches. */
export type Codec = 'none' | 'gzip' | 'snappy' | 'lz4' | 'zstd';

/** Kafka's own client in a Java process: what it writes and reads is the truth for tests. */
export interface JavaClient {
  write(topic: string, codec: Codec, records: readonly WrittenRecord[]): Promise<void>;
  /** All records that a reader of committed records sees, in the order of their partitions and offsets. */
  read(topic: string): Promise<KafkaRecord[]>;
  /** The partitions that the default partitioner chooses for keys. */
  partitionsOf(keys: readonly Uint8Array[], count: number): Promise<number[]>;
  close(): Promise<void>;
}

/** The client, whose process starts when it is first asked. */
export function useJavaClient(broker: string): JavaClient {
  let process: ReturnType<typeof startProcess> | undefined;
  let before: Promise<unknown> = Promise.resolve();
  // One after the other: two that wait for lines at once would take them from each other.
  const ask = (command: string, records: readonly string[] = []): Promise<string[]> => {
    process ??= startProcess(broker);
    const started = process;
    const answer = before.then(async () => (await started).ask(command, records));
    before = answer.catch(() => undefined);
    return answer;
  };
  return {
    async write(topic, codec, records) {
      await ask(`write ${topic} ${codec} ${records.length}`, records.map(writeLine));
    },
    async read(topic) {
      const records = (await ask(`read ${topic}`)).map((line) => readLine(topic, line));
      return records.toSorted((a, b) => a.partition - b.partition || Number(a.offset - b.offset));
    },
    async partitionsOf(keys, count) {
      return (await ask(`partition ${count} ${keys.length}`, keys.map(text))).map(Number);
    },
    async close() {
      await (await process)?.end();
    },
  };
}

async function startProcess(broker: string) {
  const classPath = await classPathOf(['kafka'], 'KafkaOracle.java');
  // Without a configuration its log would go to standard output.
  const quiet = ['-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC', '-Xmx256m', '-Dorg.apache.logging.log4j.level=OFF'];
  const child = spawn(javaTool('java'), [...quiet, '-cp', classPath, 'KafkaOracle', broker], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const exited = once(child, 'exit');
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    async ask(command: string, records: readonly string[]): Promise<string[]> {
      child.stdin.write(`${[command, ...records].join('\n')}\n`);
      const answer: string[] = [];
      for (;;) {
        const { value, done } = await lines.next();
        if (done === true) throw new Error(`the Java client ended at: ${command}`);
        if (value === 'end') return answer;
        answer.push(value);
      }
    },
    async end(): Promise<void> {
      child.stdin.end();
      await exited;
    },
  };
}

function writeLine({ partition, timestamp, key, value, headers }: WrittenRecord): string {
  return [partition, timestamp, text(key), text(value), ...headers.flat().map(text)].join(' ');
}

function readLine(topic: string, line: string): KafkaRecord {
  const [place = '', time = '', key = '', value = '', ...headers] = line.split(' ');
  const [partition, offset = '', type] = place.split(':');
  const pairs = Array.from({ length: headers.length / 2 }, (_, index) => headers.slice(2 * index, 2 * index + 2));
  return {
    topic,
    partition: Number(partition),
    offset: BigInt(offset),
    timestamp: BigInt(time),
    timestampType: type === 'LogAppendTime' ? 'append' : 'create',
    key: bytes(key),
    value: bytes(value),
    headers: pairs.map(([name = '', content = '']) => [bytes(name) ?? Buffer.alloc(0), bytes(content)] as const),
  };
}

function text(content: Uint8Array | null): string {
  return content === null ? '-' : `=${Buffer.from(content).toString('base64')}`;
}

function bytes(word: string): Buffer | null {
  return word === '-' ? null : Buffer.from(word.slice(1), 'base64');
}
