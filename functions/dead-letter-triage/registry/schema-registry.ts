import { asError, isError, LakewardenError } from '#shared/errors/error.ts';
import type { RegisteredSchema, SchemaSource } from '../diagnose/registered-schema.ts';
import type { SchemaReference } from '../diagnose/wire-format.ts';
import { RegistryApi } from './registry-api.ts';
import type { RegistryOptions } from './registry-options.ts';

/** Schemas that are kept. */
const maxKept = 2_000;
/** Versions of a subject that are tried, the newest ones. */
const maxVersions = 20;
/** Schemas that one schema may refer to, in all. */
const maxReferences = 100;
/** A registry that did not answer is left alone for so long, so that it does not delay each letter. */
const pauseMs = 10_000;

type Stored = {
  readonly schema?: string;
  readonly schemaType?: RegisteredSchema['type'];
  readonly references?: readonly { readonly name: string; readonly subject: string; readonly version: number }[];
  readonly id?: number;
  readonly guid?: string;
};
type Version = RegisteredSchema['versions'][number];
type Artifact = { readonly id: string; readonly groupId?: string };
type ArtifactVersion = { readonly version: string; readonly globalId: number };

/**
 * The schemas of a registry that answers as Confluent's does (Schema Registry API reference), or of Apicurio's, which has a
 * second API for its own numbers. What was read is kept; that there is no such schema is believed for a minute only.
 */
export class SchemaRegistry implements SchemaSource {
  readonly #api: RegistryApi;
  readonly #kept = new Map<string, { readonly answer: Promise<unknown>; readonly until: number }>();
  readonly #options: RegistryOptions;
  #trouble: { readonly error: LakewardenError; readonly until: number } | undefined;

  constructor(options: RegistryOptions) {
    this.#options = options;
    this.#api = new RegistryApi(options);
  }

  /** Requests made so far. */
  get calls(): number {
    return this.#api.calls;
  }

  find(reference: SchemaReference, subject?: string): Promise<RegisteredSchema | undefined> {
    if (reference.by === 'guid')
      return this.#keep(`guid ${reference.guid}`, () => this.#findByPath(`guids/${reference.guid}`));
    const { by, id } = reference;
    if (by === 'global-id') return this.#keep(`global ${id} ${subject}`, () => this.#findByGlobalId(id, subject));
    // What Apicurio's own API calls a content's number is the number that its other API gives.
    return this.#keep(`id ${id}`, () => this.#findByPath(`ids/${id}`));
  }

  async versions(subject: string): Promise<readonly RegisteredSchema[]> {
    const found = await this.#keep(`subject ${subject}`, async () => {
      const numbers = await this.#api.get<number[]>(`subjects/${encodeURIComponent(subject)}/versions`);
      const newest = (numbers ?? []).toSorted((a, b) => b - a).slice(0, maxVersions);
      const schemas = newest.map((version) => this.#version({ subject, version }));
      return (await Promise.all(schemas)).filter((schema) => schema !== undefined);
    });
    return found ?? [];
  }

  /** Apicurio's own number of a version; undefined when there is none. @throws registry.unavailable */
  globalId(subject: string, version: number): Promise<bigint | undefined> {
    return this.#keep(`global of ${version} ${subject}`, async () => {
      const path = `groups/default/artifacts/${encodeURIComponent(subject)}/versions/${version}/meta`;
      const found = await this.#api.getOwn<{ globalId?: number }>(path);
      return found?.globalId === undefined ? undefined : BigInt(found.globalId);
    });
  }

  async #findByPath(path: string): Promise<RegisteredSchema | undefined> {
    const stored = await this.#api.get<Stored>(`schemas/${path}`);
    if (stored?.schema === undefined) return undefined;
    const versions = await this.#api.get<Version[]>(`schemas/${path}/versions`);
    const known = versions?.map(({ subject, version }) => ({ subject, version })) ?? [];
    return this.#complete(stored, BigInt(stored.id ?? path.replace(/^ids\//, '').replace(/^guids\/.*/, '0')), known);
  }

  #version(at: Version): Promise<RegisteredSchema | undefined> {
    return this.#keep(`version ${at.version} ${at.subject}`, async () => {
      const stored = await this.#api.get<Stored>(`subjects/${encodeURIComponent(at.subject)}/versions/${at.version}`);
      if (stored?.schema === undefined) return undefined;
      return this.#complete(stored, BigInt(stored.id ?? 0), [at]);
    });
  }

  /** Its own API gives the text alone, and finds the subject of the newest version only; of others it must be guessed. */
  async #findByGlobalId(id: bigint, guess: string | undefined): Promise<RegisteredSchema | undefined> {
    const schema = await this.#api.getText(`ids/globalIds/${id}`);
    if (schema === undefined) return undefined;
    const found = await this.#api.getOwn<{ artifacts: Artifact[] }>(`search/artifacts?globalId=${id}`);
    const guessed: Artifact[] = guess === undefined ? [] : [{ id: guess }];
    for (const { id: subject, groupId = 'default' } of [...(found?.artifacts ?? []), ...guessed]) {
      const path = `groups/${encodeURIComponent(groupId)}/artifacts/${encodeURIComponent(subject)}/versions`;
      const all = await this.#api.getOwn<{ versions: ArtifactVersion[] }>(`${path}?limit=500`);
      const version = Number(all?.versions.find(({ globalId }) => BigInt(globalId) === id)?.version);
      const same = Number.isInteger(version) ? await this.#version({ subject, version }) : undefined;
      if (same !== undefined) return { ...same, id };
    }
    return this.#complete({ schema, schemaType: guessType(schema) }, id, []);
  }

  async #complete(stored: Stored, id: bigint, versions: readonly Version[]): Promise<RegisteredSchema> {
    const references = new Map<string, { name: string; schema: string }>();
    await this.#addReferences(stored, references, new Set());
    const { schema = '', schemaType: type = 'AVRO', guid } = stored;
    return { type, schema, references: [...references.values()], id, versions, ...(guid !== undefined && { guid }) };
  }

  /** Those that others need come first. */
  async #addReferences(
    { references = [] }: Stored,
    found: Map<string, { name: string; schema: string }>,
    seen: Set<string>,
  ): Promise<void> {
    for (const { name, subject, version } of references) {
      if (seen.has(name) || seen.size >= maxReferences) continue;
      seen.add(name);
      const stored = await this.#api.get<Stored>(`subjects/${encodeURIComponent(subject)}/versions/${version}`);
      if (stored?.schema === undefined) continue;
      await this.#addReferences(stored, found, seen);
      found.set(name, { name, schema: stored.schema });
    }
  }

  #keep<Answer>(key: string, ask: () => Promise<Answer | undefined>): Promise<Answer | undefined> {
    const kept = this.#kept.get(key);
    const now = performance.now();
    if (kept !== undefined && now < kept.until) return kept.answer as Promise<Answer | undefined>;
    if (this.#trouble !== undefined && now < this.#trouble.until) return Promise.reject(this.#trouble.error);
    const answer = this.#ask(key, ask);
    this.#kept.delete(key);
    this.#kept.set(key, { answer, until: now + this.#options.keepMs });
    for (const [oldest] of this.#kept) {
      if (this.#kept.size <= maxKept) break;
      this.#kept.delete(oldest);
    }
    return answer;
  }

  async #ask<Answer>(key: string, ask: () => Promise<Answer | undefined>): Promise<Answer | undefined> {
    try {
      const answer = await ask();
      this.#trouble = undefined;
      // Somebody may be just about to register it.
      const isNone = answer === undefined || (Array.isArray(answer) && answer.length === 0);
      if (isNone) this.#kept.set(key, { answer: Promise.resolve(answer), until: performance.now() + notFoundMs });
      return answer;
    } catch (thrown) {
      this.#kept.delete(key);
      const error = isError(thrown, 'registry.unavailable') ? thrown : unavailable(asError(thrown));
      this.#trouble = { error, until: performance.now() + pauseMs };
      throw error;
    }
  }
}

/** Avro's schemas of records say so, Protobuf's are no JSON. */
function guessType(schema: string): RegisteredSchema['type'] {
  try {
    const { type } = JSON.parse(schema) as { type?: unknown };
    return type === 'record' ? 'AVRO' : 'JSON';
  } catch {
    return 'PROTOBUF';
  }
}

const notFoundMs = 60_000;

function unavailable(cause: Error): LakewardenError {
  return new LakewardenError('registry.unavailable', `the schema registry answers nonsense: ${cause.message}`, {
    cause,
  });
}
