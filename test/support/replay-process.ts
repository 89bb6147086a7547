import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { flushCompileCache } from 'node:module';
import type { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { KafkaLink } from '#shared/kafka/kafka-link.ts';
import { RecordReader } from '#shared/kafka/record-reader.ts';
import { TransactionalWriter } from '#shared/kafka/transactional-writer.ts';

/**
 * Starts a process that copies a topic's first partition into another topic, each piece of 20 records and its position in one
 * transaction, and prints a line after each.
 */
export function startReplay(broker: string, source: string, target: string): ChildProcessByStdio<null, Readable, null> {
  const program = fileURLToPath(import.meta.url);
  return spawn(process.execPath, [program, broker, source, target], { stdio: ['ignore', 'pipe', 'inherit'] });
}

async function replay(broker: string, source: string, target: string): Promise<void> {
  const link = new KafkaLink({ brokers: [broker], deadlineMs: 15_000 });
  const id = `copy-${source}`;
  const writer = new TransactionalWriter(link, id);
  await writer.begin();
  const positions = await writer.committedPositions(id, source, [0]);
  let isOpen = true;
  for await (const { records, next } of new RecordReader(link).read(source, 0, positions.get(0) ?? 0n))
    for (let at = 0; at < records.length; at += 20) {
      const some = records.slice(at, at + 20);
      if (!isOpen) await writer.begin();
      await writer.send(some.map((record) => ({ ...record, topic: target })));
      const position = records[at + 20]?.offset ?? next;
      await writer.commitPositions(id, [{ topic: source, partition: 0, next: position }]);
      // So that kills hit open transactions, too.
      await sleep(Math.random() * 20);
      await writer.commit();
      isOpen = false;
      process.stdout.write('.\n');
    }
  await writer.close();
  await link.close();
}

if (import.meta.main) {
  // Whoever is killed hands on what it has compiled, too.
  flushCompileCache();
  const [broker = '', source = '', target = ''] = process.argv.slice(2);
  await replay(broker, source, target);
}
