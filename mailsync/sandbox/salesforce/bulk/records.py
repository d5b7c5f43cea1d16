"""Jobs as records: made, found, shown; and what their settings may be."""

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from mailsync.sandbox.salesforce.bulk.sheets import DELIMITERS, LINE_ENDINGS
from mailsync.sandbox.salesforce.ids import full_id
from mailsync.sandbox.salesforce.jobs import Job
from mailsync.sandbox.salesforce.refusal import ApiError, not_found
from mailsync.sandbox.salesforce.rest import Ask
from mailsync.sandbox.salesforce.values import show_instant

_DAY = timedelta(hours=24)
_TYPES = {"ingest": "V2Ingest", "query": "V2Query"}


@dataclass(frozen=True, slots=True)
class Format:
    """How the CSV of a job is written."""

    delimiter: str
    line_ending: str


def read_job(ask: Ask, keys: frozenset[str], operations: tuple[str, ...]) -> dict[str, Any]:
    """The body that makes a job. Raises ApiError for unknown keys, and INVALIDJOB for another operation."""
    if ask.inside:
        raise ApiError("INVALID_INPUT", "A bulk job can't be a subrequest")
    body = ask.read_object()
    unknown = sorted(set(body) - keys)
    if unknown:
        raise ApiError("JSON_PARSER_ERROR", f'Unrecognized field "{unknown[0]}"')
    if body.get("operation") not in operations:
        raise ApiError("INVALIDJOB", f"InvalidJob : operation must be one of {', '.join(operations)}")
    if body.get("contentType", "CSV") != "CSV":
        raise ApiError("INVALIDJOB", "InvalidJob : contentType must be CSV")
    return body


def read_format(body: Mapping[str, Any]) -> Format:
    """Raises ApiError INVALIDJOB for a delimiter or line ending that there isn't."""
    delimiter, line_ending = body.get("columnDelimiter", "COMMA"), body.get("lineEnding", "LF")
    if delimiter not in DELIMITERS:
        raise ApiError("INVALIDJOB", f"InvalidJob : columnDelimiter must be one of {', '.join(DELIMITERS)}")
    if line_ending not in LINE_ENDINGS:
        raise ApiError("INVALIDJOB", "InvalidJob : lineEnding must be LF or CRLF")
    return Format(delimiter, line_ending)


def is_owner(ask: Ask, job: Job) -> bool:
    """Whether the user may see the job: its own, or as an administrator ("Manage Data Integrations")."""
    return ask.viewer.person.admin or job.creator == ask.viewer.user_id


def find_job(ask: Ask, text: str) -> Job:
    """The job of a path, by its id of 15 or 18 characters. Raises ApiError NOT_FOUND."""
    job = ask.viewer.org.jobs.held.get(full_id(text) or "")
    if job is None or job.kind != ask.parts[1] or not is_owner(ask, job):
        raise not_found()
    return job


def show_created(job: Job) -> dict[str, Any]:
    """A job as its making and lists show it; contentUrl has no slash at its beginning."""
    shown: dict[str, Any] = {
        "id": job.id,
        "operation": job.operation,
        "object": job.object,
        "createdById": job.creator,
        "createdDate": show_instant(job.created),
        "systemModstamp": show_instant(job.modified),
        "state": job.state,
        "concurrencyMode": "Parallel",
        "contentType": "CSV",
        "apiVersion": float(job.version[1:]),
        "jobType": _TYPES[job.kind],
        "lineEnding": job.line_ending,
        "columnDelimiter": job.delimiter,
    }
    if job.kind == "ingest" and job.state == "Open":
        shown["contentUrl"] = f"services/data/{job.version}/jobs/ingest/{job.id}/batches"
    if job.key is not None:
        shown["externalIdFieldName"] = job.key
    return shown


def spend(used: deque[tuple[datetime, int]], now: datetime, count: int, most: int, what: str) -> None:
    """Counts against a limit of 24 hours. Raises ApiError EXCEEDEDQUOTA."""
    while used and now - used[0][0] >= _DAY:
        used.popleft()
    if sum(number for _, number in used) + count > most:
        raise ApiError("EXCEEDEDQUOTA", f"ExceededQuota : {what} Limit exceeded.")
    used.append((now, count))
