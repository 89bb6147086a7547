"""A Spark session on loopback: POST {"sql", "settings"} answers {"rows"} or {"error"}. Arguments: port, file of settings."""
import json
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer

from pyspark.sql import SparkSession

port, settings_file = int(sys.argv[1]), sys.argv[2]
builder = SparkSession.builder.enableHiveSupport()
with open(settings_file, encoding="utf-8") as file:
    for name, value in json.load(file).items():
        builder = builder.config(name, value)
spark = builder.getOrCreate()
spark.sql("SHOW DATABASES").collect()


def answer(sql, settings):
    for name, value in settings.items():
        spark.conf.set(name, value)
    try:
        return {"rows": [row.asDict(recursive=True) for row in spark.sql(sql).collect()]}
    except Exception as error:  # whatever Spark says is the answer
        return {"error": str(error)[:2000]}
    finally:
        for name in settings:
            spark.conf.unset(name)


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        self.reply({})

    def do_POST(self):
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.reply(answer(asked["sql"], asked["settings"]))

    def reply(self, content):
        body = json.dumps(content, default=str).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


HTTPServer(("127.0.0.1", port), Handler).serve_forever()
