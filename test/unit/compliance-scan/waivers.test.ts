import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { tryExamples } from '#functions/compliance-scan/model/examples.ts';
import { catalogue } from '#functions/compliance-scan/rules/catalogue.ts';
import { activateRules } from '#functions/compliance-scan/rules/activate.ts';
import { chooseOnly } from '#functions/compliance-scan/scan/choose-only.ts';
import { readWaivers } from '#functions/compliance-scan/waivers/read-waivers.ts';
import { isAbout, waiverSchema } from '#functions/compliance-scan/waivers/waiver.ts';
import { fencedRule, ownedRule } from '../../support/scan-rules.ts';

const folder = mkdtempSync(join(tmpdir(), 'lakewarden-waivers-'));
afterAll(() => rmSync(folder, { recursive: true }));

const good = {
  id: 'bastion',
  rule: 'aws-no-open-*',
  resource: { kind: 'aws.SecurityGroup', name: 'bastion-?' },
  owner: 'ann@example.com',
  approver: 'bob@example.com',
  reason: 'the way in, until the VPN is there',
  expires: '2026-12-31',
};
const limits = { now: Date.UTC(2026, 10, 1), maxDays: 365 };

async function read(text: string) {
  writeFileSync(join(folder, 'waivers.yaml'), text);
  return await readWaivers(folder, limits);
}

describe('a waiver', () => {
  test('holds to the end of its last day, whatever the time zone', () => {
    expect(waiverSchema.parse(good).expires).toBe(Date.UTC(2027, 0, 1));
    expect(waiverSchema.parse({ ...good, expires: '2026-12-31T12:00:00+02:00' }).expires).toBe(
      Date.UTC(2026, 11, 31, 10),
    );
  });

  test.each([
    ['no end', { expires: undefined }],
    ['a day that is not', { expires: '2026-02-30' }],
    ['an end in words', { expires: 'never' }],
    ['a time without an offset', { expires: '2026-12-31T12:00:00' }],
    ['an approver who is the owner', { approver: ' Ann@Example.com ' }],
    ['no approver', { approver: undefined }],
    ['an empty reason', { reason: ' ' }],
    ['all rules', { rule: '*' }],
    ['all resources', { resource: {} }],
    ['a whole kind', { resource: { kind: 'aws.SecurityGroup' } }],
    ['a misspelt key', { resource: { nmae: 'x' } }],
  ])('is refused with %s', (_what, more) => {
    expect(waiverSchema.safeParse({ ...good, ...more }).success).toBe(false);
  });

  test('selects by all that it says', () => {
    const resource = {
      uid: 'aws/1/sg-1',
      kind: 'aws.SecurityGroup',
      scope: 's',
      name: 'bastion-1',
      place: { region: 'eu-west-1' },
      labels: { team: 'data' },
    };
    const about = (more: object) =>
      isAbout(waiverSchema.parse({ ...good, ...more }), { rule: 'aws-no-open-admin-ports', resource });
    expect(about({})).toBe(true);
    expect(about({ rule: 'aws-no-open' })).toBe(false);
    expect(about({ resource: { name: 'bastion-12' } })).toBe(false);
    expect(about({ resource: { name: 'bastion-1', place: { region: 'eu-*' } } })).toBe(true);
    expect(about({ resource: { name: 'bastion-1', place: { account: '*' } } })).toBe(false);
    expect(about({ resource: { labels: { team: 'data' } } })).toBe(true);
    expect(about({ resource: { labels: { toString: '*' } } })).toBe(false);
  });
});

describe('a folder of waivers', () => {
  test('takes lists and single ones, and sets aside what is wrong by name, the others hold', async () => {
    const bad = { ...good, id: 'forever', expires: '2030-01-01' };
    const text = `${JSON.stringify([good, { ...good, id: 'other' }, bad])}\n---\n${JSON.stringify({ ...good, id: 'third' })}\n---\nid: [`;
    const { waivers, problems } = await read(text);
    expect(waivers.map(({ id }) => id)).toEqual(['bastion', 'other', 'third']);
    expect(problems.map(({ message }) => message)).toEqual(
      [
        'waivers.yaml, document 3: not valid YAML (BAD_INDENT)',
        'waivers.yaml, waiver forever: expires: it must end within 365 days from now',
      ].toSorted(),
    );
  });

  test('of two with one id the first holds, and that is said', async () => {
    const { waivers, problems } = await read(JSON.stringify([good, { ...good, rule: 'k8s-x' }]));
    expect(waivers.map(({ rule }) => rule)).toEqual(['aws-no-open-*']);
    expect(problems.map(({ message }) => message)).toEqual([
      'waivers.yaml, waiver bastion: another waiver has this id, and holds',
    ]);
  });

  test('that is not there is an error, since all findings would seem to come back', async () => {
    await expect(readWaivers(join(folder, 'none'), limits)).rejects.toMatchObject({ code: 'config.invalid' });
  });
});

describe('rules', () => {
  test('live up to their own examples, and no two have one id', () => {
    expect(catalogue.flatMap((rule) => tryExamples(rule))).toEqual([]);
    expect(new Set(catalogue.map(({ id }) => id)).size).toBe(catalogue.length);
  });

  test('take parameters from their setting first, then from the site, then their own', () => {
    const days = (settings: Record<string, object>, site: Record<string, unknown>) =>
      activateRules(catalogue, settings, site).find(({ rule }) => rule.id === 'waiver-expiring')?.parameters;
    expect(days({}, {})).toEqual({ days: 14 });
    expect(days({}, { days: 3, people: ['x'] })).toEqual({ days: 3 });
    expect(days({ 'waiver-expiring': { parameters: { days: 5 } } }, { days: 3 })).toEqual({ days: 5 });
  });

  test('that are unknown, or parameters that do not fit, are refused by name, all at once', () => {
    const settings = { 'waiver-expird': {}, 'waiver-expiring': { parameters: { days: -1 } } };
    expect(() => activateRules(catalogue, settings, {})).toThrow(
      /rules\.waiver-expird: there is no such rule; did you mean waiver-expired\? \| rules\.waiver-expiring\.parameters\.days/,
    );
    expect(() => activateRules(catalogue, { 'waiver-unused': { parameters: { x: 1 } } }, {})).toThrow(/no parameters/);
  });

  test('can be turned off, and be made milder', () => {
    const active = activateRules(
      [ownedRule, fencedRule],
      { 'test-owned': { enabled: false }, 'test-fenced': { severity: 'low' } },
      {},
    );
    expect(active.map(({ rule, severity }) => [rule.id, severity])).toEqual([['test-fenced', 'low']]);
  });

  test('are chosen by their ids, kinds and systems', () => {
    const active = activateRules([ownedRule, ...catalogue], {}, {});
    expect(chooseOnly(['test'], active)).toEqual({ rules: ['test-owned'], kinds: ['test.Thing'] });
    expect(chooseOnly(['test-*'], active)).toEqual({ rules: ['test-owned'] });
    expect(() => chooseOnly(['test-ownd'], active)).toThrow(/did you mean test-owned/);
    expect(() => chooseOnly(['lakewarde'], active)).toThrow(/did you mean lakewarden/);
  });
});
