import { copyFileSync, cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { stringify } from 'yaml';
import { packageFunction } from '../../tools/package.ts';
import { functionNames, repository } from './manifests.ts';
import { snippetsOf } from './snippets.ts';

/** Settings of the functions, by their names. */
type SettingsOf = Readonly<Record<string, object>>;

const guide = 'docs/add-a-function.md';

/**
 * Makes a folder with all that the commands of our pages take for granted: settings of the functions under their names and under
 * those that pages use, manifests with a fault, what is declared for OpenWhisk with its key, an input of ours, and the function
 * that a page adds.
 */
export async function makeGuideSite(settings: SettingsOf, key: string): Promise<string> {
  mkdirSync(join(repository, 'build'), { recursive: true });
  // In the repository, since what a page adds finds our modules from there.
  const folder = mkdtempSync(join(repository, 'build/guides-'));
  const write = (path: string, text: string): void => {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  };
  // JSON is YAML.
  for (const [name, values] of Object.entries(settings)) write(`settings/${name}.yaml`, JSON.stringify(values));
  const short = { sync: 'metastore-sync', compact: 'partition-compaction', scan: 'compliance-scan' };
  for (const [name, of] of Object.entries(short)) write(`${name}.yaml`, JSON.stringify(settings[of]));
  write('deploy/trino.yaml', stringify(privileged));
  write('.wskprops', `AUTH=${key}\n`);
  for (const name of functionNames) write(`functions/${name}/dist/openwhisk.js`, 'function main() {}');
  cpSync(join(repository, 'manifests/overlays/openwhisk'), join(folder, 'manifests/overlays/openwhisk'), {
    recursive: true,
  });
  const fixture = 'test/fixtures/parquet/parquet-mr.parquet';
  write(fixture, '');
  copyFileSync(join(repository, fixture), join(folder, fixture));
  await addFunction(folder, write);
  return folder;
}

/** Writes the function that the guide adds, and packages it. */
async function addFunction(folder: string, write: (path: string, text: string) => void): Promise<void> {
  const files = snippetsOf(guide).filter(({ language }) => language === 'ts');
  for (const { code } of files) write(/^\/\/ (\S+)/.exec(code)?.[1] ?? '', code);
  const source = join(folder, 'functions/untabled-topics');
  copyFileSync(join(repository, 'functions/metastore-sync/func.yaml'), join(source, 'func.yaml'));
  await packageFunction(source);
}

/** Removes what was made. */
export function removeGuideSite(folder: string): void {
  rmSync(folder, { recursive: true });
}

/** A pod that may do everything to its node. */
const privileged = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'trino', namespace: 'lake' },
  spec: {
    selector: { matchLabels: { app: 'trino' } },
    template: {
      metadata: { labels: { app: 'trino' } },
      spec: {
        containers: [{ name: 'main', image: 'registry.example/trino:1', securityContext: { privileged: true } }],
      },
    },
  },
};
