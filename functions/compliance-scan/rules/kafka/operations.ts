import type { KafkaGrant } from '../../inventory/kafka/kinds.ts';
import type { Severity } from '../../model/verdict.ts';

const writing: ReadonlySet<string> = new Set(['Write', 'Create', 'Delete', 'Alter', 'AlterConfigs', 'All']);

/** How bad it is when the wrong people may do this: to change is worst, to read data is bad, to know of it is little. */
export function severityOf(operations: readonly string[]): Severity {
  if (operations.some((operation) => writing.has(operation))) return 'critical';
  return operations.includes('Read') ? 'high' : 'low';
}

/** True for what changes data or settings. */
export function writes(operation: string): boolean {
  return writing.has(operation);
}

/** A grant in words: `User:* from *: Read, Write`. */
export function describeGrant({ principal, host, operations }: KafkaGrant): string {
  return `${principal} from ${host}: ${operations.join(', ')}`;
}
