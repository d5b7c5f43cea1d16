"""Bulk API 2.0: query jobs and ingest jobs (vendors/salesforce.md §3, §10)."""

from collections.abc import Mapping

from mailsync.sandbox.salesforce.bulk.extraction import create_query, read_query_results
from mailsync.sandbox.salesforce.bulk.ingest import create_ingest, read_ingest_results, upload_rows
from mailsync.sandbox.salesforce.bulk.life import (
    advance_jobs,
    change_state,
    count_limits,
    delete_job,
    list_jobs,
    show_job,
)
from mailsync.sandbox.salesforce.rest import Endpoint

ROUTES: Mapping[str, Mapping[str, Endpoint]] = {
    "jobs/ingest": {"GET": list_jobs, "POST": create_ingest},
    "jobs/ingest/{}": {"GET": show_job, "PATCH": change_state, "DELETE": delete_job},
    "jobs/ingest/{}/batches": {"PUT": upload_rows},
    "jobs/ingest/{}/{}": {"GET": read_ingest_results},
    "jobs/query": {"GET": list_jobs, "POST": create_query},
    "jobs/query/{}": {"GET": show_job, "PATCH": change_state, "DELETE": delete_job},
    "jobs/query/{}/results": {"GET": read_query_results},
}

__all__ = ["ROUTES", "advance_jobs", "count_limits"]
