import type { Fault, FaultCode } from '../diagnose/diagnosis.ts';
import { type LetterDiagnosis, rootCauseOf } from '../group/fingerprint.ts';
import type { RootCause } from '../group/frames.ts';
import { causeClasses } from '../group/stack-sections.ts';
import { lastFailure, type Letter } from '../letter/letter.ts';
import { type Action, classes, type LetterClass } from './classes.ts';
import { factsOf } from './facts.ts';
import { classOfException } from './known-errors.ts';
import { classOfMessage, classOfStage, classOfStatus } from './known-words.ts';
import type { RuleBook, Ruling } from './rules.ts';

/** Why a letter is dead, what is best done, and what that was concluded from. */
export interface Verdict {
  readonly class: LetterClass;
  readonly action: Action;
  readonly owner?: string;
  /** A group that a rule makes of all its letters. */
  readonly group?: string;
  /** The rules that had a say, or what the letter itself tells. */
  readonly by: readonly string[];
}

/** What every kind of fault in bytes means for a letter. */
const classOfFault: Record<FaultCode, LetterClass> = {
  'utf8.invalid': 'undecodable.utf8',
  'utf8.mark': 'undecodable.json',
  'json.syntax': 'undecodable.json',
  'json.truncated': 'undecodable.truncated',
  'json.trailing': 'undecodable.trailing',
  'json.depth': 'undecodable.json',
  'json.duplicate': 'undecodable.json',
  'json.surrogate': 'undecodable.json',
  'json.number': 'undecodable.json',
  'bytes.truncated': 'undecodable.truncated',
  'bytes.trailing': 'undecodable.trailing',
  'format.foreign': 'undecodable.format',
  'format.compressed': 'undecodable.format',
  'wire.magic': 'undecodable.magic',
  'wire.short': 'undecodable.truncated',
  'schema.unknown': 'undecodable.schema_id',
  'schema.foreign': 'undecodable.schema_id',
  'avro.mismatch': 'undecodable.avro',
  'protobuf.wire': 'undecodable.protobuf',
  'protobuf.mismatch': 'undecodable.protobuf',
  'schema.missing': 'schema.missing_field',
  'schema.type': 'schema.type',
  'schema.enum': 'schema.enum',
  'schema.range': 'schema.range',
  'schema.additional': 'schema.other',
};

/** Classes that say little: whatever says more goes before them. */
const vague: ReadonlySet<LetterClass> = new Set(['undecodable.other', 'schema.other', 'sink.other', 'defect']);

/** Classifies a letter: what users' rules say, and for the rest what the letter and its bytes tell. Pure. */
export function classifyLetter(
  letter: Letter,
  diagnosis: LetterDiagnosis,
  rules: RuleBook,
  root: RootCause | undefined = rootCauseOf(letter),
): Verdict {
  const ruling = rules.isEmpty ? noRuling : rules.judge(factsOf(letter, diagnosis, root));
  const own = ruling.class === undefined ? conclude(letter, diagnosis, root) : { class: ruling.class, by: 'rule' };
  return {
    class: own.class,
    action: ruling.action ?? classes[own.class],
    ...(ruling.owner === undefined ? {} : { owner: ruling.owner }),
    ...(ruling.together === undefined ? {} : { group: ruling.together }),
    by: ruling.class === undefined ? [...ruling.rules, own.by] : ruling.rules,
  };
}

const noRuling: Ruling = { rules: [] };

interface Conclusion {
  readonly class: LetterClass;
  readonly by: string;
}

/**
 * From what says most to what says least: exceptions from the root on (those that only wrap say nothing), a status, words of
 * the message, the bytes, vague exceptions, the step, and that there is nothing. Only a parser of JSON knows less than the bytes:
 * it complains of a character where they are gzip, Latin-1 or cut off.
 */
function conclude(letter: Letter, diagnosis: LetterDiagnosis, root: RootCause | undefined): Conclusion {
  const hop = lastFailure(letter);
  const error = hop?.error;
  const chain = exceptionClasses(error?.stack, [root?.class, error?.rootClass, error?.class]);
  const fault = faultOf(diagnosis, hop?.stage);
  const sure = chain.find((name) => !vague.has(name));
  if (sure !== undefined) {
    const byBytes = sure === 'undecodable.json' && fault !== undefined ? classOfFault[fault.code] : undefined;
    return byBytes?.startsWith('undecodable.') === true
      ? { class: byBytes, by: 'diagnosis' }
      : { class: sure, by: 'exception' };
  }
  const status = error?.code === undefined ? undefined : classOfStatus(error.code);
  if (status !== undefined) return { class: status, by: 'status' };
  for (const message of [root?.message, error?.rootMessage, error?.message]) {
    const said = typeof message === 'string' ? classOfMessage(message) : undefined;
    if (said !== undefined) return { class: said, by: 'message' };
  }
  if (fault !== undefined) return { class: classOfFault[fault.code], by: 'diagnosis' };
  if (chain[0] !== undefined) return { class: chain[0], by: 'exception' };
  const stage = hop?.stage === undefined ? undefined : classOfStage(hop.stage);
  if (stage !== undefined) return { class: stage, by: 'stage' };
  if (letter.payload.kind === 'elsewhere') return { class: 'pointer', by: 'payload' };
  const isTombstone = letter.payload.kind === 'record' && letter.record.value === null;
  return isTombstone ? { class: 'tombstone', by: 'payload' } : { class: 'unknown', by: 'nothing' };
}

/** What is wrong with the bytes: of the key where the step says so, else of the value before the key. */
function faultOf({ key, value }: LetterDiagnosis, stage: string | undefined): Fault | undefined {
  return stage === 'KEY_CONVERTER' ? key?.faults[0] : (value?.faults[0] ?? key?.faults[0]);
}

/** What the exceptions of a chain say, from the root outwards. */
function exceptionClasses(
  stack: string | undefined,
  [root, ...told]: readonly [string | undefined, ...(string | undefined)[]],
): LetterClass[] {
  const found: LetterClass[] = [];
  const add = (name: string | undefined): void => {
    const known = name === undefined ? undefined : classOfException(name);
    if (known !== undefined) found.push(known);
  };
  add(root);
  const chain = stack === undefined ? [] : causeClasses(stack);
  for (let index = chain.length - 1; index >= 0; index -= 1) add(chain[index]);
  for (const name of told) add(name);
  return found;
}
