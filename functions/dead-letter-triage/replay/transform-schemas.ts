import { LakewardenError } from '#shared/errors/error.ts';
import type { RegisteredSchema, SchemaSource } from '../diagnose/registered-schema.ts';
import { readWireFormats, type SchemaReference } from '../diagnose/wire-format.ts';
import { type Letter, payloadBytes } from '../letter/letter.ts';
import type { TransformSchemas } from '../transform/transform-record.ts';
import type { Replay } from './plan-schema.ts';

/** Different schemas that the letters of one window may name: they may name any. */
const maxNamed = 500;

/** Where the schemas of replays are found. */
export interface ReplayRegistry extends SchemaSource {
  /** Apicurio's own number of a version; undefined when there is none. @throws registry.unavailable */
  globalId(subject: string, version: number): Promise<bigint | undefined>;
}

/** The schemas that the transforms of a replay need, asked for before anything is decided. */
export class ReplaySchemas implements TransformSchemas {
  readonly #registry: ReplayRegistry | undefined;
  readonly #asksLetters: boolean;
  readonly #asksApicurio: boolean;
  readonly #named = new Map<string, RegisteredSchema>();
  #referred = new Map<string, RegisteredSchema>();

  private constructor({ transforms }: Replay, registry: ReplayRegistry | undefined) {
    this.#registry = registry;
    this.#asksLetters = transforms.some((step) => 'decode' in step && step.decode.subject === undefined);
    this.#asksApicurio = transforms.some((step) => 'encode' in step && step.encode.wire.startsWith('apicurio'));
  }

  /** Asks for those that the replay names. @throws config.invalid when there is no registry, registry.unavailable */
  static async open(replay: Replay, registry: ReplayRegistry | undefined): Promise<ReplaySchemas> {
    const schemas = new ReplaySchemas(replay, registry);
    for (const step of replay.transforms) {
      if (!('encode' in step || 'decode' in step)) continue;
      if (registry === undefined)
        throw new LakewardenError(
          'config.invalid',
          'the replay reads or writes by a schema, and the settings name no registry',
        );
      const { subject, version } = 'encode' in step ? step.encode : step.decode;
      if (subject !== undefined) await schemas.#find(subject, version, registry);
    }
    return schemas;
  }

  /** Asks for the schemas that the values of letters name; those of letters before are forgotten. @throws registry.unavailable */
  async learn(letters: readonly Letter[]): Promise<void> {
    if (!this.#asksLetters || this.#registry === undefined) return;
    const references = new Map<string, SchemaReference>();
    for (const letter of letters)
      for (const { schema } of readWireFormats('value', payloadBytes(letter).value ?? null, letter.record.headers))
        if (references.size < maxNamed) references.set(keyOf(schema), schema);
    this.#referred = new Map();
    for (const [key, reference] of references) {
      const schema = await this.#registry.find(reference);
      if (schema !== undefined) this.#referred.set(key, schema);
    }
  }

  named(subject: string, version?: number): RegisteredSchema | undefined {
    return this.#named.get(`${subject} ${version ?? ''}`);
  }

  referred(reference: SchemaReference): RegisteredSchema | undefined {
    return this.#referred.get(keyOf(reference));
  }

  async #find(subject: string, version: number | undefined, registry: ReplayRegistry): Promise<void> {
    const versions = await registry.versions(subject);
    const isWanted = (one: { readonly subject: string; readonly version: number }): boolean =>
      one.subject === subject && (version === undefined || one.version === version);
    const schema = versions.find((one) => one.versions.some(isWanted));
    if (schema === undefined) return;
    const found = this.#asksApicurio ? schema.versions.find(isWanted) : undefined;
    const globalId = found && (await registry.globalId(subject, found.version));
    this.#named.set(`${subject} ${version ?? ''}`, { ...schema, ...(globalId !== undefined && { globalId }) });
  }
}

function keyOf(reference: SchemaReference): string {
  return `${reference.by} ${reference.by === 'guid' ? reference.guid : reference.id}`;
}
