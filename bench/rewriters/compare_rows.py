"""Holds the rows of a file against those of the files that it was made of, with pyarrow: compare_rows.py <folder> <file>

Columns are cast to the types that they had. Tells as JSON whether all rows are there in their order ("yes"), in another order
("another order"), or which columns differ."""

import json
import os
import sys

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

folder, file = sys.argv[1:]
names = sorted(name for name in os.listdir(folder) if name.endswith(".parquet"))
wanted = pa.concat_tables([pq.read_table(f"{folder}/{name}") for name in names])
got = pq.read_table(file)


def differing(left, right):
    columns = []
    for name in wanted.column_names:
        column = right[name]
        try:
            same = left[name].equals(column if column.type == left[name].type else column.cast(left[name].type))
        except (KeyError, pa.ArrowException):
            same = False
        if not same:
            columns.append(name)
    return columns


def sort(table):
    order = [(name, "ascending") for name in table.column_names if not pa.types.is_nested(table[name].type)]
    return table.take(pc.sort_indices(table, sort_keys=order))


answer = {"rows": "yes"}
if got.num_rows != wanted.num_rows:
    answer["rows"] = f"{got.num_rows} instead of {wanted.num_rows}"
elif differing(wanted, got):
    columns = differing(sort(wanted), sort(got))
    answer["rows"] = f"differ in {', '.join(columns)}" if columns else "another order"
print(json.dumps(answer))
