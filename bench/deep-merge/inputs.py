"""Writes the inputs of the deep-merge benchmark: inputs.py <folder> <unique|common|repeated> <codec> <files>"""

import datetime
import decimal
import os
import random
import sys
import uuid

import pyarrow as pa
import pyarrow.parquet as pq

ROWS = 900
WORDS = ["alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta"]


def maybe(rng, share, value):
    return None if rng.random() < share else value


def unique_table(rng, file):
    """27 columns, 31 leaves, mostly of values that occur once."""
    first = file * ROWS
    rows = range(first, first + ROWS)
    when = 1_700_000_000_000
    text = lambda: "".join(rng.choices("abcdefghijklmnopqrstuvwxyz0123456789", k=16))
    many = lambda make: [make(row) for row in rows]
    d = decimal.Decimal
    columns = [
        ("id", pa.int64(), many(lambda row: row), False),
        ("key", pa.string(), many(lambda row: text()), False),
        ("user", pa.string(), many(lambda row: f"user-{rng.randrange(5000)}"), True),
        ("country", pa.string(), many(lambda row: rng.choice(["DE", "FR", "US", "JP"])), True),
        ("flag", pa.bool_(), many(lambda row: rng.random() < 0.3), True),
        ("small", pa.int8(), many(lambda row: rng.randrange(-100, 100)), True),
        ("unsigned", pa.uint32(), many(lambda row: rng.randrange(2**32)), True),
        ("big_unsigned", pa.uint64(), many(lambda row: rng.randrange(2**64)), True),
        ("count", pa.int32(), many(lambda row: maybe(rng, 0.1, rng.randrange(1_000_000))), True),
        ("ratio", pa.float32(), many(lambda row: maybe(rng, 0.05, rng.random())), True),
        ("amount", pa.float64(), many(lambda row: rng.random() * 1000), True),
        ("price", pa.decimal128(9, 2), many(lambda row: d(rng.randrange(10**8)).scaleb(-2)), True),
        ("total", pa.decimal128(18, 4), many(lambda row: d(rng.randrange(10**15)).scaleb(-4)), True),
        ("ledger", pa.decimal128(38, 10), many(lambda row: d(rng.randrange(10**25)).scaleb(-10)), True),
        ("day", pa.date32(), many(lambda row: datetime.date(2026, 11, 1 + rng.randrange(20))), True),
        ("created", pa.timestamp("ms"), many(lambda row: when + row * 17), True),
        ("updated", pa.timestamp("us"), many(lambda row: (when + row * 17) * 1000 + rng.randrange(1000)), True),
        ("seen", pa.timestamp("us", tz="UTC"), many(lambda row: when * 1000 + rng.randrange(10**12)), True),
        ("clock", pa.time32("ms"), many(lambda row: rng.randrange(86_400_000)), True),
        ("uuid", pa.uuid(), many(lambda row: uuid.UUID(int=rng.getrandbits(128)).bytes), True),
        ("payload", pa.binary(), many(lambda row: rng.randbytes(8)), True),
        ("json", pa.string(), many(lambda row: f'{{"k": {row}, "w": "{rng.choice(WORDS)}"}}'), True),
        ("nothing", pa.string(), many(lambda row: None), True),
        ("tags", pa.list_(pa.string()), many(lambda row: rng.choices(WORDS, k=rng.randrange(4))), True),
        (
            "items",
            pa.list_(pa.struct([("sku", pa.int64()), ("quantity", pa.int32())])),
            many(
                lambda row: [
                    {"sku": rng.randrange(10**9), "quantity": rng.randrange(9)} for _ in range(rng.randrange(3))
                ]
            ),
            True,
        ),
        (
            "address",
            pa.struct([("city", pa.string()), ("geo", pa.struct([("lat", pa.float64()), ("lon", pa.float64())]))]),
            many(
                lambda row: {
                    "city": rng.choice(WORDS),
                    "geo": {"lat": rng.random() * 180 - 90, "lon": rng.random() * 360 - 180},
                }
            ),
            True,
        ),
        (
            "labels",
            pa.map_(pa.string(), pa.int32()),
            many(lambda row: [(word, rng.randrange(100)) for word in rng.sample(WORDS, rng.randrange(3))]),
            True,
        ),
    ]
    schema = pa.schema([pa.field(name, type, nullable) for name, type, _, nullable in columns])
    arrays = []
    for name, type, values, _ in columns:
        if name == "uuid":
            arrays.append(pa.ExtensionArray.from_storage(type, pa.array(values, pa.binary(16))))
        else:
            arrays.append(pa.array(values, type))
    return pa.Table.from_arrays(arrays, schema=schema)


def common_table(rng, file):
    """The same without the two types that Spark refuses, and with a field id for each column."""
    table = unique_table(rng, file).drop_columns(["clock", "uuid"])
    fields = [field.with_metadata({"PARQUET:field_id": str(id)}) for id, field in enumerate(table.schema, 1)]
    return table.cast(pa.schema(fields))


def repeated_table(rng, file):
    """12 columns of values that occur again and again."""
    rows = range(2000)
    columns = {}
    for index in range(4):
        columns[f"number_{index}"] = pa.array([rng.randrange(40_000) * 7919 for _ in rows], pa.int64())
    for index in range(3):
        columns[f"name_{index}"] = pa.array([f"customer-{rng.randrange(30_000):05d}" for _ in rows])
    for index in range(3):
        columns[f"kind_{index}"] = pa.array([f"kind-{rng.randrange(12)}" for _ in rows])
    columns["level"] = pa.array([rng.choice(["INFO", "WARN", "ERROR"]) for _ in rows])
    columns["line"] = pa.array(
        [
            f'{{"level":"{rng.choice(WORDS)}","ms":{rng.randrange(500)},"path":"/api/v1/{rng.choice(WORDS)}"}}'
            for _ in rows
        ]
    )
    return pa.table(columns)


folder, shape, codec, files = sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4])
os.makedirs(folder, exist_ok=True)
make = {"unique": unique_table, "common": common_table, "repeated": repeated_table}[shape]
for file in range(files):
    table = make(random.Random(file), file)
    blooms = {"key": True, "user": True} if shape == "common" else None
    pq.write_table(
        table, f"{folder}/{file:05d}.parquet", compression=codec, write_page_index=True, bloom_filter_options=blooms
    )
