/**
 * Keys of key-value metadata that may differ between files of one schema: of several values the first one is kept. All
 * readers that were tried took it so: pyarrow, DuckDB, polars, Spark, Hive, parquet-avro. (Of `ARROW:schema` this holds only
 * while its fields agree: by them Arrow's readers turn numbers into durations, and times into those of a time zone.)
 */
export const toleratedKeys: ReadonlySet<string> = new Set([
  'parquet.avro.schema',
  'writer.model.name',
  'ARROW:schema',
  'pandas',
]);
