import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll } from '@jest/globals';
import { startLake } from '#lake-in-a-box/lake.ts';
import { readRecord } from '#lake-in-a-box/record.ts';

/** A Kafka of a test's own, to which things happen. It is stopped and removed when the tests of the file end. */
export interface OwnBroker {
  readonly address: string;
  /** Kills it, leaves nothing there for a second, and starts it again with its data. */
  kill(): Promise<void>;
  /** Lets it hang for so many milliseconds: connections stay, and nothing answers. */
  hang(ms: number): Promise<void>;
}

/** Starts one. */
export async function useOwnBroker(): Promise<OwnBroker> {
  const place = { folder: mkdtempSync(join(tmpdir(), 'lakewarden-test-')), parts: ['kafka'] } as const;
  let lake = await startLake(place);
  afterAll(async () => {
    await lake.stop();
    rmSync(place.folder, { recursive: true });
  });
  const pidOf = (): number => {
    const { pid } = readRecord(place.folder)?.processes.find(({ name }) => name === 'kafka') ?? {};
    if (pid === undefined) throw new Error('no broker');
    return pid;
  };
  return {
    address: lake.addresses.kafka ?? '',
    async kill() {
      // Nobody here goes on meanwhile: transactions stay open, and those that are ending do end. One that Kafka is ending when it
      // is killed may lack its marker in __consumer_offsets for ever, though the coordinator has called it complete (in the logs of
      // a lone broker; most of seven runs hung): its positions stay unstable until somebody aborts it by Kafka's tools.
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 500);
      process.kill(pidOf(), 'SIGKILL');
      await sleep(1_000);
      await lake.stop();
      lake = await startLake({ ...place, keepData: true });
    },
    async hang(ms) {
      const pid = pidOf();
      process.kill(pid, 'SIGSTOP');
      await sleep(ms);
      process.kill(pid, 'SIGCONT');
    },
  };
}
