import { isError } from '#shared/errors/error.ts';
import type { CloudEventOut } from '#shared/events/event.ts';
import type { Call } from './function.ts';

/**
 * Sends an event of a call. While the sink is away this throws, so that the call fails, its sender repeats it, and what was not
 * told is told then. An event that the sink refuses goes to the log whole, since it would be refused for ever.
 * @throws LakewardenError `sink.unavailable`, or the reason of the call's end
 */
export async function deliver({ emit, log }: Pick<Call, 'emit' | 'log'>, event: CloudEventOut): Promise<void> {
  try {
    await emit(event);
  } catch (error) {
    if (!isError(error, 'sink.refused')) throw error;
    log.error({ err: error, undelivered: event }, `the event ${event.type} was refused`);
  }
}
