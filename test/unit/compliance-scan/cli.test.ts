import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { lakewarden } from '../../support/cli.ts';

const cwd = mkdtempSync(join(tmpdir(), 'lakewarden-cli-'));
beforeAll(() => mkdirSync(join(cwd, 'manifests')));
afterAll(() => rmSync(cwd, { recursive: true }));

function write(name: string, content: unknown): void {
  writeFileSync(join(cwd, name), typeof content === 'string' ? content : JSON.stringify(content));
}

const service = {
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'trino', namespace: 'lake' },
  spec: { type: 'LoadBalancer', ports: [{ port: 8080 }] },
};
const only = ['--only', 'kubernetes-no-open-load-balancers'];
const scan = (...more: string[]) => lakewarden(['scan', '--manifests', 'manifests', ...only, ...more], { cwd });

test('a scan ends with 1 for findings, which files of all formats hold, and with 0 when only milder ones matter less', async () => {
  write('manifests/trino.json', service);
  const found = await scan('--state', 'state', '--output', 'a.html', 'a.sarif', 'junit=a.txt');
  expect([found.code, found.err.includes('kubernetes/manifests/*/Service: 1 resource')]).toEqual([1, true]);
  expect(found.out).toMatch(
    /HIGH {2}kubernetes-no-open-load-balancers.*\n {2}trino: .*manifests\/trino.json|trino.json:1/,
  );
  expect(found.out).toMatch(/1 open \(1 high\); 0 waived; 1 new/);
  expect(readFileSync(join(cwd, 'a.html'), 'utf8')).toMatch(/^<!doctype html>/i);
  expect(JSON.parse(readFileSync(join(cwd, 'a.sarif'), 'utf8'))).toMatchObject({ version: '2.1.0' });
  expect(readFileSync(join(cwd, 'a.txt'), 'utf8')).toMatch(/^<\?xml/);
  const again = await scan('--state', 'state', '--fail-on', 'critical', '--format', 'json', '--quiet');
  expect([again.code, again.err]).toEqual([0, '']);
  const report = JSON.parse(again.out) as { findings: { transition?: unknown; id: string }[] };
  expect(report.findings.map(({ transition }) => transition)).toEqual([undefined]);
  const explained = await lakewarden(
    ['scan', 'explain', report.findings[0]?.id.slice(0, 8) ?? '', '--state', 'state', '--manifests', 'manifests'],
    { cwd },
  );
  expect(explained.out).toMatch(/kubernetes.Service trino[\s\S]*remedy/);
});

test('a waiver in the settings makes it 0', async () => {
  mkdirSync(join(cwd, 'waivers'));
  const expires = new Date(Date.now() + 10 * 86_400_000).toISOString();
  const waiver = { id: 'w', rule: 'kubernetes-*', resource: { name: 'trino' }, owner: 'a', approver: 'b', reason: 'r' };
  write('waivers/w.yaml', { ...waiver, expires });
  write('scan.yaml', { waivers: { folder: join(cwd, 'waivers') } });
  const waived = await scan('--config', 'scan.yaml');
  expect([waived.code, /0 open; 1 waived/.test(waived.out)]).toEqual([0, true]);
});

test('what could not be scanned is 2: unreadable files, no system, an output nobody knows', async () => {
  write('manifests/trino.json', { ...service, spec: { ...service.spec, type: 'ClusterIP' } });
  write('manifests/broken.yaml', 'kind: [');
  const broken = await scan();
  expect([broken.code, /NOT LOOKED AT[\s\S]*broken\.yaml/.test(broken.out)]).toEqual([2, true]);
  const nothing = await lakewarden(['scan'], { cwd });
  expect([nothing.code, /name at least one system/.test(nothing.err)]).toEqual([2, true]);
  const odd = await scan('--output', 'a.doc');
  expect([odd.code, existsSync(join(cwd, 'a.doc'))]).toEqual([2, false]);
});
