import { hash } from 'node:crypto';
import type { Diagnosis } from '../diagnose/diagnosis.ts';
import type { Hop } from '../letter/hop.ts';
import { lastFailure, type Letter } from '../letter/letter.ts';
import { readRootCause, type RootCause } from './frames.ts';
import { maskMessage } from './mask.ts';

/** What a fingerprint rests on, the most trusted first. */
export type Basis = 'rule' | 'stack' | 'exception' | 'message' | 'payload' | 'nothing';

/** What the bytes of a letter turned out to be. */
export interface LetterDiagnosis {
  readonly key?: Diagnosis;
  readonly value?: Diagnosis;
}

/** What letters of one group have in common, and its name. */
export interface Fingerprint {
  /** `v1:` and 16 hexadecimal digits. What goes into it never changes under the same version. */
  readonly id: string;
  readonly basis: Basis;
  readonly family: string;
  readonly component: string;
  readonly stage: string;
  /** Class of the root cause; empty when none is told. */
  readonly errorClass: string;
  /** The message of the root cause, masked. */
  readonly message: string;
  readonly frames: readonly string[];
  /** True when a registry did not answer: with its answer, the fingerprint may be another. */
  readonly isProvisional: boolean;
}

const version = 'v1';
const digits = 16;
const longestName = 120;

/**
 * The fingerprint of a letter: a pure function of it, of the diagnosis of its bytes, and of the group that a rule names. The same
 * on every instance, in every order, at every time.
 */
export function fingerprintLetter(
  letter: Letter,
  diagnosis: LetterDiagnosis = {},
  group?: string,
  root: RootCause | undefined = rootCauseOf(letter),
): Fingerprint {
  const hop = lastFailure(letter);
  const common = {
    family: hop?.family ?? 'unknown',
    component: cut(hop === undefined ? letter.record.topic : componentOf(hop, letter.record.topic)),
    stage: cut(hop?.stage ?? ''),
  };
  const told = hop === undefined ? nothing : readError(hop, root);
  if (group !== undefined) return finish({ ...common, ...told, basis: 'rule' }, [group]);
  const place = [common.family, common.component, common.stage];
  const { errorClass, frames, message } = told;
  if (frames.length > 0)
    return finish({ ...common, ...told, basis: 'stack' }, [...place, errorClass, ...frames, message]);
  if (errorClass !== '') return finish({ ...common, ...told, basis: 'exception' }, [...place, errorClass, message]);
  if (message !== '') return finish({ ...common, ...told, basis: 'message' }, [...place, message]);
  const { key, value } = diagnosis;
  if (key === undefined && value === undefined) return finish({ ...common, ...told, basis: 'nothing' }, place);
  const payload = [...describe(key), '', ...describe(value)];
  const isProvisional = key?.incomplete === true || value?.incomplete === true;
  return { ...finish({ ...common, ...told, basis: 'payload' }, [...place, ...payload]), isProvisional };
}

/** The root cause as the stack of the newest failure tells it. */
export function rootCauseOf(letter: Letter): RootCause | undefined {
  const stack = lastFailure(letter)?.error.stack;
  return stack === undefined ? undefined : readRootCause(stack);
}

/** Names are short; what is longer is an accident or an attack, and is kept in every group. */
function cut(name: string): string {
  return name.slice(0, longestName);
}

/** The part that failed; where the producer does not name it, who read the record, or from where. */
function componentOf(hop: Hop, topic: string): string {
  return hop.component ?? hop.group ?? hop.origin.topic ?? topic;
}

type Told = Pick<Fingerprint, 'errorClass' | 'message' | 'frames'>;

const nothing: Told = { errorClass: '', message: '', frames: [] };

function readError({ error }: Hop, root: RootCause | undefined): Told {
  const message = root?.message ?? error.rootMessage ?? error.message ?? '';
  return {
    errorClass: cut(root?.class ?? error.rootClass ?? error.class ?? error.code ?? ''),
    message: maskMessage(message),
    frames: (root?.frames ?? []).map(cut),
  };
}

/** Where in the value does not matter, nor which version would take it. */
function describe(diagnosis: Diagnosis | undefined): string[] {
  if (diagnosis === undefined) return [];
  const { format, encoding = '', schema, faults } = diagnosis;
  const [fault] = faults;
  const name = schema?.guid ?? schema?.id?.toString() ?? '';
  if (fault === undefined) return [format, encoding, name];
  return [format, encoding, name, fault.code, fault.detail ?? '', maskPath(fault.path ?? ''), fault.field ?? ''];
}

/** A JSON pointer without the places in lists and without keys that are numbers or ids. */
function maskPath(path: string): string {
  return path
    .split('/')
    .map((part) => maskMessage(part))
    .join('/');
}

function finish(about: Omit<Fingerprint, 'id' | 'isProvisional'>, parts: readonly string[]): Fingerprint {
  const text = [about.basis, ...parts].join('\0');
  return { id: `${version}:${hash('sha256', text, 'hex').slice(0, digits)}`, ...about, isProvisional: false };
}
