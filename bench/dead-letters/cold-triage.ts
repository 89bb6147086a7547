import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { KafkaLink } from '#shared/kafka/kafka-link.ts';
import { TopicAdmin } from '#shared/kafka/topic-admin.ts';
import { eventHeaders, startFunction } from '../../test/support/function-process.ts';
import { packageFunction } from '../../tools/package.ts';

const source = join(import.meta.dirname, '../../functions/dead-letter-triage');

/** Milliseconds from the start of the packaged function to the first event about a group that reaches its sink, at each round. */
export async function startTriageCold(
  broker: string,
  topic: string,
  rounds: number,
  tell: (line: string) => void,
): Promise<number[]> {
  const temp = mkdtempSync(join(tmpdir(), 'lakewarden-bench-'));
  const sink = new Sink();
  try {
    const { folder } = await packageFunction(source, join(temp, 'triage'));
    const times: number[] = [];
    await makeStates(broker, rounds);
    for (let round = 0; round < rounds; round += 1) {
      const settings = join(temp, 'settings.json');
      const state = { topic: stateTopic(round), partitions: 1 };
      writeFileSync(
        settings,
        JSON.stringify({ topics: [topic], group: `cold-${round}`, state, kafka: { brokers: [broker] } }),
      );
      const env = { LAKEWARDEN_CONFIG: settings, K_SERVICE: 'dead-letter-triage', K_SINK: await sink.address() };
      const began = performance.now();
      const command = [process.execPath, '--max-semi-space-size=4', join(folder, 'index.cjs')] as const;
      const started = await startFunction({ entry: '', cwd: tmpdir(), command: [...command], env });
      try {
        const got = sink.next();
        const headers = { ...eventHeaders('dev.knative.sources.ping'), 'content-type': 'application/json' };
        const answer = started.send({ headers, body: '{}' });
        times.push((await got) - began);
        await answer;
      } finally {
        await started.end();
      }
      tell(`start to the first event: ${times.at(-1)?.toFixed(0)} ms, ready after ${started.startedIn.toFixed(0)} ms`);
    }
    return times;
  } finally {
    sink.close();
    rmSync(temp, { recursive: true });
  }
}

const stateTopic = (round: number): string => `state-cold-${round}`;

/** Each round has a state of its own: the one before was killed within a transaction. */
async function makeStates(broker: string, rounds: number): Promise<void> {
  const link = new KafkaLink({ brokers: [broker], deadlineMs: 30_000 });
  const admin = new TopicAdmin(link);
  for (let round = 0; round < rounds; round += 1)
    await admin.create(stateTopic(round), { partitions: 1, settings: { 'cleanup.policy': 'compact' } });
  await link.close();
}

/** Takes all events, and tells when one about a group came. */
class Sink {
  readonly #server: Server;
  #got: (time: number) => void = () => {};

  constructor() {
    this.#server = createServer((request, response) => {
      if (String(request.headers['ce-type']).startsWith('dev.lakewarden.deadletter.group.'))
        this.#got(performance.now());
      request.resume().once('end', () => response.writeHead(202).end());
    });
  }

  async address(): Promise<string> {
    if (!this.#server.listening)
      await new Promise<void>((resolve) => void this.#server.listen(0, '127.0.0.1', () => resolve()));
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** The time of the next event about a group. */
  next(): Promise<number> {
    return new Promise((resolve) => {
      this.#got = resolve;
    });
  }

  close(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }
}
