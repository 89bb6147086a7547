"""Reads all files of a folder together with pyarrow and DuckDB: content.py <folder> <filter> ...

Prints the rows, digests of their content in any order, and the ids that DuckDB finds by each filter, as JSON."""

import hashlib
import json
import os
import sys

import duckdb
import pyarrow.parquet as pq

folder, filters = sys.argv[1], sys.argv[2:]
files = [f"{folder}/{name}" for name in sorted(os.listdir(folder))]
# NaN equals nothing, and repr tells 0.0 from -0.0.
texts = sorted(repr(row) for name in files for row in pq.ParquetFile(name, page_checksum_verification=True).read().to_pylist())
columns = [row[0] for row in duckdb.sql(f"DESCRIBE SELECT * FROM read_parquet({files!r})").fetchall()]
hashes = ", ".join(f'sum(hash("{name}"))::VARCHAR' for name in columns)
find = f"SELECT id FROM read_parquet({files!r}) WHERE "
print(
    json.dumps(
        {
            "rows": len(texts),
            "pyarrow": hashlib.sha256("\n".join(texts).encode()).hexdigest(),
            "duckdb": duckdb.sql(f"SELECT count(*), {hashes} FROM read_parquet({files!r})").fetchall(),
            "found": {where: sorted(row[0] for row in duckdb.sql(find + where).fetchall()) for where in filters},
        }
    )
)
