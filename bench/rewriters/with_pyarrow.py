"""Rewrites the Parquet files of a folder as one with pyarrow, in row groups of up to 131,072 rows.

with_pyarrow.py <folder>; each line of the input names a file to write and is answered by a line."""

import json
import os
import sys

import pyarrow as pa
import pyarrow.parquet as pq

ROWS = 131_072
folder = sys.argv[1]
names = sorted(name for name in os.listdir(folder) if name.endswith(".parquet"))


def rewrite(output):
    codec = pq.ParquetFile(f"{folder}/{names[0]}").metadata.row_group(0).column(0).compression.lower()
    writer, tables, rows = None, [], 0
    for name in names:
        table = pq.read_table(f"{folder}/{name}")
        if writer is None:
            writer = pq.ParquetWriter(output, table.schema, compression=codec, write_page_index=True)
        if rows + table.num_rows > ROWS:
            writer.write_table(pa.concat_tables(tables), row_group_size=ROWS)
            tables, rows = [], 0
        tables.append(table)
        rows += table.num_rows
    writer.write_table(pa.concat_tables(tables), row_group_size=ROWS)
    writer.close()


print(json.dumps({"pids": [os.getpid()]}), flush=True)
for line in sys.stdin:
    try:
        rewrite(line.rstrip("\n"))
        print("{}", flush=True)
    except Exception as error:  # whatever pyarrow says is the answer
        print(json.dumps({"error": str(error)}), flush=True)
