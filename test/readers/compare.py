"""Holds merged files against the files that they were made of, with pyarrow and DuckDB: compare.py <folder> <merged> ...

Schema, all rows, rows that filters find, statistics of flat columns, checksums of pages, a hash over all rows by DuckDB; and
page indexes, unless the name of the merged file begins with "concat". Prints what it compared as JSON, or fails."""

import itertools
import json
import os
import sys

import duckdb
import pyarrow as pa
import pyarrow.dataset as ds
import pyarrow.parquet as pq

folder = sys.argv[1]
files = [f"{folder}/{name}" for name in sorted(os.listdir(folder)) if name.endswith(".parquet")]
first = pq.ParquetFile(files[0])
wanted = pa.concat_tables([pq.ParquetFile(name).read() for name in files])
types = {name: of for name, of, *_ in duckdb.sql(f"DESCRIBE SELECT * FROM read_parquet({files!r})").fetchall()}


def texts(column):
    # NaN equals nothing, and repr tells 0.0 from -0.0.
    return repr(column.to_pylist())


wanted_texts = {name: texts(wanted[name]) for name in wanted.column_names}


def compare_rows(file):
    assert file.schema.equals(first.schema), "the Parquet schema differs"
    assert file.schema_arrow.equals(first.schema_arrow), "the Arrow schema differs"
    table = file.read()
    assert table.num_rows == wanted.num_rows, f"{table.num_rows} rows instead of {wanted.num_rows}"
    for name in wanted.column_names:
        assert texts(table[name]) == wanted_texts[name], f"the values of {name} differ"


def compare_statistics(file, indexed):
    bounds = 0
    for index in range(file.metadata.num_row_groups):
        group = file.metadata.row_group(index)
        rows = file.read_row_group(index)
        for place in range(group.num_columns):
            chunk = group.column(place)
            name, statistics = chunk.path_in_schema, chunk.statistics
            assert chunk.has_offset_index or not indexed, f"{name} has no offset index"
            if "." in name or statistics is None:
                continue
            values = [value for value in rows[name].to_pylist() if value is not None and value == value]
            if statistics.has_null_count:
                assert statistics.null_count == rows[name].null_count, f"the nulls of {name} are miscounted"
            # What pyarrow shows otherwise in statistics than in rows cannot be compared.
            if statistics.has_min_max and values and isinstance(statistics.min, type(values[0])):
                bounds += 1
                assert (statistics.min, statistics.max) == (min(values), max(values)), f"the bounds of {name} are wrong"
    return bounds


def filters():
    """Values of flat columns, from the first and the last row that have some, and one that is in no row."""
    for field in wanted.schema:
        values = wanted[field.name].drop_null()
        if len(values) > 0 and (pa.types.is_integer(field.type) or field.type == pa.string()):
            for value in {values[0].as_py(), values[-1].as_py(), "nowhere" if field.type == pa.string() else 77}:
                yield field.name, pa.scalar(value, field.type)


def query(source):
    """What DuckDB answers: rows, a hash of each column, and the rows that each filter finds."""
    hashes = ", ".join(f'sum(hash("{name}"))' for name in types)
    answers = duckdb.sql(f"SELECT count(*), {hashes} FROM read_parquet({source!r})").fetchall()
    for name, value in filters():
        literal = "'" + value.as_py() + "'" if value.type == pa.string() else f"{value.as_py()}"
        where = f'"{name}" = {literal}'
        answers += duckdb.sql(f"SELECT count(*) FROM read_parquet({source!r}) WHERE {where}").fetchall()
    return answers


def scan(source):
    """The rows that pyarrow finds by each filter."""
    dataset = ds.dataset(source, format="parquet")
    return [dataset.count_rows(filter=ds.field(name) == value) for name, value in filters()]


def probe(merged):
    """Asks the bloom filters of a file of one row group for values that are there, by DuckDB; tells how many."""
    columns = duckdb.sql(f"SELECT path_in_schema FROM parquet_metadata({merged!r}) WHERE bloom_filter_offset IS NOT NULL")
    # DuckDB takes the filter of another column behind a nested one, and asks for other bytes of other types: also in its own files.
    flat = itertools.takewhile(lambda name: not types[name].startswith(("STRUCT", "MAP")) and "[" not in types[name], types)
    probed = {name for name in flat if types[name] in ("INTEGER", "BIGINT", "DOUBLE", "VARCHAR", "DATE")}
    asked = 0
    for (name,) in columns.fetchall():
        if name not in probed:
            continue
        for value in wanted[name].unique().drop_null().to_pylist()[:40]:
            answer = duckdb.execute("SELECT bloom_filter_excludes FROM parquet_bloom_probe(?, ?, ?)", [merged, name, value])
            assert answer.fetchall() == [(False,)], f"the bloom filter of {name} denies {value!r}"
            asked += 1
    return asked


by_duckdb, by_pyarrow = query(files), scan(files)
told = []
for merged in sys.argv[2:]:
    file = pq.ParquetFile(merged, page_checksum_verification=True)
    compare_rows(file)
    bounds = compare_statistics(file, not os.path.basename(merged).startswith("concat"))
    assert query(merged) == by_duckdb, "DuckDB answers differently"
    assert scan(merged) == by_pyarrow, "pyarrow finds other rows"
    groups = file.metadata.num_row_groups
    probed = probe(merged) if groups == 1 else 0
    told.append({"rows": wanted.num_rows, "rowGroups": groups, "bounds": bounds, "filters": len(by_pyarrow), "probed": probed})
print(json.dumps(told))
