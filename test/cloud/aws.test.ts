import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Evaluation } from '#functions/compliance-scan/evaluate.ts';
import { openAws } from '#functions/compliance-scan/inventory/aws/open-aws.ts';
import { awsSettings } from '#functions/compliance-scan/inventory/aws/settings.ts';
import type { Source } from '#functions/compliance-scan/inventory/source.ts';
import type { Resource } from '#functions/compliance-scan/model/resource.ts';
import type { Verdict } from '#functions/compliance-scan/model/verdict.ts';
import { awsRules } from '#functions/compliance-scan/rules/aws/aws-rules.ts';
import { labelRules } from '#functions/compliance-scan/rules/labels/label-rules.ts';
import { networkRules } from '#functions/compliance-scan/rules/network/network-rules.ts';
import { credentials, type Emulator, startEmulator } from './emulator.ts';

const { signal } = new AbortController();
let emulator: Emulator;
let source: Source;
const resources: Resource[] = [];
const verdicts: Verdict[] = [];

beforeAll(async () => {
  Object.assign(process.env, credentials);
  emulator = await startEmulator({ groups: 40, instances: 6, volumes: 12, buckets: 8 });
  const account = { id: '123456789012', regions: ['eu-central-1'] };
  source = openAws(awsSettings.parse({ accounts: [account], endpoint: emulator.url, bucketAccess: true }));
  const rules = [...networkRules, ...awsRules, ...labelRules];
  const active = rules.map((rule) => ({ rule, parameters: rule.parameters?.parse({}) ?? {}, severity: rule.severity }));
  const evaluation = new Evaluation(active, { now: 0, ownerOf: () => undefined });
  for await (const scope of source.scopes(evaluation.kinds, signal))
    for await (const page of source.list(scope, signal)) {
      resources.push(...page);
      for (const resource of page) verdicts.push(...evaluation.add(resource));
    }
  verdicts.push(...evaluation.finish());
}, 300_000);

afterAll(async () => {
  await source?.close();
  await emulator?.stop();
});

/** The ids of resources of which a rule says so. */
function ids(rule: string, wanted: (verdict: Verdict) => boolean): string[] {
  const found = verdicts.filter((verdict) => verdict.rule === rule && wanted(verdict));
  return [...new Set(found.map(({ resource }) => resource.place.id ?? ''))].toSorted();
}

test('each security group is judged as it is, none more and none less', () => {
  const rule = 'network-no-open-admin-ports';
  const { world, wide, closed } = emulator.truth;
  const ofSsh = (wanted: string) => ids(rule, ({ part, exposure }) => part === 'ssh' && exposure === wanted);
  expect(ofSsh('world')).toEqual(world.toSorted());
  expect(ofSsh('wide')).toEqual(wide.toSorted());
  const passed = ids(rule, ({ status }) => status === 'pass');
  expect(closed.filter((id) => !passed.includes(id))).toEqual([]);
});

test('groups of instances are told apart from those of nothing', () => {
  const guarding = new Set(ids('network-no-unused-groups', ({ status }) => status === 'pass'));
  const used = resources
    .filter(({ kind }) => kind === 'aws.Instance')
    .flatMap(({ body }) => (body as { groups: string[] }).groups);
  expect(used.length).toBe(6);
  expect(used.filter((id) => !guarding.has(id))).toEqual([]);
});

test.each(['SecurityGroup', 'Instance', 'Volume', 'Bucket'] as const)(
  'every aws.%s without an owner is found',
  (kind) => {
    const of = ({ resource }: Verdict): boolean => resource.kind === `aws.${kind}` && resource.name !== 'default';
    const failed = ids('labels-required', (verdict) => of(verdict) && verdict.status === 'fail');
    expect(failed.length).toBe(emulator.truth.unowned[kind]);
  },
);

test('plain disks, instances without tokens and open buckets are found', () => {
  const plain = resources.filter(
    ({ kind, body }) => kind === 'aws.Volume' && !(body as { encrypted: boolean }).encrypted,
  );
  expect(ids('aws-volumes-encrypted', ({ status }) => status === 'fail').length).toBe(plain.length);
  expect(plain.length).toBeGreaterThan(0);
  expect(ids('aws-buckets-closed', ({ status }) => status === 'fail').length).toBe(8);
  expect(ids('aws-metadata-tokens', ({ status }) => status !== 'pass').length).toBe(6);
});

test('what is read again by itself is what the listing showed', async () => {
  for (const kind of ['SecurityGroup', 'NetworkInterface', 'Instance', 'Volume', 'Bucket', 'BucketAccess']) {
    const listed = resources.find((resource) => resource.kind === `aws.${kind}`) as Resource;
    expect(await source.read(listed, signal)).toEqual(listed);
    const other = listed.uid.replace(/.$/u, (last) => (last === '0' ? '1' : '0'));
    const gone = { ...listed, uid: kind.startsWith('Bucket') ? `${listed.uid}-gone` : other };
    expect(await source.read(gone, signal)).toBeUndefined();
  }
});
