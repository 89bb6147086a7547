import { isRecord } from '#shared/config/tree.ts';
import { type Api, type Collection, type Entity } from './api.ts';
import {
  feedKey,
  type Field,
  fieldOf,
  flatten,
  type Found,
  type Kind,
  ownerKey,
  type Pair,
  parameterName,
  soundsSecret,
} from './entity.ts';
import { readFeedAnswer } from './feeds.ts';
import { digestOf, type State } from './wanted.ts';

/** The collections of the API by the kinds of things. */
export const collections: Readonly<Record<Exclude<Kind, 'feed'>, Collection>> = {
  package: 'packages',
  action: 'actions',
  trigger: 'triggers',
  rule: 'rules',
};

/** Reads the things that are declared, and what else carries the owner's name. @throws LakewardenError `openwhisk.*` */
export async function readFound(api: Api, { owner, things }: State): Promise<Found[]> {
  const found: Found[] = [];
  for (const kind of ['package', 'action', 'trigger', 'rule'] as const) {
    const names = new Set(things.filter((thing) => thing.kind === kind).map(({ name }) => name));
    for (const listed of await api.list(collections[kind]))
      if (annotationsOf(listed).some(({ key, value }) => key === ownerKey && value === owner))
        names.add(nameOf(listed, kind));
    for (const name of names) {
      const thing = await readThing(api, kind, name);
      if (thing !== undefined) found.push(thing);
      if (thing?.kind === 'trigger' && thing.feed !== undefined) {
        const feed = await readFeed(api, thing, thing.feed);
        if (feed !== undefined) found.push(feed);
      }
    }
  }
  return found;
}

/** Reads one thing as it is now. */
export async function readThing(api: Api, kind: Exclude<Kind, 'feed'>, name: string): Promise<Found | undefined> {
  const entity = await api.get(collections[kind], name);
  if (entity === undefined) return undefined;
  const annotations = annotationsOf(entity);
  const valueOf = (wanted: string): unknown => annotations.find(({ key }) => key === wanted)?.value;
  const owner = valueOf(ownerKey);
  const feed = valueOf('feed');
  return {
    kind,
    name,
    fields: new Map([
      ...fieldsOf(kind, entity),
      ...annotations.map(({ key, value }): [string, Field] => [
        `annotations.${key}`,
        fieldOf(value, key === 'require-whisk-auth'),
      ]),
    ]),
    owner: typeof owner === 'string' ? owner : undefined,
    feed: typeof feed === 'string' ? feed : undefined,
    version: typeof entity['version'] === 'string' ? entity['version'] : undefined,
    annotations,
  };
}

/** A feed belongs to whom its trigger belongs, and its trigger knows its parameters again. */
async function readFeed(api: Api, trigger: Found, feed: string): Promise<Found | undefined> {
  const answer = await api.askFeed(feed, 'READ', trigger.name);
  if (answer === undefined) return undefined;
  const { parameters, fault } = readFeedAnswer(answer);
  const seal = trigger.annotations.find(({ key }) => key === feedKey)?.value;
  const fields = new Map([
    ...Object.entries(parameters).map(([key, value]): [string, Field] => {
      const path = `parameters.${key}`;
      return [path, fieldOf(value, soundsSecret(path))];
    }),
    [feedKey, fieldOf(seal)] as [string, Field],
  ]);
  return { ...trigger, kind: 'feed', fields, feed, fault };
}

function fieldsOf(kind: Kind, entity: Entity): [string, Field][] {
  if (kind === 'rule')
    return [
      ['trigger', fieldOf(lastOf(entity['trigger']))],
      ['action', fieldOf(lastOf(entity['action'], 2))],
      ['status', fieldOf(entity['status'])],
    ];
  if (kind !== 'action') return [];
  const exec = isRecord(entity['exec']) ? entity['exec'] : {};
  const { kind: runtime, image, code } = exec;
  return [
    ['kind', fieldOf(runtime)],
    ...(image === undefined ? [] : [['image', fieldOf(image)] as [string, Field]]),
    ['code', fieldOf(typeof code === 'string' ? digestOf(code) : 'not told')],
    ...flatten('limits', entity['limits'], () => false),
    ...pairsOf(entity['parameters']).flatMap(({ key, value, init }) =>
      flatten(parameterName(key, init), value, (path) => path.startsWith('files.') || soundsSecret(path)),
    ),
  ];
}

function annotationsOf(entity: Entity): Pair[] {
  // OpenWhisk's own note of what kind of code it is.
  return pairsOf(entity['annotations']).filter(({ key }) => key !== 'exec');
}

function pairsOf(value: unknown): Pair[] {
  if (!Array.isArray(value)) return [];
  return value.filter((pair): pair is Pair => isRecord(pair) && typeof pair['key'] === 'string');
}

/** A listed action's namespace holds its package. */
function nameOf(entity: Entity, kind: Kind): string {
  const home = String(entity['namespace']).split('/').slice(1);
  return [...(kind === 'action' ? home : []), String(entity['name'])].join('/');
}

/** The last parts of a full name, which OpenWhisk tells as `{ path, name }`. */
function lastOf(reference: unknown, parts = 1): unknown {
  if (!isRecord(reference)) return reference;
  return `${String(reference['path'])}/${String(reference['name'])}`.split('/').slice(-parts).join('/');
}
