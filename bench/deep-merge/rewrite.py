"""Rewrites Parquet files as one with pyarrow, in row groups of up to 131,072 rows: rewrite.py <folder> <output>

Tells its processor time in milliseconds and its peak of resident memory in MiB."""

import json
import os
import resource
import sys

import pyarrow as pa
import pyarrow.parquet as pq

ROWS = 131_072
folder, output = sys.argv[1], sys.argv[2]
writer = None
tables, rows = [], 0
names = sorted(name for name in os.listdir(folder) if name.endswith(".parquet"))
codec = pq.ParquetFile(f"{folder}/{names[0]}").metadata.row_group(0).column(0).compression.lower()


def flush():
    global tables, rows
    if tables:
        writer.write_table(pa.concat_tables(tables), row_group_size=ROWS)
    tables, rows = [], 0


for name in names:
    table = pq.read_table(f"{folder}/{name}")
    if writer is None:
        writer = pq.ParquetWriter(output, table.schema, compression=codec, write_page_index=True)
    if rows + table.num_rows > ROWS:
        flush()
    tables.append(table)
    rows += table.num_rows
flush()
writer.close()
used = resource.getrusage(resource.RUSAGE_SELF)
print(json.dumps({"cpu": (used.ru_utime + used.ru_stime) * 1000, "memory": used.ru_maxrss / 1024}))
