import type { KafkaRecord } from '#shared/kafka/record.ts';
import { classes } from './classify/classes.ts';
import type { Verdict } from './classify/classify.ts';
import { RuleBook } from './classify/rules.ts';
import type { Settings } from './config.ts';
import { diagnosePart } from './diagnose/diagnose.ts';
import type { SchemaSource } from './diagnose/registered-schema.ts';
import { type RecordPart, readWireFormats } from './diagnose/wire-format.ts';
import { Expectations } from './expectations.ts';
import type { LetterDiagnosis } from './group/fingerprint.ts';
import type { Group } from './group/group.ts';
import { judgeLetter, type Judgement } from './judge-letter.ts';
import { type Letter, payloadBytes } from './letter/letter.ts';
import { readLetter } from './letter/read-letter.ts';
import type { FetchOriginal } from './originals.ts';
import { followPointer } from './letter/follow-pointer.ts';
import { compileOwners, type FindOwner } from './owners.ts';

/** A letter with all that was found out about it. */
export interface UnderstoodLetter extends Judgement {
  readonly letter: Letter;
  /** Empty when its bytes were not looked into. */
  readonly diagnosis: LetterDiagnosis;
}

/** What understanding asks of other systems. */
export interface UnderstandTools {
  readonly schemas?: SchemaSource | undefined;
  readonly fetchOriginal: FetchOriginal;
}

/** Understands letters by the settings: who failed, why, what the bytes are, and to which group they belong. */
export class Understanding {
  readonly #settings: Settings;
  readonly #rules: RuleBook;
  readonly #expectations: Expectations;
  readonly #findOwner: FindOwner;
  readonly #asksForBytes: boolean;
  readonly #fetchOriginal: FetchOriginal;
  readonly #schemas: SchemaSource | undefined;
  /** Why a registry did not answer the last time. */
  #trouble: unknown;

  constructor(settings: Settings, tools: UnderstandTools) {
    this.#settings = settings;
    this.#fetchOriginal = tools.fetchOriginal;
    this.#schemas = tools.schemas && this.#watch(tools.schemas);
    this.#rules = new RuleBook(settings.rules);
    this.#expectations = new Expectations(settings.expectations);
    this.#findOwner = compileOwners(settings.owners);
    this.#asksForBytes = settings.rules.some(({ match }) => match.diagnosis !== undefined);
  }

  /**
   * Understands the letters of a batch. The bytes of those that tell nothing of themselves are looked into, and of the others
   * those of the first of each group: all of them are alike.
   * @throws registry.unavailable when a letter's group rests on its answer, kafka.unavailable
   */
  async understand(records: readonly KafkaRecord[], groups: ReadonlyMap<string, Group>): Promise<UnderstoodLetter[]> {
    const { diagnosed, pointers } = this.#settings.limits;
    const looked = new Map<string, { count: number; verdict: Verdict }>();
    const understood: UnderstoodLetter[] = [];
    let fetched = 0;
    for (const record of records) {
      let letter = readLetter(record, this.#settings.sources);
      let headers = record.headers;
      if (letter.payload.kind === 'elsewhere' && fetched < pointers) {
        fetched += 1;
        const original = await this.#fetchOriginal(letter.payload.origin);
        if (original.record !== undefined) ({ headers } = original.record);
        letter = followPointer(letter, original);
      }
      const first = judgeLetter(letter, {}, this.#rules);
      const { id, basis } = first.fingerprint;
      const known = looked.get(id);
      const before = (known?.count ?? 0) + (groups.get(id)?.count ?? 0);
      if (basis !== 'nothing' && !this.#asksForBytes && before >= diagnosed) {
        const verdict = sameAs(known?.verdict ?? groups.get(id)?.verdict, first.verdict);
        understood.push({ letter, diagnosis: {}, ...first, verdict: this.#withOwner(letter, verdict) });
        continue;
      }
      const diagnosis = await this.#diagnose(letter, headers);
      const judged = judgeLetter(letter, diagnosis, this.#rules);
      // With the registry's answer it may belong to another group, so it is not counted before.
      if (judged.fingerprint.isProvisional) this.#throwTrouble();
      looked.set(id, { count: (known?.count ?? 0) + 1, verdict: judged.verdict });
      understood.push({ letter, diagnosis, ...judged, verdict: this.#withOwner(letter, judged.verdict) });
    }
    return understood;
  }

  /** Keys are looked into where something is known of them: most are bare numbers or words, in which nothing can be wrong. */
  async #diagnose(letter: Letter, headers: KafkaRecord['headers']): Promise<LetterDiagnosis> {
    const bytes = payloadBytes(letter);
    const expected = this.#expectations.of(letter);
    const look = async (part: RecordPart) => {
      const own = bytes[part];
      if (own === undefined) return undefined;
      const expectation = expected[part];
      if (part === 'key' && expectation === undefined && readWireFormats(part, own, headers).length === 0)
        return undefined;
      const record = { key: bytes.key ?? null, value: bytes.value ?? null, headers };
      return diagnosePart(part, record, expectation ?? {}, this.#schemas);
    };
    const [key, value] = [await look('key'), await look('value')];
    return { ...(key === undefined ? {} : { key }), ...(value === undefined ? {} : { value }) };
  }

  /** A diagnosis swallows trouble, and is also incomplete where a schema cannot be read, which no retry mends. */
  #watch(schemas: SchemaSource): SchemaSource {
    const note = (error: unknown): never => {
      this.#trouble = error;
      throw error;
    };
    return {
      find: (reference, subject) => schemas.find(reference, subject).catch(note),
      versions: (subject) => schemas.versions(subject).catch(note),
    };
  }

  #throwTrouble(): void {
    const trouble = this.#trouble;
    this.#trouble = undefined;
    if (trouble !== undefined) throw trouble;
  }

  #withOwner(letter: Letter, verdict: Verdict): Verdict {
    const owner = verdict.owner ?? this.#findOwner(letter);
    return owner === undefined ? verdict : { ...verdict, owner };
  }
}

/** What is concluded only where the bytes say nothing. */
const weaker: ReadonlySet<string | undefined> = new Set(['exception', 'stage', 'payload', 'nothing']);

/** Where only the bytes of the first letters of a group told the class, it is that of the others, too. */
function sameAs(known: Verdict | undefined, own: Verdict): Verdict {
  if (known?.by.at(-1) !== 'diagnosis' || !weaker.has(own.by.at(-1))) return own;
  const isUsual = own.action === classes[own.class];
  return { ...own, class: known.class, action: isUsual ? known.action : own.action, by: known.by };
}
