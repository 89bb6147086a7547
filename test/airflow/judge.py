"""What the task of the example DAG makes of answers: one line of JSON each for the answers of standard input."""

import importlib.util
import json
import sys

from airflow.exceptions import AirflowException, AirflowFailException

spec = importlib.util.spec_from_file_location("lakewarden_dag", sys.argv[1])
dag = importlib.util.module_from_spec(spec)
spec.loader.exec_module(dag)


class Response:
    def __init__(self, status, body):
        self.status_code = status
        self.text = json.dumps(body)

    def json(self):
        return json.loads(self.text)


for line in sys.stdin:
    answer = json.loads(line)
    response = Response(answer["status"], answer["body"])
    try:
        dag.judge(response)
        told = {"verdict": "done", "told": dag.numbers(response)}
    except AirflowFailException as error:
        told = {"verdict": "fail", "told": str(error)}
    except AirflowException as error:
        told = {"verdict": "retry", "told": str(error)}
    print(json.dumps(told))
