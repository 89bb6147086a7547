import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import Ajv2020 from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { complianceScan } from '#functions/compliance-scan/function.ts';
import type { CloudEventOut } from '#shared/events/event.ts';
import type { Outcome, RunningFunction } from '#shared/host/function.ts';
import { readFunctionSettings } from '#shared/host/host-settings.ts';
import { parseStructured } from '#shared/host/parse-event.ts';
import { createLog } from '#shared/observe/log.ts';
import { createMetrics } from '#shared/observe/metrics.ts';

const root = mkdtempSync(join(tmpdir(), 'lakewarden-scan-'));
afterAll(() => rmSync(root, { recursive: true }));
const ajv = addFormats.default(new Ajv2020.default({ allErrors: true, strict: true }));
const log = createLog({ function: 'compliance-scan', level: 'silent' });

/** A folder of manifests, a folder of waivers, and the function that looks at them. */
class Site {
  readonly #name: string;
  metrics = createMetrics('compliance-scan');
  told: CloudEventOut[] = [];
  #running: RunningFunction | undefined;

  constructor(name: string) {
    this.#name = name;
    for (const folder of ['manifests', 'waivers']) mkdirSync(join(root, name, folder), { recursive: true });
  }

  write(file: string, content: unknown): void {
    writeFileSync(join(root, this.#name, file), typeof content === 'string' ? content : JSON.stringify(content));
  }

  /** Sends an event, and answers what was told. */
  async send(
    type: string,
    data: unknown,
    deadline = Date.now() + 60_000,
  ): Promise<{ outcome: Outcome; told: string[] }> {
    const base = join(root, this.#name);
    const values = {
      sources: { manifests: { folder: join(base, 'manifests') } },
      waivers: { folder: join(base, 'waivers') },
      state: { local: join(base, 'state') },
    };
    const { settings } = readFunctionSettings(complianceScan.settings, { values, env: {} });
    // Each event finds another process.
    this.metrics = createMetrics('compliance-scan');
    this.#running = await complianceScan.start(settings, { log, metrics: this.metrics, instance: 'test' });
    this.told = [];
    const emit = async (event: CloudEventOut): Promise<void> => {
      const validate = ajv.getSchema(event.dataschema ?? '') ?? ajv.compile(readSchema(event.type));
      void validate(JSON.parse(JSON.stringify(event.data)));
      expect([event.type, validate.errors]).toEqual([event.type, null]);
      this.told.push(event);
    };
    const event = parseStructured({
      specversion: '1.0',
      id: '1',
      source: '/t',
      type,
      datacontenttype: 'application/json',
      data,
    });
    try {
      const outcome = await this.#running.handle({ event, signal: new AbortController().signal, deadline, log, emit });
      return { outcome, told: this.told.map(wordsOf).toSorted() };
    } finally {
      await this.#running.stop?.();
    }
  }
}

function readSchema(type: string): Record<string, unknown> {
  return JSON.parse(readFileSync(join(import.meta.dirname, `../../../events/${type}.schema.json`), 'utf8')) as never;
}

function wordsOf({ type, data }: CloudEventOut): string {
  const { rule = '', because = '' } = data as { rule?: string; because?: string };
  return [type.replace('dev.lakewarden.', ''), rule, because].filter((word) => word !== '').join(' ');
}

const service = {
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'trino', namespace: 'lake', labels: { owner: 'team-query' } },
  spec: { type: 'LoadBalancer', ports: [{ port: 8080 }], selector: { app: 'trino' } },
};
const open = 'kubernetes-no-open-load-balancers';
const only = { rules: [open, 'waiver-expired', 'waiver-unused', 'waiver-expiring'] };
const ping = 'dev.knative.sources.ping';

test('the function tells what changes, waives what waivers say, and names what it could not read', async () => {
  const site = new Site('story');
  site.write('manifests/trino.json', service);
  expect((await site.send(ping, only)).told).toEqual([`finding.opened ${open}`, 'scan.completed']);
  expect(site.told[0]).toMatchObject({ data: { owner: 'team-query', exposure: 'world', state: 'open' } });
  const opened = site.told[0];
  expect((await site.send(ping, only)).outcome.status).toBe('nothing');

  const expires = new Date(Date.now() + 100 * 86_400_000).toISOString();
  const waiver = {
    id: 'trino',
    rule: open,
    resource: { name: 'trino' },
    owner: 'a',
    approver: 'b',
    reason: 'r',
    expires,
  };
  site.write('waivers/trino.yaml', waiver);
  expect((await site.send(ping, only)).told).toEqual([`finding.waived ${open}`, 'scan.completed']);
  site.write('waivers/trino.yaml', { ...waiver, expires: '2020-01-01' });
  expect((await site.send(ping, only)).told).toEqual([
    `finding.opened waiver-expired`,
    `finding.reopened ${open} waiver-ended`,
    'scan.completed',
  ]);

  site.write('manifests/broken.yaml', 'kind: [');
  site.write('manifests/trino.json', { ...service, spec: { ...service.spec, type: 'ClusterIP' } });
  const { outcome, told } = await site.send(ping, only);
  expect(told).toEqual(['scan.completed', 'scan.incomplete']);
  expect(outcome.status).toBe('partial');
  site.write('manifests/broken.yaml', '');
  expect((await site.send(ping, only)).told).toEqual([`finding.resolved ${open} passes`, 'scan.completed']);
  expect(new Set([opened?.id, ...site.told.map(({ id }) => id)]).size).toBe(3);
  expect(await site.metrics.text()).toMatch(
    /lakewarden_scan_findings\{state="open",severity="medium",area="ownership"/,
  );
});

test('a dry run answers what it would tell, and tells nothing', async () => {
  const site = new Site('dry');
  site.write('manifests/trino.json', service);
  const { outcome, told } = await site.send('dev.lakewarden.scan.requested', { ...only, dryRun: true });
  expect([outcome.status, told]).toEqual(['planned', []]);
  expect(outcome.body).toMatchObject({ open: 1, told: [{ kind: 'opened' }] });
  expect((await site.send(ping, only)).told).toContain(`finding.opened ${open}`);
});

test('without time, a sweep goes on by events to itself until all is done, and tells the same', async () => {
  const site = new Site('slow');
  site.write('manifests/trino.json', service);
  site.write('waivers/none.yaml', {
    id: 'none',
    rule: open,
    resource: { name: 'x' },
    owner: 'a',
    approver: 'b',
    reason: 'r',
    expires: new Date(Date.now() + 100 * 86_400_000).toISOString(),
  });
  await site.send(ping, {}, Date.now());
  const resumed = site.told.find(({ type }) => type === 'dev.lakewarden.compliance-scan.resumed');
  expect(resumed).toMatchObject({ data: { continues: { complete: true, usedWaivers: [] } } });
  const { outcome, told } = await site.send(resumed?.type ?? '', JSON.parse(JSON.stringify(resumed?.data)));
  expect(told).toContain(`finding.opened ${open}`);
  expect(told).toContain('finding.opened waiver-unused');
  expect(outcome.status).toBe('done');
  expect((await site.send(ping, {})).outcome.status).toBe('nothing');
});

test('settings that name no system are refused: nothing found would look like good news', async () => {
  const { settings } = readFunctionSettings(complianceScan.settings, { values: {}, env: {} });
  const tools = { log, metrics: createMetrics('compliance-scan'), instance: 'test' };
  await expect(complianceScan.start(settings, tools)).rejects.toThrow(/name at least one system/);
});
