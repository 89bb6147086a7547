import type { Row } from '#shared/hive/hiveserver-rows.ts';
import type { NewRecord } from '#shared/kafka/cut-sends.ts';

/** A flight as its event told it. */
export interface FlightEvent {
  readonly id: number;
  readonly departure: string;
  readonly delay: number;
  readonly distance: number;
  readonly origin: string;
  readonly destination: string;
}

/** The rows of an hour in one number and one sum that change when any row is missing, doubled, or other. */
interface Sum {
  rows: number;
  sum: bigint;
}

/** What the table must answer, by the events that were sent: known without asking any part of the lake. */
export class Truth {
  readonly #hours = new Map<string, Sum>();
  rows = 0;
  miles = 0;
  delay = 0;

  /** Adds what is a flight among the events. */
  add(records: readonly Pick<NewRecord, 'value'>[]): void {
    for (const { value } of records) {
      const flight = readFlight(value);
      if (flight !== undefined) this.addFlight(flight);
    }
  }

  /** Adds a flight. */
  addFlight({ id, departure, delay, distance, origin, destination }: FlightEvent): void {
    const [, , day, hour] = departure.split(/[-T:]/);
    const known = this.#hours.get(`${day}/${hour}`) ?? { rows: 0, sum: 0n };
    known.rows += 1;
    known.sum += weigh(id, delay, distance, origin, destination);
    this.#hours.set(`${day}/${hour}`, known);
    this.rows += 1;
    this.miles += distance;
    this.delay += delay;
  }

  /** The hours that have flights, as day and hour. */
  hours(): [day: string, hour: string][] {
    return [...this.#hours.keys()].toSorted().map((name) => name.split('/') as [string, string]);
  }

  /** True when these are exactly the rows of an hour. */
  isHour(day: string, hour: string, rows: readonly Row[]): boolean {
    const known = this.#hours.get(`${day}/${hour}`);
    const sum = rows.reduce(
      (total, { id, delay, distance, origin, destination }) => total + weigh(id, delay, distance, origin, destination),
      0n,
    );
    return known?.rows === rows.length && known.sum === sum;
  }
}

function readFlight(value: Uint8Array | null): FlightEvent | undefined {
  try {
    const flight = JSON.parse(Buffer.from(value ?? []).toString()) as FlightEvent;
    return Number.isInteger(flight.delay) && typeof flight.destination === 'string' ? flight : undefined;
  } catch {
    return undefined;
  }
}

/** A number that follows from all values (FNV-1a). */
function weigh(...values: unknown[]): bigint {
  let hash = 0x811c9dc5;
  for (const byte of Buffer.from(values.join('\t'))) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  return BigInt(hash);
}
