"""New data becomes queryable before a Spark job asks for it (docs/airflow.md).

metastore-sync is called by HTTP with a CloudEvent and answers when it is done, so that nothing has to poll. The connection
`lakewarden_metastore_sync` says where it is; a bearer token, if it asks for one, goes into the connection's extra:
{"Authorization": "Bearer ..."}.
"""

from __future__ import annotations

import json
from datetime import datetime, timedelta

from airflow.exceptions import AirflowException, AirflowFailException
from airflow.providers.http.operators.http import HttpOperator
from airflow.providers.standard.operators.bash import BashOperator
from airflow.sdk import DAG

TOPICS = ["clicks"]
# Passing trouble, by HTTP: a second try may work.
PASSING = {408, 429, 500, 502, 503, 504}


def judge(response) -> bool:
    """Whether everything is in place; a task fails for good where a second try would not help."""
    if response.status_code in PASSING:
        raise AirflowException(f"metastore-sync answered {response.status_code}: {response.text[:500]}")
    if response.status_code != 200:
        raise AirflowFailException(f"metastore-sync refused: {response.status_code} {response.text[:500]}")
    answer = response.json()
    result = answer["result"]
    if answer["status"] == "partial" and result["left"]:
        raise AirflowException(f"time was up before {', '.join(result['left'])}: the next try goes on")
    if answer["status"] == "partial":
        told = "; ".join(problem["message"] for problem in result["problems"][:10])
        raise AirflowFailException(f"some data is not queryable: {told}")
    return True


def numbers(response) -> dict[str, int | str]:
    """What later tasks may want to know (XCom): counts, not lists."""
    answer = response.json()
    counted = ("created", "evolved", "added", "changed", "dropped", "warnings")
    return {"status": answer["status"], **{name: answer["result"][name] for name in counted}}


with DAG(
    dag_id="lakewarden_clicks_report",
    schedule="20 * * * *",
    start_date=datetime(2026, 1, 1),
    catchup=False,
    max_active_runs=1,
    default_args={"retries": 5, "retry_delay": timedelta(seconds=30)},
) as dag:
    sync = HttpOperator(
        task_id="make_queryable",
        http_conn_id="lakewarden_metastore_sync",
        method="POST",
        endpoint="/",
        headers={
            "ce-specversion": "1.0",
            "ce-id": "{{ run_id }}",
            "ce-source": "/airflow/{{ dag.dag_id }}",
            "ce-type": "dev.knative.sources.ping",
            "content-type": "application/json",
            # Without it a success has no body, as brokers want it.
            "accept": "application/json",
        },
        data=json.dumps({"topics": TOPICS, "scope": "recent"}),
        # Knative ends a request after 600 s at most.
        extra_options={"timeout": 600, "check_response": False},
        response_check=judge,
        response_filter=numbers,
    )
    report = BashOperator(
        task_id="report",
        # Jobs on a cluster have operators of their own: SparkSubmitOperator, SparkKubernetesOperator.
        bash_command="{{ var.value.get('clicks_report_command', 'spark-submit --deploy-mode cluster clicks_report.py') }}",
    )
    sync >> report
