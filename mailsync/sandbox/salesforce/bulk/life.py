"""The life of a job: Open → UploadComplete → InProgress → JobComplete or Failed, or Aborted; gone after 7 days."""

import math
from collections import deque
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from mailsync.sandbox.salesforce.bulk.extraction import run_query
from mailsync.sandbox.salesforce.bulk.ingest import run_ingest
from mailsync.sandbox.salesforce.bulk.records import find_job, is_owner, show_created, spend
from mailsync.sandbox.salesforce.jobs import Job
from mailsync.sandbox.salesforce.org import Org
from mailsync.sandbox.salesforce.refusal import ApiError
from mailsync.sandbox.salesforce.rest import Ask, Reply
from mailsync.sandbox.salesforce.viewer import Viewer

KEPT = timedelta(days=7)  # vendors/salesforce.md §3: results are kept 7 days
_WAITING = ("UploadComplete", "InProgress")
_ENDED = ("JobComplete", "Aborted", "Failed")
_MOST_QUERIES, _MOST_BATCHES = 10_000, 15_000  # in 24 hours (§3)
_BATCH = 10_000  # rows that the vendor puts into one internal batch
_DAY = timedelta(hours=24)


def advance_jobs(org: Org) -> None:
    """Carries out what is due by now, and forgets jobs that are too old."""
    now = org.clock.now()
    for job in list(org.jobs.held.values()):
        if now - job.created > KEPT:
            del org.jobs.held[job.id]
        elif job.state in _WAITING and job.due is not None:
            org.jobs.held[job.id] = _advance(org, job, now)


def show_job(ask: Ask) -> Reply:
    """GET jobs/{kind}/{id}."""
    return Reply(200, _describe(find_job(ask, ask.arguments[0])))


def list_jobs(ask: Ask) -> Reply:
    """GET jobs/{kind}: the user's own jobs, an administrator sees all; ?jobType narrows."""
    kind, wanted = ask.parts[1], ask.query.get("jobType", "")
    jobs = [job for job in ask.viewer.org.jobs.held.values() if job.kind == kind and is_owner(ask, job)]
    shown = [show_created(job) for job in jobs if wanted in ("", show_created(job)["jobType"])]
    return Reply(200, {"done": True, "records": shown, "nextRecordsUrl": None})


def change_state(ask: Ask) -> Reply:
    """PATCH jobs/{kind}/{id} {"state": UploadComplete | Aborted}. Raises ApiError INVALIDJOBSTATE for others."""
    job = find_job(ask, ask.arguments[0])
    wanted: object = ask.read_object().get("state")
    org = ask.viewer.org
    if wanted == "Aborted":
        if job.state in _ENDED:
            raise _wrong_state("Aborting already Completed Job not allowed")
        changed = replace(job, state="Aborted", modified=org.stamp(), due=None)
    elif wanted == "UploadComplete" and job.kind == "ingest" and job.state == "Open":
        changed = _complete(org, job)
    else:
        raise _wrong_state(f"Job state can't be changed from {job.state} to {wanted}")
    org.jobs.held[job.id] = changed
    shown = show_created(changed)
    advance_jobs(org)
    return Reply(200, {key: value for key, value in shown.items() if key not in ("contentUrl", "jobType")})


def delete_job(ask: Ask) -> Reply:
    """DELETE jobs/{kind}/{id} → 204, of a job that is not open or at work."""
    job = find_job(ask, ask.arguments[0])
    if job.state not in _ENDED and not (job.kind == "ingest" and job.state == "UploadComplete"):
        raise _wrong_state(f"Job in state {job.state} can't be deleted; abort it first")
    del ask.viewer.org.jobs.held[job.id]
    return Reply(204)


def count_limits(org: Org) -> dict[str, dict[str, int]]:
    """The daily limits of bulk jobs, as GET limits shows them."""
    return {
        "DailyBulkApiBatches": _limit(org.jobs.batches, org.clock.now(), _MOST_BATCHES),
        "DailyBulkV2QueryJobs": _limit(org.jobs.queries, org.clock.now(), _MOST_QUERIES),
    }


def _limit(used: deque[tuple[datetime, int]], now: datetime, most: int) -> dict[str, int]:
    return {"Max": most, "Remaining": most - sum(count for at, count in used if now - at < _DAY)}


def _complete(org: Org, job: Job) -> Job:
    if job.content is None:
        raise _wrong_state("Job has no data: upload it before you close the job")
    rows = job.content.count(b"\n")
    spend(org.jobs.batches, org.clock.now(), max(1, math.ceil(rows / _BATCH)), _MOST_BATCHES, "ApiBatchItems")
    now = org.clock.now()
    due = now + timedelta(seconds=org.jobs.seconds)
    return replace(job, state="UploadComplete", modified=org.stamp(), began=now, due=due)


def _advance(org: Org, job: Job, now: datetime) -> Job:
    assert job.began is not None, "a job that waits has begun"
    assert job.due is not None, "a job that waits has its time"
    if now < job.due:
        half = job.began + (job.due - job.began) / 2
        return replace(job, state="InProgress") if now >= half else job
    person = next(person for person in org.people.values() if person.id == job.creator)
    if not person.active:
        return replace(job, state="Failed", modified=org.stamp(), error="InvalidSession : the job's user is inactive")
    done = (run_query if job.kind == "query" else run_ingest)(Viewer(org, person, job.version), job)
    return replace(done, modified=org.stamp())


def _describe(job: Job) -> dict[str, Any]:
    count = len(job.outcomes) if job.kind == "ingest" else len(job.sheet.rows)
    taken = 0
    if job.began is not None and job.state in _ENDED:
        taken = max(0, int((job.modified - job.began).total_seconds() * 1000))
    counts: Mapping[str, Any] = {"numberRecordsProcessed": count, "retries": 0, "totalProcessingTime": taken}
    shown = {**show_created(job), **counts}
    if job.kind == "ingest":
        failed = sum(1 for outcome in job.outcomes if outcome.error)
        shown |= {"numberRecordsFailed": failed, "apiActiveProcessingTime": taken, "apexProcessingTime": 0}
    if job.error is not None:
        shown["errorMessage"] = job.error
    return shown


def _wrong_state(message: str) -> ApiError:
    return ApiError("INVALIDJOBSTATE", message)
