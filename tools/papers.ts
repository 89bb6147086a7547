import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root, type Bundle } from './bundle.ts';
import { listComponents, type Component } from './components.ts';
import { refuseLicences, renderNotices } from './notices.ts';
import { renderSbom, type Subject } from './sbom.ts';

/** Writes package.json and a lock file for a program without dependencies, so that `npm ci` has nothing to ask anybody. */
export function describeAsNpm(target: string, name: string, more: Readonly<Record<string, unknown>>): void {
  const manifest = { ...subject(name), ...more };
  const { version, license } = manifest;
  const own = { name, version, license, ...pick(more, 'bin', 'engines') };
  const lock = { name, version, lockfileVersion: 3, requires: true, packages: { '': own } };
  writeFileSync(join(target, 'package.json'), `${JSON.stringify(manifest, undefined, 2)}\n`);
  writeFileSync(join(target, 'package-lock.json'), `${JSON.stringify(lock, undefined, 2)}\n`);
}

/**
 * Writes what a program is made of beside it (`sbom.cdx.json`, `THIRD-PARTY.txt`, our own licence), and answers the packages.
 * @throws Error when code of a package is in it whose licence somebody must look at first.
 */
export function writePapers(target: string, name: string, made: Bundle): readonly Component[] {
  const components = listComponents(made);
  refuseLicences(components.packages);
  writeFileSync(join(target, 'sbom.cdx.json'), renderSbom(subject(name), components));
  writeFileSync(join(target, 'THIRD-PARTY.txt'), renderNotices(components.packages));
  copyFileSync(join(root, 'LICENSE'), join(target, 'LICENSE'));
  return components.packages;
}

function subject(name: string): Subject {
  const { version, license } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as Omit<Subject, 'name'>;
  return { name, version, license };
}

function pick(values: Readonly<Record<string, unknown>>, ...keys: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(Object.entries(values).filter(([key]) => keys.includes(key)));
}
