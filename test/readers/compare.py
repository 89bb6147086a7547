"""Holds a merged file against the files that it was made of, with pyarrow and DuckDB: compare.py <folder> <merged>

Schema, all rows, statistics of flat columns, checksums of pages, a hash over all rows by DuckDB. Prints what it compared as
JSON, or fails."""

import json
import os
import sys

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

folder, merged = sys.argv[1], sys.argv[2]
files = [f"{folder}/{name}" for name in sorted(os.listdir(folder)) if name.endswith(".parquet")]
file = pq.ParquetFile(merged, page_checksum_verification=True)
first = pq.ParquetFile(files[0])
assert file.schema.equals(first.schema), "the Parquet schema differs"
assert file.schema_arrow.equals(first.schema_arrow), "the Arrow schema differs"

table = file.read()
wanted = pa.concat_tables([pq.ParquetFile(name).read() for name in files])
assert table.num_rows == wanted.num_rows, f"{table.num_rows} rows instead of {wanted.num_rows}"
for name in wanted.column_names:
    # NaN equals nothing, and repr tells 0.0 from -0.0.
    assert repr(table[name].to_pylist()) == repr(wanted[name].to_pylist()), f"the values of {name} differ"

bounds = 0
for index in range(file.metadata.num_row_groups):
    group = file.metadata.row_group(index)
    rows = file.read_row_group(index)
    for place in range(group.num_columns):
        chunk = group.column(place)
        name, statistics = chunk.path_in_schema, chunk.statistics
        assert chunk.has_offset_index, f"{name} has no offset index"
        if "." in name or statistics is None:
            continue
        values = [value for value in rows[name].to_pylist() if value is not None and value == value]
        assert statistics.null_count == rows[name].null_count, f"the nulls of {name} are miscounted"
        if statistics.has_min_max:
            bounds += 1
            assert (statistics.min, statistics.max) == (min(values), max(values)), f"the bounds of {name} are wrong"


def query(source):
    names = [row[0] for row in duckdb.sql(f"DESCRIBE SELECT * FROM read_parquet({source!r})").fetchall()]
    hashes = ", ".join(f'sum(hash("{name}"))' for name in names)
    return duckdb.sql(f"SELECT count(*), {hashes} FROM read_parquet({source!r})").fetchall()


assert query(files) == query(merged), "DuckDB answers differently"
print(json.dumps({"rows": table.num_rows, "rowGroups": file.metadata.num_row_groups, "bounds": bounds}))
