"""Query jobs: the whole answer of a SOQL query as CSV, in pages by locator."""

import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from mailsync.sandbox.salesforce.bulk.records import find_job, read_format, read_job, show_created, spend
from mailsync.sandbox.salesforce.bulk.sheets import write_sheet
from mailsync.sandbox.salesforce.jobs import Job, Sheet
from mailsync.sandbox.salesforce.refusal import ApiError
from mailsync.sandbox.salesforce.rest import Ask, Reply
from mailsync.sandbox.salesforce.soql import Query, SoqlError, parse, run
from mailsync.sandbox.salesforce.soql.groups import is_aggregate
from mailsync.sandbox.salesforce.soql.source import Table
from mailsync.sandbox.salesforce.soql.syntax import Call, Path, Selected
from mailsync.sandbox.salesforce.viewer import Viewer

_KEYS = frozenset({"operation", "query", "contentType", "columnDelimiter", "lineEnding"})
_COMPOUND = ("address", "location")
_MOST = 10_000  # query jobs in 24 hours (vendors/salesforce.md §3)
_PAGE = 50_000  # rows of a page where nobody says how many


@dataclass(frozen=True, slots=True)
class Cell:
    """One column: the keys that lead to its value in a record, and the field's type."""

    keys: tuple[str, ...]
    type: str


def create_query(ask: Ask) -> Reply:
    """POST jobs/query {"operation": query | queryAll, "query"}; a query that can't run is refused at once."""
    body = read_job(ask, _KEYS, ("query", "queryAll"))
    form = read_format(body)
    text: object = body.get("query")
    if not isinstance(text, str) or not text.strip():
        raise ApiError("API_ERROR", "A query string has to be specified")
    org = ask.viewer.org
    table = _check(ask.viewer, text)
    now = org.clock.now()
    spend(org.jobs.queries, now, 1, _MOST, "DailyBulkV2QueryJobs")
    job = Job(
        id=org.allot("750"),
        kind="query",
        operation=body["operation"],
        object=table.name,
        creator=ask.viewer.user_id,
        version=ask.viewer.version,
        created=org.stamp(),
        modified=org.stamp(),
        state="UploadComplete",
        delimiter=form.delimiter,
        line_ending=form.line_ending,
        query=text,
        began=now,
        due=now + timedelta(seconds=org.jobs.seconds),
    )
    org.jobs.held[job.id] = job
    shown = show_created(job)
    if job.due == now:
        org.jobs.held[job.id] = replace(run_query(ask.viewer, job), modified=org.stamp())
    return Reply(200, {key: value for key, value in shown.items() if key != "jobType"})


def run_query(viewer: Viewer, job: Job) -> Job:
    """The job with its answer, as the user sees the records now."""
    try:
        query = parse(job.query)
        cells = _find_cells(viewer, query)
        result = run(query, viewer, deleted=job.operation == "queryAll")
    except (SoqlError, ApiError) as error:
        return replace(job, state="Failed", error=f"InvalidBatch : Failed to process query: {error.code}: {error}")
    rows = tuple(tuple(_show(_walk(record, cell.keys), cell.type) for cell in cells) for record in result.records)
    return replace(job, state="JobComplete", sheet=Sheet(tuple(".".join(cell.keys) for cell in cells), rows))


def read_query_results(ask: Ask) -> Reply:
    """GET jobs/query/{id}/results?maxRecords=&locator= → CSV; Sforce-Locator is "null" on the last page."""
    job = find_job(ask, ask.arguments[0])
    if job.state != "JobComplete":
        raise ApiError("INVALIDJOBSTATE", f"Results are there once the job is complete; its state is {job.state}")
    start, count = _read_locator(ask.query.get("locator", "")), _read_count(ask.query.get("maxRecords", ""))
    rows = job.sheet.rows
    if not 0 <= start <= len(rows):
        raise ApiError("API_ERROR", "Invalid locator")
    end = start + count
    page: Sequence[Sequence[str]] = rows[start:end]
    locator = "null" if end >= len(rows) else base64.b64encode(str(end).encode()).decode().rstrip("=")
    headers = {
        "content-type": "text/csv",
        "Sforce-Locator": locator,
        "Sforce-NumberOfRecords": str(len(page)),
    }
    return Reply(200, write_sheet(job.sheet.header, page, job.delimiter, job.line_ending), headers)


def _check(viewer: Viewer, text: str) -> Table:
    """Raises ApiError API_ERROR for what can't run, or can't run in bulk."""
    try:
        query = parse(text)
        table = viewer.table(query.object)
        if table is not None and table.name == "ListView":
            raise ApiError("INVALIDENTITY", f"Entity '{table.name}' is not supported by the Bulk API.")
        run(query, viewer, deleted=False)
    except SoqlError as error:
        raise ApiError("API_ERROR", error.message) from None
    _find_cells(viewer, query)
    assert table is not None, "a query that runs has an object"
    return table


def _find_cells(viewer: Viewer, query: Query) -> list[Cell]:
    """Raises ApiError for what bulk queries don't serve (asynch_api_using_bulk_query)."""
    if query.counts or is_aggregate(query):
        raise ApiError("API_ERROR", "Aggregate functions and GROUP BY not supported in Bulk Query")
    if query.offset:
        raise ApiError("API_ERROR", "OFFSET not supported in Bulk Query")
    return [_find_cell(viewer, query, item) for item in query.items]


def _find_cell(viewer: Viewer, query: Query, item: object) -> Cell:
    term = item.term if isinstance(item, Selected) else None
    while isinstance(term, Call):
        term = term.argument
    if not isinstance(term, Path) or not isinstance(item, Selected):
        raise ApiError("API_ERROR", "Nested queries, TYPEOF and FIELDS() not supported in Bulk Query")
    if item.alias is not None:
        raise ApiError("API_ERROR", "Field aliases not supported in Bulk Query")
    table = viewer.table(query.object)
    names = list(term.names)
    if len(names) > 1 and names[0].lower() in (query.object.lower(), (query.alias or query.object).lower()):
        names = names[1:]
    keys: list[str] = []
    for name in names[:-1]:
        assert table is not None, "the query ran, so its paths are there"
        step = next(f for f in table.fields.values() if (f.relationship or "").lower() == name.lower())
        keys.append(step.relationship or "")
        table = viewer.table(step.refers_to or "")
    assert table is not None, "the query ran, so its paths are there"
    found = table.fields[names[-1].lower()]
    if found.type in _COMPOUND:
        raise ApiError("API_ERROR", "Selecting compound data not supported in Bulk Query")
    return Cell((*keys, found.name), found.type)


def _walk(record: Any, keys: Sequence[str]) -> Any:
    for key in keys:
        if record is None:
            return None
        record = record[key]
    return record


def _show(value: Any, type_name: str) -> str:
    """A value as text: null is empty, booleans in lower case, instants end in Z (bulk, not REST's +0000)."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if type_name == "datetime" and isinstance(value, str):
        return value.removesuffix("+0000") + "Z"
    return str(value)


def _read_locator(text: str) -> int:
    try:
        return int(base64.b64decode(text + "=" * (-len(text) % 4), validate=True)) if text else 0
    except (ValueError, binascii.Error):
        raise ApiError("API_ERROR", "Invalid locator") from None


def _read_count(text: str) -> int:
    if not text:
        return _PAGE
    if not text.isascii() or not text.isdigit() or int(text) < 1:
        raise ApiError("API_ERROR", "maxRecords must be a number of 1 or more")
    return int(text)
