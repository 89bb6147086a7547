/** What can be done with letters of a class. Nothing is done without a plan. */
export const actions = ['replay', 'replay-after-fix', 'transform', 'quarantine', 'discard', 'escalate'] as const;

/** What is best done with a letter; `discard` always wants somebody's approval. */
export type Action = (typeof actions)[number];

/** The closed list of why letters are dead, each with what is best done unless a rule says otherwise. */
export const classes = {
  'undecodable.json': 'replay-after-fix',
  'undecodable.utf8': 'quarantine',
  'undecodable.truncated': 'quarantine',
  'undecodable.trailing': 'quarantine',
  'undecodable.magic': 'replay-after-fix',
  'undecodable.schema_id': 'replay-after-fix',
  'undecodable.avro': 'replay-after-fix',
  'undecodable.protobuf': 'replay-after-fix',
  'undecodable.format': 'quarantine',
  'undecodable.other': 'quarantine',
  'schema.missing_field': 'transform',
  'schema.type': 'transform',
  'schema.enum': 'transform',
  'schema.range': 'transform',
  'schema.other': 'transform',
  tombstone: 'discard',
  transform_failed: 'replay-after-fix',
  'sink.constraint': 'quarantine',
  'sink.type': 'replay-after-fix',
  'sink.not_found': 'replay-after-fix',
  'sink.other': 'replay-after-fix',
  'transient.timeout': 'replay',
  'transient.unavailable': 'replay',
  'transient.throttled': 'replay',
  'transient.fenced': 'replay',
  authorisation: 'escalate',
  oversized: 'transform',
  pointer: 'escalate',
  defect: 'replay-after-fix',
  unknown: 'escalate',
} as const satisfies Record<string, Action>;

/** Why a letter is dead. */
export type LetterClass = keyof typeof classes;

/** The names of all classes. */
export const classNames = Object.keys(classes) as [LetterClass, ...LetterClass[]];

/** True for trouble that passes by itself: the same letter may pass now. */
export function isTransient(name: LetterClass): boolean {
  return name.startsWith('transient.');
}
