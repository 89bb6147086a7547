import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { LocalFolder } from '#functions/compliance-scan/state/local-folder.ts';
import { reportOfTopics, topicFiles } from '../../support/lake-report.ts';
import { openStateFolder, readSnapshot, writeSnapshot } from '../../../cli/report/report-state.ts';
import { makeSnapshot } from '../../../cli/report/snapshot.ts';

let folder = '';
let told: string[] = [];
const tell = (problem: string): void => void told.push(problem);
beforeEach(() => {
  told = [];
  folder = mkdtempSync(join(tmpdir(), 'lakewarden-report-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const snapshotAt = (madeAt: string) => makeSnapshot({ ...reportOfTopics([topicFiles('t', 3)]), madeAt }, {});

describe('the folder of snapshots', () => {
  test('gives the one that was written last, whatever the clock said, and keeps three', async () => {
    const state = new LocalFolder(join(folder, 'made', 'here'));
    expect(await readSnapshot(state, tell)).toBeUndefined();
    for (const day of ['05', '04', '03', '02', '01'])
      await writeSnapshot(state, snapshotAt(`2026-11-${day}T00:00:00.000Z`));
    expect(await readSnapshot(state, tell)).toMatchObject({ madeAt: '2026-11-01T00:00:00.000Z' });
    const names = ['report-000000003.json', 'report-000000004.json', 'report-000000005.json'];
    expect(readdirSync(join(folder, 'made', 'here')).toSorted()).toEqual(names);
  });

  test.each([
    ['cut short', '{"version":1,"madeAt":'],
    ['of another version', '{"version":2}'],
    ['of nothing', ''],
  ])('passes over one that is %s, says so, and goes on', async (_, text) => {
    const state = new LocalFolder(folder);
    await writeSnapshot(state, snapshotAt('2026-11-01T00:00:00.000Z'));
    writeFileSync(join(folder, 'report-000000007.json'), text);
    expect(await readSnapshot(state, tell)).toMatchObject({ madeAt: '2026-11-01T00:00:00.000Z' });
    expect(told).toEqual([expect.stringContaining('report-000000007.json is damaged')]);
    await writeSnapshot(state, snapshotAt('2026-11-02T00:00:00.000Z'));
    expect(await readSnapshot(state, tell)).toMatchObject({ madeAt: '2026-11-02T00:00:00.000Z' });
    expect(told).toHaveLength(1);
  });

  test('leaves what is not its own', async () => {
    const state = new LocalFolder(folder);
    mkdirSync(join(folder, 'report-000000001.json.d'));
    writeFileSync(join(folder, 'notes.txt'), 'mine');
    for (let round = 0; round < 5; round += 1) await writeSnapshot(state, snapshotAt('2026-11-01T00:00:00.000Z'));
    expect(readdirSync(folder)).toEqual(expect.arrayContaining(['notes.txt', 'report-000000001.json.d']));
  });

  test('in HDFS wants settings that name HDFS', () => {
    expect(() => openStateFolder('hdfs:///reports', undefined)).toThrow(/needs settings that name HDFS/);
  });
});
