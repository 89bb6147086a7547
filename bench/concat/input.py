"""Writes one Parquet file of about 90 kB with 900 rows, 13 columns and page indexes: input.py <file>"""

import datetime
import decimal
import random
import sys

import pyarrow as pa
import pyarrow.parquet as pq

ROWS = 900
rng = random.Random(1)


def many(make):
    return [make() for _ in range(ROWS)]


start = datetime.datetime(2019, 9, 1)
table = pa.table(
    {
        "id": pa.array(range(ROWS), pa.int64()),
        "user": pa.array(many(lambda: rng.randrange(10**9)), pa.int64()),
        "url": many(lambda: f"/p/{rng.randrange(1000)}/{rng.getrandbits(64):x}"),
        "referrer": many(lambda: rng.choice(["google", "bing", None, "mail"])),
        "agent": many(lambda: f"agent {rng.getrandbits(80):x}"),
        "price": pa.array(many(lambda: decimal.Decimal(rng.randrange(10**5)) / 100), pa.decimal128(18, 2)),
        "at": pa.array(many(lambda: start + datetime.timedelta(seconds=rng.randrange(3600))), pa.timestamp("us", "UTC")),
        "latitude": many(rng.random),
        "longitude": many(rng.random),
        "code": pa.array(many(lambda: rng.choice([200, 404, 500])), pa.int32()),
        "bytes": pa.array(many(lambda: rng.randrange(10**7)), pa.int32()),
        "tags": pa.array(many(lambda: ["a", f"b{rng.randrange(50)}"]), pa.list_(pa.string())),
        "ok": many(lambda: rng.random() < 0.5),
    }
)
pq.write_table(table, sys.argv[1], write_page_index=True)
