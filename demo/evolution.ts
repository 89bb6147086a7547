import type { SchemaElement } from 'hyparquet';
import { type ColumnSource, parquetWriteBuffer } from 'hyparquet-writer';
import { count, paint, printable } from '../cli/terminal.ts';
import { ring } from './broker.ts';
import { askWhole, type Engines } from './queries.ts';
import type { SyncResult } from './queryable.ts';
import { type Flight, readFlights } from './raw-flights.ts';
import { query, requireEqual, say, showEvents, step } from './screen.ts';
import { golden, topics } from './settings.ts';
import type { Stage } from './stage.ts';
import type { FlightEvent, Truth } from './truth.ts';

/** Ids of the third day begin here: beyond those of the first two. */
const firstId = 1_000_000;
const string: Partial<SchemaElement> = { type: 'BYTE_ARRAY', converted_type: 'UTF8' };

type Columns = Record<string, readonly [Partial<SchemaElement>, (flight: FlightEvent) => unknown]>;

/** What the new writer writes: distance got a larger type, and a column came in the middle. */
const columns: Columns = {
  id: [{ type: 'INT64' }, ({ id }) => BigInt(id)],
  departure: [{ type: 'INT64', converted_type: 'TIMESTAMP_MILLIS' }, ({ departure }) => new Date(departure)],
  delay: [{ type: 'INT32' }, ({ delay }) => delay],
  late: [{ type: 'BOOLEAN' }, ({ delay }) => delay > 15],
  distance: [{ type: 'INT64' }, ({ distance }) => BigInt(distance)],
  origin: [string, ({ origin }) => origin],
  destination: [string, ({ destination }) => destination],
};

/** An act: new columns, larger types, and a file that must not get into the table. */
export async function evolve(stage: Stage, engines: Engines, truth: Truth): Promise<void> {
  const { hive, broker, functions, hdfs } = stage;
  const flights = (await readFlights(2, 1)).map(toEvent);
  const files = [...Map.groupBy(flights, ({ departure }) => departure.slice(11, 13))].map(([hour, all]) => ({
    path: `${golden}/${topics.processed}/2001/01/03/${hour}/part-0.snappy.parquet`,
    bytes: writeParquet(all, columns),
  }));
  await step(
    'A new writer brings the third day: a column in the middle (late), and a larger type (distance int to bigint)',
    () => Promise.all(files.map(({ path, bytes }) => hdfs.create(path, bytes))),
    () => `${count(files.length, 'file')}, ${count(flights.length, 'flight')}`,
  );
  for (const flight of flights) truth.addFlight(flight);
  const closed = (paths: readonly string[]): Promise<SyncResult> =>
    ring<SyncResult>(functions['metastore-sync'], 'dev.lakewarden.file.closed', { paths });
  await step(
    'Ring metastore-sync with the files by name, as a writer does when it closes them',
    () => closed(files.map(({ path }) => path)),
    ({ status }) => status,
  );
  showEvents(await broker.take());
  await query(
    hive,
    'SELECT day, count(id) AS flights, max(distance) AS longest, count(late) AS knows_late FROM flights GROUP BY day ORDER BY day',
  );

  const path = `${golden}/${topics.processed}/2001/01/04/12/part-0.snappy.parquet`;
  const asText: Columns = { ...columns, delay: [string, ({ delay }) => `${delay} min`] };
  await step(
    'Another writer writes delay as text, and rings, too',
    async () => {
      await hdfs.create(path, writeParquet(flights.slice(0, 100), asText));
      const { problems } = await closed([path]);
      for (const { message } of problems) say(paint('yellow', `! ${printable(message)}`));
      requireEqual('files that are refused', problems.filter(({ message }) => message.includes('delay')).length, 1);
      await hdfs.remove(path);
    },
    () => 'refused by name, the table stays right',
  );
  showEvents(await broker.take());
  await askWhole(engines, truth, 'of all three days');
}

function toEvent({ date, delay, distance, origin, destination }: Flight, index: number): FlightEvent {
  const numbers = { id: firstId + index, delay: Number(delay), distance: Number(distance) };
  return { ...numbers, departure: date.toISOString(), origin, destination };
}

function writeParquet(flights: readonly FlightEvent[], written: Columns): Uint8Array {
  const entries = Object.entries(written);
  const columnData = entries.map(([name, [, value]]): ColumnSource => ({ name, data: flights.map(value) }));
  const schema = [
    { name: 'root', num_children: entries.length },
    ...entries.map(([name, [element]]): SchemaElement => ({ name, repetition_type: 'OPTIONAL', ...element })),
  ];
  return new Uint8Array(parquetWriteBuffer({ columnData, schema, codec: 'SNAPPY', rowGroupSize: 100_000 }));
}
