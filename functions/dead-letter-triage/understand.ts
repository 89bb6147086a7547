import type { KafkaRecord } from '#shared/kafka/record.ts';
import { classes } from './classify/classes.ts';
import type { Verdict } from './classify/classify.ts';
import { RuleBook } from './classify/rules.ts';
import type { Settings } from './config.ts';
import { diagnosePart } from './diagnose/diagnose.ts';
import type { SchemaSource } from './diagnose/registered-schema.ts';
import { type RecordPart, readWireFormats } from './diagnose/wire-format.ts';
import { Expectations } from './diagnose/expectations.ts';
import type { LetterDiagnosis } from './group/fingerprint.ts';
import { type Group, overflowId } from './group/group.ts';
import { judgeLetter, type Judgement } from './classify/judge-letter.ts';
import type { Origin } from './letter/hop.ts';
import { type Letter, payloadBytes } from './letter/letter.ts';
import { readLetter } from './letter/read-letter.ts';
import type { FetchOriginal } from './letter/originals.ts';
import { followPointer } from './letter/follow-pointer.ts';
import { compileOwners, type FindOwner } from './letter/owners.ts';

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

/** Letters of a group into whose bytes a batch looked, and what the last of them told. */
interface Looked {
  readonly count: number;
  readonly verdict: Verdict;
}

/** A letter with the headers that belong to its payload. */
interface WholeLetter {
  readonly letter: Letter;
  readonly headers: KafkaRecord['headers'];
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

  /** Understands letters as those of one batch. @throws what {@link begin} tells */
  async understand(records: Iterable<KafkaRecord>, groups: ReadonlyMap<string, Group>): Promise<UnderstoodLetter[]> {
    const next = this.begin(groups);
    const understood: UnderstoodLetter[] = [];
    for (const record of records) understood.push(await next(record));
    return understood;
  }

  /**
   * Understands the letters of a batch one after the other, most of them at once. The bytes of those that tell nothing of
   * themselves are looked into, and of the others those of the first of each group: all of them are alike.
   * @throws registry.unavailable when a letter's group rests on its answer, kafka.unavailable
   */
  begin(groups: ReadonlyMap<string, Group>): (record: KafkaRecord) => UnderstoodLetter | Promise<UnderstoodLetter> {
    const { pointers } = this.#settings.limits;
    const looked = new Map<string, Looked>();
    let fetched = 0;
    return (record) => {
      const letter = readLetter(record, this.#settings.sources);
      if (letter.payload.kind === 'elsewhere' && fetched < pointers) {
        fetched += 1;
        return this.#complete(letter, letter.payload.origin).then((whole) => this.#judge(whole, groups, looked));
      }
      return this.#judge({ letter, headers: record.headers }, groups, looked);
    };
  }

  /** A pointer with what it points to, if that is still there. */
  async #complete(letter: Letter, origin: Origin): Promise<WholeLetter> {
    const original = await this.#fetchOriginal(origin);
    const { headers } = original.record ?? letter.record;
    return { letter: followPointer(letter, original), headers };
  }

  #judge(
    whole: WholeLetter,
    groups: ReadonlyMap<string, Group>,
    looked: Map<string, Looked>,
  ): UnderstoodLetter | Promise<UnderstoodLetter> {
    const { letter } = whole;
    const { verdict, fingerprint } = judgeLetter(letter, {}, this.#rules);
    const { id, basis } = fingerprint;
    const known = looked.get(id);
    // Where no further group is kept, the first letters of what is counted together stand for all of it.
    const isBeyond = groups.size >= this.#settings.limits.groups && !groups.has(id);
    const group = groups.get(isBeyond ? overflowId : id);
    const before = (known?.count ?? 0) + (group?.count ?? 0);
    if (basis === 'nothing' || this.#asksForBytes || before < this.#settings.limits.diagnosed)
      return this.#lookInto(whole, id, looked);
    const same = sameAs(known?.verdict ?? (isBeyond ? undefined : group?.verdict), verdict);
    return { letter, diagnosis: {}, fingerprint, verdict: this.#withOwner(letter, same) };
  }

  async #lookInto(
    { letter, headers }: WholeLetter,
    id: string,
    looked: Map<string, Looked>,
  ): Promise<UnderstoodLetter> {
    const diagnosis = await this.#diagnose(letter, headers);
    const { verdict, fingerprint } = judgeLetter(letter, diagnosis, this.#rules);
    // With the registry's answer it may belong to another group, so it is not counted before.
    if (fingerprint.isProvisional) this.#throwTrouble();
    looked.set(id, { count: (looked.get(id)?.count ?? 0) + 1, verdict });
    return { letter, diagnosis, fingerprint, verdict: this.#withOwner(letter, verdict) };
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
