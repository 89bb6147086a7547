"""Rewrites the Parquet files of a folder as one with DuckDB, in row groups of up to 131,072 rows.

with_duckdb.py <folder>; each line of the input names a file to write and is answered by a line."""

import json
import os
import sys

import duckdb

folder = sys.argv[1]
files = [f"{folder}/{name}" for name in sorted(os.listdir(folder)) if name.endswith(".parquet")]
print(json.dumps({"pids": [os.getpid()]}), flush=True)
for line in sys.stdin:
    output = line.rstrip("\n")
    try:
        duckdb.sql(
            f"COPY (SELECT * FROM read_parquet({files!r})) TO {output!r} "
            "(FORMAT parquet, COMPRESSION snappy, ROW_GROUP_SIZE 131072)"
        )
        print("{}", flush=True)
    except Exception as error:  # whatever DuckDB says is the answer
        print(json.dumps({"error": str(error)}), flush=True)
