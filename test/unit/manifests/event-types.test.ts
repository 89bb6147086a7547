import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { functionNames, ofKind, readFolder, repository, type With } from '../../support/manifests.ts';

interface EventType {
  readonly type: string;
  readonly source?: string;
  readonly schema: string;
  readonly description: string;
  readonly reference: { readonly kind: string; readonly name: string };
}

const end = '.schema.json';

test('every event of ours is an EventType of the Broker, as its schema describes it', () => {
  const folder = join(repository, 'events');
  const schemas = readdirSync(folder)
    .filter((name) => name.startsWith('dev.lakewarden.') && name.endsWith(end))
    .map((name) => {
      const text = readFileSync(join(folder, name), 'utf8');
      const { $id, title, description } = JSON.parse(text) as { $id: string; title: string; description?: string };
      return { type: name.slice(0, -end.length), $id, title, description };
    });
  const types: With<EventType>[] = ofKind(readFolder('base/eventing'), 'EventType');
  const shown = (type: string, schema: string, description: string): string => `${type} ${schema} ${description}`;
  expect(types.map(({ spec }) => shown(spec.type, spec.schema, spec.description)).toSorted()).toEqual(
    schemas.map(({ type, $id, title, description }) => shown(type, $id, description ?? title)).toSorted(),
  );
  for (const { metadata, spec } of types) {
    expect(metadata.name).toBe(spec.type);
    expect(spec.reference).toMatchObject({ kind: 'Broker', name: 'lakewarden' });
    // The instance is the name of the Service.
    const own = functionNames.map((name) => `/lakewarden/${name}/${name}`);
    if (spec.source !== undefined) expect(own).toContain(spec.source);
  }
});
