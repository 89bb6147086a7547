import { execFileSync } from 'node:child_process';
import { globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Ajv } from 'ajv';
import addFormats from 'ajv-formats';
import { bundle } from '../../../tools/bundle.ts';
import type { Component } from '../../../tools/components.ts';
import { renderDependencies } from '../../../tools/dependencies.ts';
import { refuseLicences } from '../../../tools/notices.ts';
import { packageAction } from '../../../tools/package-action.ts';
import { packageFunction } from '../../../tools/package.ts';

const root = join(import.meta.dirname, '../../..');
const temp = mkdtempSync(join(tmpdir(), 'lakewarden-papers-'));
afterAll(() => rmSync(temp, { recursive: true }));

interface Sbom {
  readonly components: { readonly purl: string; readonly 'bom-ref': string; readonly hashes: { content: string }[] }[];
  readonly dependencies: { readonly ref: string; readonly dependsOn?: string[] }[];
}

describe('the papers of metastore-sync', () => {
  let folder: string;
  let components: readonly Component[];
  let sbom: Sbom;
  beforeAll(async () => {
    ({ folder, components } = await packageFunction(join(root, 'functions/metastore-sync'), join(temp, 'sync')));
    sbom = JSON.parse(readFileSync(join(folder, 'sbom.cdx.json'), 'utf8')) as Sbom;
  });

  /** Packages by the comments that the bundler leaves before each file, an account of its own. */
  function packagesByComments(pattern: string): string[] {
    const texts = globSync(join(folder, pattern)).map((file) => readFileSync(file, 'utf8'));
    const found = texts.flatMap((text) => [...text.matchAll(/^\/\/ (\S*node_modules\/(?:@[^/]+\/)?[^/]+)\//gm)]);
    return [...new Set(found.map(([, name = '']) => name))].toSorted();
  }

  test('the bill of materials names each package that is in the bundle, and no other', () => {
    expect(sbom.components.map((component) => component['bom-ref']).toSorted()).toEqual(packagesByComments('*.cjs'));
  });

  test('and covers what OpenWhisk is given', async () => {
    await packageAction(join(root, 'functions/metastore-sync'), folder);
    const known = sbom.components.map((component) => component['bom-ref']);
    expect(packagesByComments('openwhisk.js').filter((name) => !known.includes(name))).toEqual([]);
  });

  test('it is CycloneDX, by the schema of its makers', () => {
    const schema = (name: string): object =>
      JSON.parse(
        readFileSync(join(root, 'node_modules/@cyclonedx/cyclonedx-library/res/schema', name), 'utf8'),
      ) as object;
    const ajv = new Ajv({ strict: false, formats: { 'iri-reference': true, 'idn-email': true } });
    addFormats.default(ajv);
    ajv.addSchema(schema('spdx.SNAPSHOT.schema.json'), 'http://cyclonedx.org/schema/spdx.SNAPSHOT.schema.json');
    ajv.addSchema(schema('jsf-0.82.SNAPSHOT.schema.json'), 'http://cyclonedx.org/schema/jsf-0.82.SNAPSHOT.schema.json');
    const validate = ajv.compile(schema('bom-1.6.SNAPSHOT.schema.json'));
    validate(sbom);
    expect(validate.errors).toBeNull();
    expect(validate({ ...sbom, components: [{ type: 'library' }] })).toBe(false);
  });

  test('packages have names that scanners know, and the hash that npm checks', () => {
    const pino = sbom.components.find((component) => component['bom-ref'] === 'node_modules/pino');
    const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as {
      packages: Record<string, { integrity: string; version: string }>;
    };
    const { integrity, version } = lock.packages['node_modules/pino'] ?? { integrity: '', version: '' };
    expect(pino?.purl).toBe(`pkg:npm/pino@${version}`);
    expect(`sha512-${Buffer.from(pino?.hashes[0]?.content ?? '', 'hex').toString('base64')}`).toBe(integrity);
    expect(sbom.components.map(({ purl }) => purl)).toContainEqual(
      expect.stringMatching(/^pkg:npm\/%40platformatic\//),
    );
  });

  test('who needs whom ends at packages of the bill', () => {
    const refs = new Set(sbom.dependencies.map(({ ref }) => ref));
    const needed = sbom.dependencies.flatMap(({ dependsOn = [] }) => dependsOn);
    expect(needed.filter((ref) => !refs.has(ref))).toEqual([]);
    const reached = new Set(needed);
    expect(sbom.components.filter((component) => !reached.has(component['bom-ref']))).toEqual([]);
  });

  test('the licences are there word by word', () => {
    const text = readFileSync(join(folder, 'THIRD-PARTY.txt'), 'utf8');
    const missing = components.filter(
      ({ name, version, licence }) => !text.includes(`\n${name} ${version}, ${licence}\n`),
    );
    expect(missing).toEqual([]);
    expect(text).toContain(readFileSync(join(root, 'node_modules/zod/LICENSE'), 'utf8').trim());
  });

  test('the same bundle has the same papers', async () => {
    const again = await packageFunction(join(root, 'functions/metastore-sync'), join(temp, 'again'));
    for (const paper of ['sbom.cdx.json', 'THIRD-PARTY.txt'])
      expect(readFileSync(join(again.folder, paper), 'utf8')).toBe(readFileSync(join(folder, paper), 'utf8'));
  });

  test('a buildpack’s npm ci has nothing to ask anybody', () => {
    execFileSync('npm', ['ci', '--offline', '--loglevel=error'], { cwd: folder, stdio: 'pipe' });
    const listed = execFileSync('npm', ['ls', '--json', '--all'], { cwd: folder, encoding: 'utf8' });
    expect(JSON.parse(listed)).not.toHaveProperty('dependencies');
  });
});

test('two files that are imported on demand and have one name are not packaged: one would be loaded for the other', async () => {
  for (const folder of ['one', 'two']) {
    mkdirSync(join(temp, folder));
    writeFileSync(join(temp, folder, 'apart.ts'), `export const from = '${folder}';`);
  }
  const pack = (...folders: string[]) => {
    const contents = folders.map((folder) => `import('./${folder}/apart.ts').then(console.log);`).join('\n');
    return bundle(join(temp, 'apart'), 'index.cjs', { stdin: { contents, resolveDir: temp, sourcefile: 'main.js' } });
  };
  expect(await pack('one', 'one')).toHaveLength(2);
  await expect(pack('one', 'two')).rejects.toThrow(/both become apart\.cjs/);
});

test('code under a licence that reaches over to ours is not packaged, nor under one to choose from that does', () => {
  const component = { folder: '', name: 'viral', version: '1.0.0', sha512: '', needs: [] };
  for (const licence of ['GPL-3.0-only', '(MIT OR AGPL-3.0)', 'UNLICENSED', 'SEE LICENSE IN terms.md'])
    expect(() => refuseLicences([{ ...component, licence }])).toThrow(/viral 1\.0\.0/);
  refuseLicences([{ ...component, licence: '(Apache-2.0 AND BSD-3-Clause)' }]);
});

test('docs/dependencies.md tells what is shipped; `node tools/dependencies.ts` writes it anew', async () => {
  expect(readFileSync(join(root, 'docs/dependencies.md'), 'utf8')).toBe(await renderDependencies());
});
