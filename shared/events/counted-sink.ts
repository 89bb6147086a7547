import { asError } from '#shared/errors/error.ts';
import type { Metrics } from '#shared/observe/metrics.ts';
import type { EventSink } from './sink.ts';

/** A sink whose events are counted by type and result. */
export function countEvents(sink: EventSink, metrics: Pick<Metrics, 'countEvent'>): EventSink {
  return {
    async send(event, options) {
      try {
        await sink.send(event, options);
        metrics.countEvent(event.type, 'ok');
      } catch (error) {
        metrics.countEvent(event.type, asError(error).code);
        throw error;
      }
    },
  };
}
