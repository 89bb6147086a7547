import { copyFileSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import type { z } from 'zod';
import { settingsSchema as scanSettings } from '#functions/compliance-scan/config.ts';
import { readDoorbell as readScan } from '#functions/compliance-scan/doorbell.ts';
import { readHdfsChanges } from '#functions/compliance-scan/inventory/hdfs/changes.ts';
import { readHiveChanges } from '#functions/compliance-scan/inventory/hive/changes.ts';
import type { Source } from '#functions/compliance-scan/inventory/source.ts';
import { settingsSchema as triageSettings } from '#functions/dead-letter-triage/config.ts';
import { readDoorbell as readTriage } from '#functions/dead-letter-triage/doorbell.ts';
import { settingsSchema as syncSettings } from '#functions/metastore-sync/config.ts';
import { readDoorbell as readSync } from '#functions/metastore-sync/doorbell.ts';
import { settingsSchema as compactionSettings } from '#functions/partition-compaction/config.ts';
import { readDoorbell as readCompaction } from '#functions/partition-compaction/doorbell.ts';
import { asError, isError } from '#shared/errors/error.ts';
import { readFunctionSettings } from '#shared/host/host-settings.ts';
import { parseStructured } from '#shared/host/parse-event.ts';
import { functionNames, ofKind, readFolder, repository, type With } from '../../support/manifests.ts';
import { passes, type TriggerSpec } from '../../support/trigger-filter.ts';

const folder = mkdtempSync(join(tmpdir(), 'lakewarden-taken-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** The settings of a function as an overlay's ConfigMap has them. */
function settingsOf<Schema extends z.ZodObject>(schema: Schema, overlay: string, name: string): z.output<Schema> {
  const files = mkdtempSync(join(folder, 'settings-'));
  copyFileSync(join(repository, `manifests/base/${name}/settings.yaml`), join(files, '10-base.yaml'));
  copyFileSync(join(repository, `manifests/overlays/${overlay}/settings/${name}.yaml`), join(files, '50-lake.yaml'));
  return readFunctionSettings(schema, { files, env: {} }).settings;
}

const triggers: With<TriggerSpec>[] = ofKind(readFolder('base/eventing'), 'Trigger');
const pings: With<{ data: string; ceOverrides: { extensions: { function: string } } }>[] = ofKind(
  readFolder('base/eventing'),
  'PingSource',
);

/** An event with its attributes and data, as it stands in events/examples. */
type Example = Readonly<Record<string, unknown>> & { readonly type: string };

const examples = readdirSync(join(repository, 'events/examples')).map(
  (name) => JSON.parse(readFileSync(join(repository, 'events/examples', name), 'utf8')) as Example,
);
const ticks = pings.map(({ spec, metadata }): Example => {
  const common = { specversion: '1.0', id: '1', source: `/apis/v1/namespaces/lakewarden/pingsources/${metadata.name}` };
  return {
    ...common,
    type: 'dev.knative.sources.ping',
    data: JSON.parse(spec.data) as unknown,
    ...spec.ceOverrides.extensions,
  };
});

/** What reads events in each function, with the settings of an overlay. */
function readersOf(overlay: string): Readonly<Record<string, (event: Example) => unknown>> {
  const sync = settingsOf(syncSettings, overlay, 'metastore-sync');
  const compaction = settingsOf(compactionSettings, overlay, 'partition-compaction');
  const triage = settingsOf(triageSettings, overlay, 'dead-letter-triage');
  const { hive, hdfs } = settingsOf(scanSettings, overlay, 'compliance-scan').sources;
  // Systems that the settings leave out know no events.
  const sources = [
    ...(hive === undefined ? [] : [(event: Parameters<Source['changes']>[0]) => readHiveChanges(event, 'lake')]),
    ...(hdfs === undefined ? [] : [(event: Parameters<Source['changes']>[0]) => readHdfsChanges(event, hdfs)]),
  ].map((changes) => ({ changes }) as Source);
  return {
    'metastore-sync': (event) => readSync(parseStructured(event), sync),
    'partition-compaction': (event) => readCompaction(parseStructured(event), compaction),
    'dead-letter-triage': (event) => readTriage(parseStructured(event), triage),
    'compliance-scan': (event) => readScan(parseStructured(event), sources),
  };
}

/** Why an event is not understood. Where the objects of a bucket lie in the lake, only the settings of a site can say. */
function refusalOf(read: () => unknown): string | undefined {
  try {
    read();
    return undefined;
  } catch (error) {
    return isError(error, 'path.outside_root') ? undefined : asError(error).message;
  }
}

// Replays by events are refused until somebody allows them: replay.byEvents.
const refusedAtFirst = ['dev.lakewarden.replay.requested'];

test.each(['dev', 'production'])(
  'in overlay %s each function reads what its Triggers bring, so that no event fills the dead letters',
  (overlay) => {
    const readers = readersOf(overlay);
    const brought = new Set<string>();
    const refusals: string[] = [];
    for (const event of [...examples, ...ticks])
      for (const { spec } of triggers) {
        const { name } = spec.subscriber.ref;
        if (!passes(spec.filters, event) || refusedAtFirst.includes(event.type)) continue;
        brought.add(name);
        const refusal = refusalOf(() => readers[name]?.(event));
        if (refusal !== undefined) refusals.push(`${name}, ${event.type}: ${refusal}`);
      }
    expect(refusals).toEqual([]);
    expect([...brought].toSorted()).toEqual(functionNames);
  },
);
