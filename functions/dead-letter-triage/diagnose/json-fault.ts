import type { Fault, FaultCode } from './diagnosis.ts';
import type { JsonFaultCode, JsonNoteCode } from './json-report.ts';
import { scanJson } from './json-scanner.ts';

const faultsOf: Readonly<Partial<Record<JsonFaultCode, FaultCode>>> = {
  utf8: 'utf8.invalid',
  'byte-order-mark': 'utf8.mark',
  empty: 'json.truncated',
  truncated: 'json.truncated',
  trailing: 'json.trailing',
  'several-documents': 'json.trailing',
};
const notesOf: Readonly<Record<JsonNoteCode, FaultCode>> = {
  'duplicate-key': 'json.duplicate',
  'lone-surrogate': 'json.surrogate',
  'large-number': 'json.number',
};

/** Levels that Jackson, and with it most readers of Kafka, follow (StreamReadConstraints, from 2.15 on). */
const usualDepth = 1_000;

/** What breaks in a JSON text; without a fault, what parsers do not agree about. `start` is where the text stands in the value. */
export function diagnoseJson(bytes: Uint8Array, start = 0): Fault[] {
  const { fault, notes, depth } = scanJson(bytes);
  if (fault !== undefined) {
    const { code, byte, line, column, path } = fault;
    return [{ code: faultsOf[code] ?? 'json.syntax', detail: code, byte: start + byte, line, column, path }];
  }
  return depth > usualDepth ? [{ code: 'json.depth' }] : doubts(notes, start);
}

function doubts(notes: ReturnType<typeof scanJson>['notes'], start: number): Fault[] {
  return notes.map(({ code, byte, line, column, path }) => ({
    code: notesOf[code],
    byte: start + byte,
    line,
    column,
    path,
  }));
}
