import { gzipSync, zstdDecompressSync } from 'node:zlib';
import { asyncBufferFromFile, parquetReadObjects } from 'hyparquet';
import type { NewRecord } from '#shared/kafka/cut-sends.ts';
import { javaPartition } from '#shared/kafka/java-partition.ts';

/** A flight of the data set. */
export interface Flight {
  readonly date: Date;
  readonly delay: bigint;
  readonly distance: bigint;
  readonly origin: string;
  readonly destination: string;
}

/** What can be wrong with an event. */
export type Fault = 'renamed' | 'cut' | 'text' | 'packed';

/** The events of a raw topic, and how many have which fault. */
export interface RawFlights {
  readonly records: readonly NewRecord[];
  readonly faults: Readonly<Record<Fault, number>>;
}

/** The airport whose software, from noon of the second day on, calls `destination` by another name. */
const renamingAirport = 'ATL';
const renamedFrom = Date.parse('2001-01-02T12:00:00Z');
/** A number of which multiples, cut to 32 bits, are in no order (Knuth, The Art of Computer Programming, 6.4). */
const scatter = 2_654_435_761;

/** The flights of the first `days` days of 2001 as events, in the order in which they arrive: all hours mixed. */
export async function rawFlights(topic: string, partitions: number, days: number, now: number): Promise<RawFlights> {
  const rows = await readFlights(0, days);
  const faults = { renamed: 0, cut: 0, text: 0, packed: 0 };
  const order = rows.map((_, id) => [Math.imul(id, scatter), id] as const).toSorted(([a], [b]) => a - b);
  const records = order.map(([, id]): NewRecord => {
    const row = rows[id] as Flight;
    const fault = faultOf(id, row);
    if (fault !== undefined) faults[fault] += 1;
    const key = Buffer.from(String(id));
    const place = { topic, partition: javaPartition(key, partitions), timestamp: BigInt(now) };
    return { ...place, key, value: writeEvent(id, row, fault), headers: [] };
  });
  return { records, faults };
}

function faultOf(id: number, { date, origin }: Flight): Fault | undefined {
  if (origin === renamingAirport && date.getTime() >= renamedFrom) return 'renamed';
  if (id % 500 === 7) return 'cut';
  if (id % 700 === 11) return 'text';
  return id % 2_000 === 13 ? 'packed' : undefined;
}

function writeEvent(
  id: number,
  { date, delay, distance, origin, destination }: Flight,
  fault: Fault | undefined,
): Buffer {
  const text = JSON.stringify({
    id,
    departure: date.toISOString(),
    delay: fault === 'text' ? `${delay} min` : Number(delay),
    distance: Number(distance),
    origin,
    [fault === 'renamed' ? 'dest' : 'destination']: destination,
  });
  if (fault === 'cut') return Buffer.from(text.slice(0, 64));
  return fault === 'packed' ? gzipSync(text) : Buffer.from(text);
}

/** The flights of some days of 2001, in the order of their departures. */
export async function readFlights(firstDay: number, days: number): Promise<Flight[]> {
  // The package exports no paths into its data. These rows are more than six days.
  const file = await asyncBufferFromFile(
    new URL('../node_modules/vega-datasets/data/flights-3m.parquet', import.meta.url).pathname,
  );
  const compressors = { ZSTD: (bytes: Uint8Array) => zstdDecompressSync(bytes) };
  const flights = await parquetReadObjects({ file, rowStart: 0, rowEnd: 100_000, compressors });
  const [from, to] = [firstDay, firstDay + days].map((day) => Date.UTC(2001, 0, 1 + day)) as [number, number];
  return (flights as unknown as Flight[]).filter(({ date }) => date.getTime() >= from && date.getTime() < to);
}
