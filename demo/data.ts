import { readFileSync } from 'node:fs';
import type { SchemaElement } from 'hyparquet';
import { type ColumnSource, parquetWriteBuffer } from 'hyparquet-writer';

/** A file for the golden zone. */
export interface DemoFile {
  readonly path: string;
  readonly bytes: Uint8Array;
  readonly rows: number;
}

interface Flight {
  /** `2001/01/31 23:59`, the local time of the departure. */
  readonly date: string;
  readonly delay: number;
  readonly distance: number;
  readonly origin: string;
  readonly destination: string;
}

interface Quake {
  readonly id: string;
  readonly properties: {
    readonly mag: number | null;
    readonly place: string;
    readonly time: number;
    readonly felt: number | null;
    readonly tsunami: number;
  };
  readonly geometry: { readonly coordinates: readonly [number, number, number] };
}

const smallint: Partial<SchemaElement> = { type: 'INT32', converted_type: 'INT_16' };
const int: Partial<SchemaElement> = { type: 'INT32' };
const bigint: Partial<SchemaElement> = { type: 'INT64' };
const double: Partial<SchemaElement> = { type: 'DOUBLE' };
const string: Partial<SchemaElement> = { type: 'BYTE_ARRAY', converted_type: 'UTF8' };
const timestamp: Partial<SchemaElement> = { type: 'INT64', converted_type: 'TIMESTAMP_MILLIS' };

type Columns<Row> = Record<string, readonly [Partial<SchemaElement>, (row: Row) => unknown]>;

const flightColumns: Columns<Flight> = {
  departure: [timestamp, (flight) => new Date(`${flight.date.replaceAll('/', '-').replace(' ', 'T')}:00Z`)],
  delay: [smallint, (flight) => flight.delay],
  distance: [int, (flight) => flight.distance],
  origin: [string, (flight) => flight.origin],
  destination: [string, (flight) => flight.destination],
};

// What the airline changed on the third day: delay and distance got larger types, and a column came in the middle.
const laterFlightColumns: Columns<Flight> = {
  departure: flightColumns['departure']!,
  delay: [int, (flight) => flight.delay],
  late: [{ type: 'BOOLEAN' }, (flight) => flight.delay > 15],
  distance: [bigint, (flight) => BigInt(flight.distance)],
  origin: flightColumns['origin']!,
  destination: flightColumns['destination']!,
};

const quakeColumns: Columns<Quake> = {
  id: [string, (quake) => quake.id],
  time: [timestamp, (quake) => new Date(quake.properties.time)],
  magnitude: [double, (quake) => quake.properties.mag],
  place: [string, (quake) => quake.properties.place],
  felt: [int, (quake) => quake.properties.felt],
  longitude: [double, (quake) => quake.geometry.coordinates[0]],
  latitude: [double, (quake) => quake.geometry.coordinates[1]],
  depth: [double, (quake) => quake.geometry.coordinates[2]],
};

/** Two days of flights, two files an hour. */
export function flightFiles(): DemoFile[] {
  const rows = (readRows('flights-20k.json') as Flight[]).filter((flight) => flight.date < '2001/01/03');
  return cutIntoHours(
    'flights',
    rows,
    (flight) => flight.date.replaceAll(/[ :]/g, '/').split('/').slice(0, 4),
    flightColumns,
    2,
  );
}

/** The third day, with a new column and larger types. */
export function laterFlightFiles(): DemoFile[] {
  const rows = (readRows('flights-20k.json') as Flight[]).filter((flight) => flight.date.startsWith('2001/01/03'));
  return cutIntoHours(
    'flights',
    rows,
    (flight) => flight.date.replaceAll(/[ :]/g, '/').split('/').slice(0, 4),
    laterFlightColumns,
    1,
  );
}

/** A week of earthquakes, one file an hour. */
export function quakeFiles(): DemoFile[] {
  const { features } = readRows('earthquakes.json') as { features: Quake[] };
  return cutIntoHours(
    'earthquakes',
    features,
    (quake) => new Date(quake.properties.time).toISOString().slice(0, 13).split(/[-T]/),
    quakeColumns,
    1,
  );
}

/** A flight whose delay became text: a file that must not get into the table. */
export function hostileFile(): DemoFile {
  const rows = (readRows('flights-20k.json') as Flight[]).filter((flight) => flight.date.startsWith('2001/01/04 12'));
  const columns: Columns<Flight> = { ...laterFlightColumns, delay: [string, (flight) => `${flight.delay} min`] };
  const [file] = cutIntoHours('flights', rows, () => ['2001', '01', '04', '12'], columns, 1);
  return file as DemoFile;
}

function readRows(name: string): unknown {
  // The package exports no paths into its data.
  return JSON.parse(readFileSync(new URL(`../node_modules/vega-datasets/data/${name}`, import.meta.url), 'utf8'));
}

function cutIntoHours<Row>(
  topic: string,
  rows: readonly Row[],
  hourOf: (row: Row) => string[],
  columns: Columns<Row>,
  parts: number,
): DemoFile[] {
  const hours = Map.groupBy(rows, (row) => hourOf(row).join('/'));
  return [...hours]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([hour, all]) =>
      Array.from({ length: Math.min(parts, all.length) }, (_, part) => {
        const own = all.filter((__, index) => index % parts === part);
        return {
          path: `/golden/${topic}/${hour}/part-${part}.snappy.parquet`,
          bytes: writeParquet(own, columns),
          rows: own.length,
        };
      }),
    );
}

function writeParquet<Row>(rows: readonly Row[], columns: Columns<Row>): Uint8Array {
  const entries = Object.entries(columns);
  const columnData = entries.map(([name, [, value]]): ColumnSource => ({ name, data: rows.map(value) }));
  const schema = [
    { name: 'root', num_children: entries.length },
    ...entries.map(([name, [element]]): SchemaElement => ({ name, repetition_type: 'OPTIONAL', ...element })),
  ];
  return new Uint8Array(parquetWriteBuffer({ columnData, schema, codec: 'SNAPPY', rowGroupSize: 100_000 }));
}
