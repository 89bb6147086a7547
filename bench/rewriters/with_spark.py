"""Rewrites the Parquet files of a folder as one with Spark, as compaction jobs do: read, coalesce(1), write.

with_spark.py <folder> <memory> [<setting>=<value> ...]; each line of the input names a file to write and is answered by a line."""

import json
import os
import sys

from pyspark.sql import SparkSession

folder, memory, *settings = sys.argv[1:]
builder = SparkSession.builder.master("local[2]").config("spark.driver.memory", memory)
for name, value in {
    "spark.driver.host": "127.0.0.1",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.ui.enabled": "false",
    "spark.log.level": "ERROR",
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.warehouse.dir": os.path.join(os.getcwd(), "warehouse"),
    **dict(setting.split("=", 1) for setting in settings),
}.items():
    builder = builder.config(name, value)
spark = builder.getOrCreate()
Path = spark._jvm.org.apache.hadoop.fs.Path
# The process of Java stands beside this one, and counts with it.
print(json.dumps({"pids": [os.getpid(), spark.sparkContext._gateway.proc.pid]}), flush=True)
for line in sys.stdin:
    output = line.rstrip("\n")
    try:
        written = f"{output}.folder"
        spark.read.parquet(folder).coalesce(1).write.mode("overwrite").parquet(written)
        files = Path(output).getFileSystem(spark._jsc.hadoopConfiguration())
        files.delete(Path(output), False)
        files.rename(files.globStatus(Path(f"{written}/part-*.parquet"))[0].getPath(), Path(output))
        files.delete(Path(written), True)
        print("{}", flush=True)
    except Exception as error:  # whatever Spark says is the answer
        print(json.dumps({"error": str(error)}), flush=True)
spark.stop()
