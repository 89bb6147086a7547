import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { parse } from 'yaml';
import type { z } from 'zod';
import { settingsSchema as ofScan } from '#functions/compliance-scan/config.ts';
import { readRules } from '#functions/compliance-scan/custom/read-rules.ts';
import { waiverSchema } from '#functions/compliance-scan/waivers/waiver.ts';
import { settingsSchema as ofTriage } from '#functions/dead-letter-triage/config.ts';
import { readReplay } from '#functions/dead-letter-triage/replay/plan-schema.ts';
import { settingsSchema as ofSync } from '#functions/metastore-sync/config.ts';
import { emptyTree, overlay } from '#shared/config/tree.ts';
import { hostSettings, readFunctionSettings } from '#shared/host/host-settings.ts';
import { declaredSchema } from '../../../cli/openwhisk/declared-schema.ts';
import { repository } from '../../support/manifests.ts';
import { nameOf, snippetsIn } from '../../support/snippets.ts';

/** Throws when the text is not what it should be. */
type Check = (text: string) => unknown;

type Values = Record<string, unknown>;

const read = (path: string): Values => parse(readFileSync(join(repository, path), 'utf8')) as Values;

/** What stands in files, and over it what a page shows, as settings are laid over each other. */
function laidOver(files: readonly string[], text: string): Values {
  const tree = emptyTree();
  for (const file of files) overlay(tree, read(file), file);
  overlay(tree, parse(text) as Values, 'the page');
  return tree.values;
}

/** Settings of a function, laid over those that our manifests give it. */
function settings(name: string, schema: z.ZodObject): Check {
  const files = [`manifests/base/${name}/settings.yaml`, `manifests/overlays/dev/settings/${name}.yaml`];
  return (text) => readFunctionSettings(schema, { values: laidOver(files, text), env: {} });
}

/** A declaration for OpenWhisk, laid over ours. */
const declaration: Check = (text) => {
  const files = globSync('manifests/overlays/openwhisk/*.yaml', { cwd: repository }).toSorted();
  return declaredSchema.parse(laidOver(files, text));
};

/** Lines of a kustomization in a folder beside `overlays/production`: what they name is there. */
const kustomization: Check = (text) => {
  const { components, ...others } = parse(text) as { components: string[] };
  expect(others).toEqual({});
  for (const path of components)
    expect(read(join('manifests/overlays/production', path, 'kustomization.yaml'))).toHaveProperty('kind', 'Component');
};

const host: Check = (text) => hostSettings.parse((parse(text) as { host: unknown }).host);
const waivers: Check = (text) => (parse(text) as unknown[]).forEach((one) => waiverSchema.parse(one));
const ownRules: Check = (text) => readRules([{ name: 'the page', text }]);
const replay: Check = (text) => readReplay(text, 'the page');

/** What YAML may be on a page. */
const forms: Readonly<Record<string, Readonly<Record<string, Check>>>> = {
  'docs/deploy.md': { kustomization },
  'docs/host.md': { host },
  'docs/openwhisk.md': { declaration },
  'docs/try.md': { settings: settings('metastore-sync', ofSync) },
  'functions/compliance-scan/README.md': { settings: settings('compliance-scan', ofScan), waivers, ownRules },
  'functions/dead-letter-triage/README.md': { settings: settings('dead-letter-triage', ofTriage), replay },
};

test.each(snippetsIn('yaml').map((one) => [nameOf(one), one] as const))('%s is what it should be', (_, snippet) => {
  const faults = Object.entries(forms[snippet.page] ?? {}).map(([form, check]) => {
    try {
      check(snippet.code);
      return undefined;
    } catch (error) {
      return `no ${form}: ${(error as Error).message}`;
    }
  });
  // One form at least fits; otherwise all are named with what they miss.
  expect(faults.length).toBeGreaterThan(0);
  expect(faults.includes(undefined) ? [] : faults).toEqual([]);
});

test('no page is listed that shows no YAML', () => {
  const shown = new Set(snippetsIn('yaml').map(({ page }) => page));
  expect(Object.keys(forms).filter((page) => !shown.has(page))).toEqual([]);
});
