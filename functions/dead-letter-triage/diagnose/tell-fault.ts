import { type Fault, faultCodes } from './diagnosis.ts';

/**
 * A fault in words: what is wrong, where, and which version of the schema would take it. Names of fields and keys are as they are in
 * the payload.
 */
export function tellFault({ code, detail, byte, line, path, field, acceptedBy }: Fault): string {
  const where = [
    field === undefined ? (path === undefined || path === '' ? undefined : `at ${path}`) : `field ${field}`,
    line === undefined ? undefined : `line ${line}`,
    byte === undefined ? undefined : `byte ${byte}`,
  ].filter((part) => part !== undefined);
  return [
    `${faultCodes[code]}${detail === undefined ? '' : ` (${detail})`}`,
    ...(where.length === 0 ? [] : [`: ${where.join(', ')}`]),
    ...(acceptedBy === undefined ? [] : [`; version ${acceptedBy} of the schema would take it`]),
  ].join('');
}
