import { InvalidArgumentError } from 'commander';
import { readEnvironment } from '#shared/config/environment.ts';
import { asError } from '#shared/errors/error.ts';
import type { CloudEventOut } from '#shared/events/event.ts';
import { createHttpSink } from '#shared/events/sink.ts';
import { scrub } from '#shared/observe/scrub.ts';
import { paint, printable } from './terminal.ts';

/** Tells effects to `K_SINK` when it is set; one that it does not take has happened all the same. */
export function effectTeller(): (event: CloudEventOut) => Promise<void> {
  const { sink, eventExtensions } = readEnvironment();
  const target = sink === undefined ? undefined : createHttpSink({ url: sink, extensions: eventExtensions });
  return async (event) => {
    try {
      await target?.send(event);
    } catch (error) {
      warn(`the event ${event.type} of ${event.subject} was not delivered: ${asError(error).message}`);
    }
  };
}

/** Says something on standard error that is no failure. */
export function warn(text: string): void {
  process.stderr.write(`${paint('yellow', printable(scrub(text)), process.stderr)}\n`);
}

/** Reads a number of partitions from the command line. */
export function parseCount(text: string): number {
  const number = Number(text);
  if (Number.isInteger(number) && number >= 1 && number <= 10_000) return number;
  throw new InvalidArgumentError('Expected a whole number from 1 to 10000.');
}

/** Reads a time in seconds, at most half a day, from the command line. */
export function parseSeconds(text: string): number {
  const number = Number(text);
  if (text !== '' && number >= 0 && number <= 43_200) return number;
  throw new InvalidArgumentError('Expected seconds from 0 to 43200.');
}
