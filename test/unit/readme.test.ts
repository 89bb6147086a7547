import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { z } from 'zod';
import { settingsSchema as ofScan } from '#functions/compliance-scan/config.ts';
import { settingsSchema as ofTriage } from '#functions/dead-letter-triage/config.ts';
import { settingsSchema as ofSync } from '#functions/metastore-sync/config.ts';
import { settingsSchema as ofCompaction } from '#functions/partition-compaction/config.ts';
import { hostSettings } from '#shared/host/host-settings.ts';

interface Node {
  readonly description?: string;
  readonly default?: unknown;
  readonly properties?: Record<string, Node>;
  readonly additionalProperties?: Node | boolean;
  readonly required?: string[];
}

/** The rows of a settings table, as the README must have them. */
function rows(node: Node, prefix = ''): string[] {
  return Object.entries(node.properties ?? {}).flatMap(([key, child]) => {
    const name = prefix + key;
    const inner = child.properties ? rows(child, `${name}.`) : [];
    const values =
      typeof child.additionalProperties === 'object' ? rows(child.additionalProperties, `${name}.<name>.`) : [];
    const required = node.required?.includes(key) === true && child.default === undefined;
    const fallback =
      child.default === undefined ? (required ? 'required' : '') : `\`${JSON.stringify(child.default)}\``;
    return [
      ...(child.description === undefined ? [] : [`| \`${name}\` | ${child.description} | ${fallback} |`]),
      ...inner,
      ...values,
    ];
  });
}

test.each([
  ['functions/compliance-scan/README.md', ofScan, ''],
  ['functions/dead-letter-triage/README.md', ofTriage, ''],
  ['functions/metastore-sync/README.md', ofSync, ''],
  ['functions/partition-compaction/README.md', ofCompaction, ''],
  ['docs/host.md', hostSettings, 'host.'],
])('%s tells every setting with its meaning and default', (page, settings, prefix) => {
  const schema = z.toJSONSchema(settings, { io: 'input', unrepresentable: 'any' }) as Node;
  const table = ['| setting | meaning | default |', '|---|---|---|', ...rows(schema, prefix)].join('\n');
  const readme = readFileSync(page, 'utf8');
  const [, told] = /<!-- settings -->\n([\s\S]*?)\n<!-- \/settings -->/.exec(readme) ?? [];
  expect(told).toBe(table);
});

/** What readers of each function's page find in this order; sections of its own may stand between. */
const sections = [
  'What wakes it up',
  'What it does',
  'Settings',
  'Command line',
  'Plans and outcomes',
  'Events',
  'Limits',
];

test.each(['compliance-scan', 'dead-letter-triage', 'metastore-sync', 'partition-compaction'])(
  'the page of %s has the sections of all functions, in the same order',
  (name) => {
    const page = readFileSync(`functions/${name}/README.md`, 'utf8');
    const headings = [...page.matchAll(/^## (.+)$/gm)].map(([, heading = '']) => heading);
    expect(headings.filter((heading) => sections.includes(heading))).toEqual(sections);
  },
);
