import type { OffsetRange } from '#shared/lake/offset-ranges.ts';

/** A partition of a dead letter topic. */
export interface LogPlace {
  readonly topic: string;
  readonly partition: number;
}

/** What is known of one partition of a dead letter topic. */
export interface PartitionState<Group> {
  /** The batch that is under way: whoever takes over does exactly this one first. */
  readonly batch: OffsetRange | undefined;
  /** Groups by their fingerprints. */
  readonly groups: ReadonlyMap<string, Group>;
}

/** What a transaction changes of a partition's state. */
export interface StateChange<Group> {
  /** Null takes it away. */
  readonly batch?: OffsetRange | null;
  /** Null takes a group away. */
  readonly groups?: ReadonlyMap<string, Group | null>;
}

/** A record of the state topic: its key names what it is about, the newest of a key counts, and null takes it away. */
export interface StateRecord {
  readonly key: Uint8Array;
  readonly value: Uint8Array | null;
}

type Kind = 'batch' | 'group';
const version = 1;

/** All keys of a partition are told apart from those of others; the first number is the version of this form. */
function keyOf({ topic, partition }: LogPlace, kind: Kind, name: string): Uint8Array {
  return Buffer.from(JSON.stringify([version, topic, partition, kind, name]));
}

/** The records that make a change. */
export function encodeChange<Group>(place: LogPlace, { batch, groups }: StateChange<Group>): StateRecord[] {
  const records: StateRecord[] = [];
  if (batch !== undefined) {
    const bounds = batch && { first: String(batch.first), last: String(batch.last) };
    records.push({ key: keyOf(place, 'batch', ''), value: bounds && encode(bounds) });
  }
  for (const [name, group] of groups ?? [])
    records.push({ key: keyOf(place, 'group', name), value: group === null ? null : encode(group) });
  return records;
}

function encode(value: unknown): Uint8Array {
  return Buffer.from(JSON.stringify(value));
}

/** The state of partitions, as it grows from the records of a state topic. Others' records are left aside. */
export class StateReplay<Group> {
  readonly #wanted: ((place: LogPlace) => boolean) | undefined;
  readonly #states = new Map<string, { place: LogPlace; batch: OffsetRange | undefined; groups: Map<string, Group> }>();

  /** Of all partitions, or of those that are wanted. */
  constructor(wanted?: (place: LogPlace) => boolean) {
    this.#wanted = wanted;
  }

  add({ key, value }: { readonly key: Uint8Array | null; readonly value: Uint8Array | null }): void {
    const about = key === null ? undefined : readKey(key);
    if (about === undefined || this.#wanted?.(about.place) === false) return;
    const { place, kind, name } = about;
    const id = `${place.partition} ${place.topic}`;
    const state = this.#states.get(id) ?? { place, batch: undefined, groups: new Map<string, Group>() };
    this.#states.set(id, state);
    const content = value === null ? undefined : readJson(value);
    if (kind === 'batch') state.batch = readBounds(content);
    else if (content === undefined) state.groups.delete(name);
    else state.groups.set(name, content as Group);
  }

  state({ topic, partition }: LogPlace): PartitionState<Group> {
    return this.#states.get(`${partition} ${topic}`) ?? { batch: undefined, groups: new Map() };
  }

  /** Every partition that has a state. */
  *states(): Generator<PartitionState<Group> & { readonly place: LogPlace }> {
    yield* this.#states.values();
  }
}

function readKey(key: Uint8Array): { place: LogPlace; kind: Kind; name: string } | undefined {
  const parts = readJson(key);
  if (!Array.isArray(parts) || parts[0] !== version) return undefined;
  const [, topic, partition, kind, name] = parts as unknown[];
  if (typeof topic !== 'string' || typeof partition !== 'number' || typeof name !== 'string') return undefined;
  return kind === 'batch' || kind === 'group' ? { place: { topic, partition }, kind, name } : undefined;
}

function readBounds(content: unknown): OffsetRange | undefined {
  const { first, last } = (content ?? {}) as { first?: unknown; last?: unknown };
  return typeof first === 'string' && typeof last === 'string'
    ? { first: BigInt(first), last: BigInt(last) }
    : undefined;
}

function readJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString());
  } catch {
    return undefined;
  }
}
