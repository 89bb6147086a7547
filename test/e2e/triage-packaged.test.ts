import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { deadRecord } from '../support/dead-letters.ts';
import { EventReceiver } from '../support/event-receiver.ts';
import { eventHeaders, startFunction } from '../support/function-process.ts';
import { useKafka } from '../support/kafka-lake.ts';
import { useTriage, writeLetters } from '../support/triage-lake.ts';
import { packageFunction } from '../../tools/package.ts';

const kafka = await useKafka();
const prepare = useTriage(kafka);
const temp = mkdtempSync(join(tmpdir(), 'lakewarden-packaged-'));
afterAll(() => rmSync(temp, { recursive: true }));

test('packaged and started as a buildpack starts it, the first event brings a verdict', async () => {
  const topic = await kafka.create();
  const triage = await prepare([topic], { quarantine: { root: `/triage_${topic}`, format: 'parquet' } });
  await writeLetters(kafka, [{ ...deadRecord(), topic, partition: 0 }]);
  const { folder } = await packageFunction(join(import.meta.dirname, '../../functions/dead-letter-triage'), temp);
  const settings = join(temp, 'settings.json');
  writeFileSync(settings, JSON.stringify(triage.written));
  const receiver = new EventReceiver();
  const env = { LAKEWARDEN_CONFIG: settings, K_SINK: await receiver.start() };
  const started = await startFunction({ entry: folder, cwd: folder, command: ['npm', 'start'], env });
  try {
    const answer = await started.send({ headers: eventHeaders('dev.knative.sources.ping') });
    expect([answer.status, answer.headers['lakewarden-outcome']]).toEqual([204, 'done']);
    const opened = receiver.take().map(({ event }) => event);
    expect(opened.find(({ type }) => type === 'dev.lakewarden.deadletter.group.opened')?.data).toMatchObject({
      topic,
      class: 'undecodable.truncated',
      letters: 1,
    });
    started.signal('SIGTERM');
    await started.exited;
    expect(await started.logged({ msg: 'stopped' })).toHaveLength(1);
  } finally {
    await started.end();
    receiver.stop();
    await triage.tools.clients.hdfs?.remove(`/triage_${topic}`, { recursive: true });
  }
  expect(receiver.faults).toEqual([]);
  expect(await triage.groups(topic)).toMatchObject([{ count: 1, verdict: { class: 'undecodable.truncated' } }]);
});
