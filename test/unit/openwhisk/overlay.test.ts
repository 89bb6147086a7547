import { expect, test } from '@jest/globals';
import { settingsSchema as ofScan } from '#functions/compliance-scan/config.ts';
import { settingsSchema as ofTriage } from '#functions/dead-letter-triage/config.ts';
import { settingsSchema as ofSync } from '#functions/metastore-sync/config.ts';
import { settingsSchema as ofCompaction } from '#functions/partition-compaction/config.ts';
import { readSettings } from '#shared/config/read-settings.ts';
import { readFunctionSettings } from '#shared/host/host-settings.ts';
import { declaredSchema } from '../../../cli/openwhisk/declared-schema.ts';

const declared = readSettings(declaredSchema, { files: 'manifests/overlays/openwhisk', env: {} });

test.each([
  ['compliance-scan', ofScan],
  ['dead-letter-triage', ofTriage],
  ['metastore-sync', ofSync],
  ['partition-compaction', ofCompaction],
])('the settings that manifests/overlays/openwhisk binds are settings of %s', (name, schema) => {
  const action = declared.actions[`lakewarden/${name}`];
  expect(action?.code).toBe(`../../../functions/${name}/dist/openwhisk.js`);
  expect(() => readFunctionSettings(schema, { values: action?.settings ?? {}, env: {} })).not.toThrow();
  expect(Object.values(declared.rules).map((rule) => rule.action)).toContain(`lakewarden/${name}`);
});
