"""Reads the Parquet files of a folder over WebHDFS and writes them as one beside it: rewrite.py <address> <folder> <output>

Tells the time in milliseconds from the listing to the end, its peak of resident memory in MiB, and the bytes written."""

import http.client
import io
import json
import resource
import sys
import time
from urllib.parse import urlsplit
from urllib.request import urlopen

import pyarrow.parquet as pq

address, folder, output = sys.argv[1:]
user = "user.name=root"
began = time.perf_counter()
with urlopen(f"{address}/webhdfs/v1{folder}?op=LISTSTATUS&{user}") as listing:
    files = json.load(listing)["FileStatuses"]["FileStatus"]
writer, result = None, io.BytesIO()
for name in sorted(file["pathSuffix"] for file in files):
    with urlopen(f"{address}/webhdfs/v1{folder}/{name}?op=OPEN&{user}") as body:
        table = pq.read_table(io.BytesIO(body.read()))
    if writer is None:
        writer = pq.ParquetWriter(result, table.schema, write_page_index=True)
    writer.write_table(table)
writer.close()


def put(url, body=None):
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.netloc)
    connection.request("PUT", f"{parts.path}?{parts.query}", body=body)
    answer = connection.getresponse()
    answer.read()
    return answer


location = put(f"{address}/webhdfs/v1{output}?op=CREATE&overwrite=true&{user}").getheader("location")
answer = put(location, result.getvalue())
if answer.status != 201:
    sys.exit(f"HDFS answered {answer.status}")
took = (time.perf_counter() - began) * 1000
memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
print(json.dumps({"took": took, "memory": memory, "bytes": result.tell()}))
