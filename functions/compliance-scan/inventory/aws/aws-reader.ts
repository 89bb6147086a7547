import { isError } from '#shared/errors/error.ts';
import type { Resource } from '../../model/resource.ts';
import { isGone } from './aws-error.ts';
import type { AwsKind } from './kinds.ts';

/** Reads the kinds of one service of AWS in one place. */
export interface AwsReader {
  /** All resources of a kind, a page at a time. */
  list(kind: AwsKind, signal: AbortSignal): AsyncIterable<readonly Resource[]>;
  /** One resource by its id within its kind; undefined when it is gone. */
  read(kind: AwsKind, id: string, signal: AbortSignal): Promise<Resource | undefined>;
  close(): void;
}

/** The answer of a call, or undefined where what it asks about is gone. */
export async function unlessGone<Answer>(call: Promise<Answer>): Promise<Answer | undefined> {
  try {
    return await call;
  } catch (error) {
    if (error instanceof Error && isGone(error.cause)) return undefined;
    throw error;
  }
}

/** That something may not be read. */
export const forbidden = Symbol('forbidden');

/** The answer of a call about one thing, which a policy of its own may forbid while the others can be read. */
export async function unlessForbidden<Answer>(call: Promise<Answer>): Promise<Answer | typeof forbidden> {
  try {
    return await call;
  } catch (error) {
    if (isError(error, 'inventory.forbidden')) return forbidden;
    throw error;
  }
}

/** The name of a service in a region; China's regions have a domain of their own. */
export function hostOf(service: string, region: string): string {
  return `${service}.${region}.amazonaws.com${region.startsWith('cn-') ? '.cn' : ''}`;
}
