"""Writes sets of files of one random schema each with pyarrow and DuckDB: random_sets.py <folder> <seed> ...

Each set is a folder, arrow-<seed> or duckdb-<seed>, of two to five files with random rows, each written in another way."""

import datetime
import decimal
import os
import random
import sys

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

WORDS = ["", "a", "alpha", "delta \u00fc", "\u65e5\u672c", "x" * 70]
REALS = [0.0, -0.0, 1.5, -2.25, float("nan"), float("inf")]
SIZES = [0, 1, 7, 100, 1000]


def whole(bits, signed):
    low = -(2 ** (bits - 1)) if signed else 0
    high = low + 2**bits - 1
    return lambda rng: rng.choice([low, high, 0, 1, rng.randint(low, high)])


def digits(precision, scale):
    limit = 10**precision - 1
    return lambda rng: decimal.Decimal(rng.randint(-limit, limit)).scaleb(-scale, decimal.Context(prec=76))


LEAVES = [
    *[(getattr(pa, f"int{bits}")(), whole(bits, True)) for bits in (8, 16, 32, 64)],
    *[(getattr(pa, f"uint{bits}")(), whole(bits, False)) for bits in (8, 16, 32, 64)],
    (pa.int32(), lambda rng: rng.randrange(5)),
    (pa.bool_(), lambda rng: rng.random() < 0.5),
    (pa.float16(), lambda rng: rng.choice(REALS)),
    (pa.float32(), lambda rng: rng.choice(REALS)),
    (pa.float64(), lambda rng: rng.choice([*REALS, rng.random()])),
    (pa.string(), lambda rng: rng.choice(WORDS)),
    (pa.string(), lambda rng: f"{rng.random()}"),
    (pa.binary(), lambda rng: rng.randbytes(rng.randrange(6))),
    (pa.binary(5), lambda rng: rng.randbytes(5)),
    (pa.decimal128(9, 2), digits(9, 2)),
    (pa.decimal128(18, 4), digits(18, 4)),
    (pa.decimal128(38, 10), digits(38, 10)),
    (pa.decimal256(50, 3), digits(50, 3)),
    (pa.date32(), lambda rng: datetime.date(2019, 9, 1 + rng.randrange(30))),
    (pa.time32("ms"), lambda rng: datetime.time(rng.randrange(24), 1, 2, 3000)),
    (pa.time64("us"), lambda rng: datetime.time(rng.randrange(24), 1, 2, 3)),
    *[(pa.timestamp(unit, zone), lambda rng: 1000 * rng.randrange(10**6)) for unit in ("s", "ms", "us", "ns") for zone in (None, "UTC")],
    (pa.duration("us"), lambda rng: rng.randrange(10**9)),
    (pa.null(), lambda rng: None),
]


def any_type(rng, depth=0):
    """A type, and how to make a value of it."""
    if depth >= 3 or rng.random() < 0.65:
        # pyarrow does not read what it writes of structs without any value.
        return rng.choice(LEAVES if depth == 0 else LEAVES[:-1])
    kind = rng.randrange(3)
    if kind == 0:
        fields = [(f"s{index}", *any_type(rng, depth + 1)) for index in range(1 + rng.randrange(3))]
        nullable = pa.struct([(name, of) for name, of, _ in fields])
        return nullable, lambda rng: {name: maybe(make)(rng) for name, _, make in fields}
    of, make = any_type(rng, depth + 1)
    if kind == 1:
        return pa.list_(of), lambda rng: [maybe(make)(rng) for _ in range(rng.randrange(4))]
    # The same key twice, too.
    return pa.map_(pa.string(), of), lambda rng: [(f"k{rng.randrange(2)}", maybe(make)(rng)) for _ in range(rng.randrange(3))]


def maybe(make):
    return lambda rng: None if rng.random() < 0.2 else make(rng)


def arrow_set(folder, seed):
    rng = random.Random(seed)
    columns = []
    for index in range(4 + rng.randrange(8)):
        of, make = any_type(rng)
        required = rng.random() < 0.3 and of != pa.null()
        nothing = not required and rng.random() < 0.1
        metadata = {"PARQUET:field_id": str(rng.randrange(1000))} if rng.random() < 0.3 else None
        field = pa.field(f"c{index}", of, nullable=not required, metadata=metadata)
        columns.append((field, (lambda rng: None) if nothing else make if required else maybe(make)))
    schema = pa.schema([field for field, _ in columns])
    flat = [field for field in schema if not pa.types.is_nested(field.type)]
    common = {
        "version": rng.choice(["1.0", "2.4", "2.6"]),
        "use_deprecated_int96_timestamps": rng.random() < 0.2,
        "store_decimal_as_integer": rng.random() < 0.5,
        "write_page_checksum": rng.random() < 0.5,
    }
    for index in range(2 + rng.randrange(4)):
        rows = rng.choice(SIZES)
        arrays = [pa.array([make(rng) for _ in range(rows)], field.type) for field, make in columns]
        dictionary = rng.random() < 0.6
        encodings = {} if dictionary else {field.name: rng.choice(encodings_of(field.type)) for field in flat}
        pq.write_table(
            pa.Table.from_arrays(arrays, schema=schema),
            f"{folder}/{index}.parquet",
            compression=rng.choice(["snappy", "gzip", "zstd", "none"]),
            data_page_version=rng.choice(["1.0", "2.0"]),
            use_dictionary=dictionary,
            column_encoding={name: encoding for name, encoding in encodings.items() if encoding is not None} or None,
            dictionary_pagesize_limit=rng.choice([60, 1000, 2**20]),
            data_page_size=rng.choice([50, 1000, 2**20]),
            write_batch_size=rng.choice([1, 3, 1024]),
            row_group_size=rng.choice([9, 300, 10000]),
            write_page_index=rng.random() < 0.5,
            **common,
        )


def encodings_of(of):
    """The encodings that pyarrow writes for a type, and none for its own choice."""
    if pa.types.is_boolean(of):
        return ["PLAIN", "RLE"]
    # DuckDB does not read halves that were split.
    if of in (pa.float32(), pa.float64()):
        return ["PLAIN", "BYTE_STREAM_SPLIT"]
    if of in (pa.string(), pa.binary()):
        return ["PLAIN", "DELTA_BYTE_ARRAY", "DELTA_LENGTH_BYTE_ARRAY"]
    if of in (pa.int32(), pa.int64()):
        return ["PLAIN", "DELTA_BINARY_PACKED", "BYTE_STREAM_SPLIT"]
    return [None]


# Values by the number i of the row.
EXPRESSIONS = [
    "i % 2 = 0",
    "(i % 100)::TINYINT",
    "(i % 9000 * 7)::USMALLINT",
    "(i * 70001)::INTEGER",
    "(i % 9)::UINTEGER",
    "i * -90000000000",
    "(i * 900000000000)::UBIGINT",
    "(i / 3)::FLOAT",
    "i / -7",
    "(i * 1.25)::DECIMAL(9,2)",
    "(i * -1000.0625)::DECIMAL(30,4)",
    "'text ' || i % 9",
    "'text ' || i * i",
    "('b' || i)::BLOB",
    "DATE '2019-09-01' + (i % 30)::INTEGER",
    "TIME '03:04:05' + INTERVAL (i % 1000) SECOND",
    "TIMESTAMP '2019-09-01 03:04:05.678' + INTERVAL (i) SECOND",
    "(TIMESTAMP '2019-09-01 03:04:05.678' + INTERVAL (i) SECOND)::TIMESTAMP_NS",
    "(TIMESTAMP '2019-09-01 03:04:05.678' + INTERVAL (i) SECOND)::TIMESTAMP_MS",
    "INTERVAL (i) DAY",
    "md5(i::VARCHAR)::UUID",
    "('{\"k\": ' || i || '}')::JSON",
    "[i, NULL, i + 1]",
    "[['deep ' || i], ['x', 'y'], []]",
    "MAP {'k' || i % 4: i, 'all': NULL}",
    "{'a': i, 'b': CASE WHEN i % 2 = 0 THEN 'even' END}",
    "[{'a': i / 2, 'b': [i]}]",
]


def duckdb_set(folder, seed):
    rng = random.Random(seed)
    chosen = []
    for index in range(4 + rng.randrange(8)):
        nothing = rng.random() < 0.1
        condition = "i >= 0" if nothing else f"i % {2 + rng.randrange(9)} = 1"
        chosen.append(f"CASE WHEN NOT ({condition}) THEN {rng.choice(EXPRESSIONS)} END AS c{index}")
    version = rng.choice(["V1", "V2"])
    first = 0
    for index in range(2 + rng.randrange(4)):
        rows = rng.choice([*SIZES, 5000])
        codec = rng.choice(["snappy", "gzip", "zstd", "uncompressed"])
        options = f"FORMAT parquet, CODEC {codec}, PARQUET_VERSION {version}, ROW_GROUP_SIZE {rng.choice([2048, 100000])}"
        options += f", DICTIONARY_SIZE_LIMIT {rng.choice([1, 100, 10000])}"
        query = f"SELECT {', '.join(chosen)} FROM range({first}, {first + rows}) AS numbers(i)"
        duckdb.sql(f"COPY ({query}) TO '{folder}/{index}.parquet' ({options})")
        first += rows


for seed in sys.argv[2:]:
    for name, write in (("arrow", arrow_set), ("duckdb", duckdb_set)):
        folder = f"{sys.argv[1]}/{name}-{seed}"
        os.makedirs(folder)
        write(folder, int(seed))
