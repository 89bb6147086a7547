import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root } from './bundle.ts';
import type { Component } from './components.ts';
import { packageCli } from './package-cli.ts';
import { functionNames, packageFunction } from './package.ts';

const intro = `# Dependencies

What is in the packages that \`make package\` makes, as the bundler found it, with the licences that the packages name. Packaging
fails where a licence is none of these: 0BSD, Apache-2.0, BlueOak-1.0.0, BSD-2-Clause, BSD-3-Clause, ISC, MIT. Each package has a
bill of materials beside it (\`sbom.cdx.json\`, CycloneDX) and the words of the licences (\`THIRD-PARTY.txt\`). Versions are pinned
in \`package.json\`, the content of all packages by SHA-512 in \`package-lock.json\`. \`node tools/dependencies.ts\` writes this page;
a test holds it to the truth.
`;

/** The page docs/dependencies.md: all packages of others whose code we ship, and those that only build and test. */
export async function renderDependencies(): Promise<string> {
  const programs = new Map<string, readonly Component[]>();
  const temp = mkdtempSync(join(tmpdir(), 'lakewarden-dependencies-'));
  try {
    for (const name of functionNames()) {
      const { components } = await packageFunction(join(root, 'functions', name), join(temp, name));
      programs.set(name, components);
    }
    programs.set('command line', (await packageCli(join(temp, 'cli'))).components);
  } finally {
    rmSync(temp, { recursive: true });
  }
  return [intro, renderShipped(programs), renderTools()].join('\n');
}

function renderShipped(programs: ReadonlyMap<string, readonly Component[]>): string {
  const rows = new Map<string, { readonly component: Component; readonly programs: string[] }>();
  for (const [program, components] of programs)
    for (const component of components) {
      const key = `${component.name} ${component.version}`;
      const row = rows.get(key) ?? { component, programs: [] };
      rows.set(key, row);
      row.programs.push(program);
    }
  const lines = [...rows]
    .toSorted(([a], [b]) => a.localeCompare(b, 'en', { numeric: true }))
    .map(([, { component, programs: names }]) => {
      const where = names.length === programs.size ? 'all' : names.join(', ');
      return `| ${component.name} | ${component.version} | ${component.licence} | ${where} |`;
    });
  return `## Shipped\n\n| package | version | licence | in |\n|---|---|---|---|\n${lines.join('\n')}\n`;
}

interface Lock {
  readonly packages: Readonly<
    Record<string, { readonly version: string; readonly license?: string; readonly devDependencies?: object }>
  >;
}

function renderTools(): string {
  const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as Lock;
  const lines = Object.keys(packages['']?.devDependencies ?? {}).map((name) => {
    const { version, license } = packages[`node_modules/${name}`] ?? { version: '' };
    return `| ${name} | ${version} | ${license ?? 'see the package'} |`;
  });
  return `## Only to build and test\n\n| package | version | licence |\n|---|---|---|\n${lines.join('\n')}\n`;
}

if (import.meta.main) writeFileSync(join(root, 'docs/dependencies.md'), await renderDependencies());
