import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root, type Bundle } from './bundle.ts';

/** A package of which code is in a bundle. */
export interface Component {
  /** Where it lies in the tree, such as `node_modules/pino`. */
  readonly folder: string;
  readonly name: string;
  readonly version: string;
  /** An SPDX expression. */
  readonly licence: string;
  /** SHA-512 of the package as it was published, in hex. */
  readonly sha512: string;
  /** Folders of the packages in the bundle that it imports. */
  readonly needs: readonly string[];
}

/** What a bundle is made of. */
export interface Components {
  readonly packages: readonly Component[];
  /** Folders of the packages that our own code imports. */
  readonly direct: readonly string[];
}

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly license?: string | { readonly type: string };
  /** What npm took before 2014. */
  readonly licenses?: readonly { readonly type: string }[];
}

/** The packages whose code is really in a bundle, by name; what the bundler has dropped is not among them. */
export function listComponents(made: Bundle): Components {
  const outputs = made.flatMap((file) => Object.values(file.outputs));
  const kept = outputs
    .flatMap(({ inputs }) => Object.entries(inputs))
    .filter(([, { bytesInOutput }]) => bytesInOutput > 0);
  const needs = new Map(kept.map(([path]) => [packageOf(path), new Set<string>()]));
  // A file that only passes on what others export leaves no bytes, and says all the same who needs whom.
  for (const [path, { imports }] of made.flatMap(({ inputs }) => Object.entries(inputs))) {
    const importer = packageOf(path);
    for (const imported of imports.map((one) => packageOf(one.path)))
      if (imported !== importer && needs.has(imported)) needs.get(importer)?.add(imported);
  }
  const locked = readLock();
  const packages = [...needs]
    .filter(([folder]) => folder !== ours)
    .map(([folder, imported]) => describe(folder, [...imported], locked[folder]?.integrity));
  return { packages: packages.toSorted(byName), direct: [...(needs.get(ours) ?? [])].toSorted() };
}

/** Texts of the licence files that a package brings, its notices after them. */
export function licenceTexts({ folder }: Component): string[] {
  const files = readdirSync(join(root, folder)).filter((name) => /^(?:licen[cs]e|copying|notice)/i.test(name));
  return files
    .toSorted((a, b) => a.localeCompare(b, 'en'))
    .map((name) =>
      readFileSync(join(root, folder, name), 'utf8')
        .replaceAll('\r\n', '\n')
        .trim(),
    );
}

const ours = '';

/** The folder of the package that a file belongs to; empty for our own files, and for what was left out. */
function packageOf(path: string): string {
  return /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path)?.[0] ?? ours;
}

function describe(folder: string, needs: readonly string[], integrity: string | undefined): Component {
  const manifest = JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8')) as Manifest;
  const { name, version, license, licenses = [] } = manifest;
  const licence =
    typeof license === 'string' ? license : [...(license ? [license] : licenses)].map(({ type }) => type).join(' OR ');
  const digest = /^sha512-(.+)$/.exec(integrity ?? '')?.[1];
  if (licence === '' || digest === undefined)
    throw new Error(`${name} ${version} is in the bundle and has no licence, or no SHA-512 in package-lock.json`);
  const sha512 = Buffer.from(digest, 'base64').toString('hex');
  return { folder, name, version, licence, sha512, needs: needs.filter((need) => need !== ours).toSorted() };
}

function readLock(): Readonly<Record<string, { readonly integrity?: string }>> {
  const text = readFileSync(join(root, 'package-lock.json'), 'utf8');
  return (JSON.parse(text) as { packages: Record<string, { integrity?: string }> }).packages;
}

function byName(a: Component, b: Component): number {
  return a.name.localeCompare(b.name, 'en') || a.version.localeCompare(b.version, 'en', { numeric: true });
}
