import { expect, test } from '@jest/globals';
import { LakewardenError } from '#shared/errors/error.ts';
import { createLog } from '#shared/observe/log.ts';
import { createMetrics } from '#shared/observe/metrics.ts';
import { scrub } from '#shared/observe/scrub.ts';
import { traceEvent } from '#shared/observe/trace.ts';

test('addresses and queries lose their secrets, and nothing else', () => {
  expect(scrub('GET http://user:pa@host:9870/webhdfs/v1/x?op=OPEN&delegation=abc&offset=0 failed')).toBe(
    'GET http://***@host:9870/webhdfs/v1/x?op=OPEN&delegation=***&offset=0 failed',
  );
  expect(scrub('mail to a@b.example, http://host/a@b')).toBe('mail to a@b.example, http://host/a@b');
});

test.each([
  ['https://x.blob.example/a?se=2026&sig=hunter2%3D&sp=r', 'https://x.blob.example/a?se=2026&sig=***&sp=r'],
  ['https://x/?access_token=hunter2', 'https://x/?access_token=***'],
  [
    'https://x/?X-Amz-Security-Token=hunter2&X-Amz-Signature=hunter2',
    'https://x/?X-Amz-Security-Token=***&X-Amz-Signature=***',
  ],
  ['client_secret=hunter2 was wrong', 'client_secret=*** was wrong'],
  ['AWS_SECRET_ACCESS_KEY=hunter2', 'AWS_SECRET_ACCESS_KEY=***'],
  ['AccountKey=hunter2==', 'AccountKey=***'],
  ['Authorization: Bearer hunter2.abc-1', 'Authorization: Bearer ***'],
  ['Authorization: Basic aHVudGVyMg==', 'Authorization: Basic ***'],
  ['events are taken with a Bearer token, design=x', 'events are taken with a Bearer token, design=x'],
])('what is secret in %s is taken out', (text, scrubbed) => {
  expect(scrub(text)).toBe(scrubbed);
});

test('a line of the log is JSON, with errors and their causes as data and telling keys hidden', () => {
  const lines: string[] = [];
  const log = createLog({ function: 'echo', level: 'info' }, { write: (line: string) => void lines.push(line) });
  const cause = Object.assign(new Error('connect to http://u:hunter2@h'), { code: 'ECONNREFUSED' });
  const error = new LakewardenError('hdfs.unavailable', 'no NameNode answers', { details: { path: '/x' }, cause });
  log.error({ err: error, password: 'hunter2', kafka: { sasl: { password: 'hunter2' } } }, 'failed');
  log.debug('not at this level');
  expect(lines).toHaveLength(1);
  expect(lines[0]).not.toContain('hunter2');
  expect(JSON.parse(lines[0] ?? '')).toMatchObject({
    level: 'error',
    function: 'echo',
    time: expect.stringMatching(/^\d{4}-.*Z$/),
    err: { code: 'hdfs.unavailable', details: { path: '/x' }, cause: { code: 'ECONNREFUSED' } },
    msg: 'failed',
  });
});

test('calls to other systems are counted by their result', async () => {
  const metrics = createMetrics('echo');
  metrics.startCall('hdfs', 'LISTSTATUS')('ok');
  metrics.startCall('hdfs', 'LISTSTATUS')('hdfs.unavailable');
  const text = await metrics.text();
  for (const result of ['ok', 'hdfs.unavailable']) {
    const line = `lakewarden_call_seconds_count{function="echo",system="hdfs",operation="LISTSTATUS",result="${result}"} 1`;
    expect(text).toContain(line);
  }
});

test('without an SDK the trace is handed on as it came', async () => {
  const incoming = { traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01' };
  const event = { id: '1', source: '/test', type: 'test.echo' };
  expect(await traceEvent(event, incoming, (own) => Promise.resolve(own))).toEqual({
    headers: incoming,
    id: '0af7651916cd43dd8448eb211c80319c',
  });
});
