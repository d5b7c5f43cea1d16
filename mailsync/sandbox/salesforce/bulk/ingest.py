"""Ingest jobs: insert, update, upsert, delete and hardDelete of the rows of one CSV file."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from mailsync.sandbox.salesforce.bulk.columns import find_columns, read_row
from mailsync.sandbox.salesforce.bulk.records import find_job, read_format, read_job, show_created
from mailsync.sandbox.salesforce.bulk.sheets import BatchError, parse_sheet, write_sheet
from mailsync.sandbox.salesforce.ids import full_id
from mailsync.sandbox.salesforce.jobs import Job, Outcome, Sheet
from mailsync.sandbox.salesforce.refusal import ApiError, not_found
from mailsync.sandbox.salesforce.removal import delete_record, purge_record
from mailsync.sandbox.salesforce.rest import Ask, Reply, item_error
from mailsync.sandbox.salesforce.rows import find_by_key, key_field
from mailsync.sandbox.salesforce.saving import SaveOptions, create_record, update_record
from mailsync.sandbox.salesforce.schema import ObjectSpec
from mailsync.sandbox.salesforce.values import WrongType
from mailsync.sandbox.salesforce.viewer import Viewer

_KEYS = frozenset(
    {"operation", "object", "contentType", "columnDelimiter", "lineEnding", "externalIdFieldName", "assignmentRuleId"}
)
_OPERATIONS = ("insert", "update", "upsert", "delete", "hardDelete")
_LARGEST = 150 * 1024 * 1024  # bytes of one upload (vendors/salesforce.md §3)
_IDS_ONLY = ("delete", "hardDelete")

Written = tuple[str, bool]
"""The id of a written record, and whether it was created."""


def create_ingest(ask: Ask) -> Reply:
    """POST jobs/ingest {"object", "operation", …} → the open job."""
    body = read_job(ask, _KEYS, _OPERATIONS)
    form = read_format(body)
    operation: str = body["operation"]
    spec = _find_object(ask.viewer, body.get("object"))
    if operation == "hardDelete" and not ask.viewer.person.admin:
        raise ApiError("FEATURENOTENABLED", "FeatureNotEnabled : hard delete is not enabled for this user")
    key = _read_key(ask.viewer, spec, operation, body.get("externalIdFieldName"))
    org = ask.viewer.org
    job = Job(
        id=org.allot("750"),
        kind="ingest",
        operation=operation,
        object=spec.name,
        creator=ask.viewer.user_id,
        version=ask.viewer.version,
        created=org.stamp(),
        modified=org.stamp(),
        state="Open",
        delimiter=form.delimiter,
        line_ending=form.line_ending,
        key=key,
    )
    org.jobs.held[job.id] = job
    return Reply(200, {name: value for name, value in show_created(job).items() if name != "jobType"})


def upload_rows(ask: Ask) -> Reply:
    """PUT jobs/ingest/{id}/batches, text/csv, once → 201."""
    job = find_job(ask, ask.arguments[0])
    kind = ask.headers.get("content-type", "")
    if kind.partition(";")[0].strip().lower() != "text/csv":
        raise ApiError("UNSUPPORTED_MEDIA_TYPE", f"Content-Type not supported: {kind}", status=415)
    content = ask.content
    if not isinstance(content, bytes) or not content:
        raise ApiError("INVALIDJOB", "InvalidJob : the upload has no data")
    if job.state != "Open":
        raise ApiError("INVALIDJOBSTATE", f"Data can be uploaded only to an open job; its state is {job.state}")
    if job.content is not None:
        raise ApiError(
            "INVALIDJOB",
            f"Found multiple contents for job: <{job.id}>, please 'Close' / 'Abort' / 'Delete' the current Job then "
            "create a new Job and make sure you only do 'PUT' once on a given Job.",
        )
    if len(content) > _LARGEST:
        raise ApiError("INVALIDJOB", f"InvalidJob : the upload is larger than {_LARGEST} bytes", status=413)
    ask.viewer.org.jobs.held[job.id] = replace(job, content=content)
    return Reply(201)


def run_ingest(viewer: Viewer, job: Job) -> Job:
    """The job carried out: each row on its own, by every rule of a save; data that is none fails it as a whole."""
    spec = viewer.org.spec(job.object)
    assert spec is not None, "objects are never taken out of an organisation"
    try:
        sheet = parse_sheet(job.content or b"", job.delimiter, job.line_ending)
    except BatchError as error:
        return replace(job, state="Failed", error=str(error))
    try:
        write = _writer(viewer, spec, job, sheet)
    except BatchError as error:
        return replace(job, state="Failed", error=str(error), sheet=sheet)
    outcomes = tuple(_attempt(viewer, row, write) for row in sheet.rows)
    return replace(job, state="JobComplete", sheet=sheet, outcomes=outcomes)


def read_ingest_results(ask: Ask) -> Reply:
    """GET jobs/ingest/{id}/successfulResults | failedResults | unprocessedRecords, in any case → CSV."""
    job = find_job(ask, ask.arguments[0])
    which = ask.arguments[1].lower()
    if which not in ("successfulresults", "failedresults", "unprocessedrecords"):
        raise not_found()
    if job.state not in ("JobComplete", "Failed", "Aborted"):
        raise ApiError("INVALIDJOBSTATE", f"Results are there once the job has ended; its state is {job.state}")
    sheet = _uploaded(job)
    good = [outcome for outcome in job.outcomes if not outcome.error]
    bad = [outcome for outcome in job.outcomes if outcome.error]
    header, rows = sheet.header, sheet.rows[len(job.outcomes) :]
    if which == "successfulresults":
        header = ("sf__Id", "sf__Created", *header)
        rows = tuple((outcome.id, str(outcome.created).lower(), *outcome.row) for outcome in good)
    elif which == "failedresults":
        header = ("sf__Id", "sf__Error", *header)
        rows = tuple((outcome.id, outcome.error, *outcome.row) for outcome in bad)
    return Reply(200, write_sheet(header, rows, job.delimiter, job.line_ending), {"content-type": "text/csv"})


def _uploaded(job: Job) -> Sheet:
    """The rows of an upload, also of one that was never carried out."""
    if job.sheet.header or job.content is None:
        return job.sheet
    try:
        return parse_sheet(job.content, job.delimiter, job.line_ending)
    except BatchError:
        return job.sheet


def _find_object(viewer: Viewer, name: object) -> ObjectSpec:
    spec = viewer.org.spec(name) if isinstance(name, str) else None
    if spec is None:
        raise ApiError("INVALIDENTITY", f"InvalidEntity : Unable to find object: {name}")
    if "plain" in spec.traits:
        raise ApiError("INVALIDENTITY", f"Entity '{spec.name}' is not supported by the Bulk API.")
    return spec


def _read_key(viewer: Viewer, spec: ObjectSpec, operation: str, name: object) -> str | None:
    if operation != "upsert":
        if name is not None:
            raise ApiError("INVALIDJOB", "InvalidJob : externalIdFieldName is allowed for upsert only")
        return None
    if not isinstance(name, str):
        raise ApiError("INVALIDJOB", "InvalidJob : External ID was blank for " + spec.name)
    if name.lower() == "id":
        return "Id"
    try:
        return key_field(viewer, spec, name).name
    except ApiError:
        raise ApiError("INVALIDJOB", f"InvalidJob : Field name provided, {name} is not an External ID") from None


def _writer(viewer: Viewer, spec: ObjectSpec, job: Job, sheet: Sheet) -> Callable[[Sequence[str]], Written]:
    """What writes one row. Raises BatchError for a header that the operation can't take."""
    if job.operation in _IDS_ONLY and [name.lower() for name in sheet.header] != ["id"]:
        raise BatchError(f"InvalidBatch : The '{job.operation}' batch must contain only ids")
    columns = find_columns(viewer, spec, sheet.header)
    wanted = "Id" if job.operation == "update" else job.key
    if wanted is not None and wanted not in (column.name for column in columns):
        raise BatchError(f"InvalidBatch : Field name not found : {wanted}")
    write = _WRITERS[job.operation]
    return lambda row: write(viewer, spec, job, read_row(columns, row))


def _insert(viewer: Viewer, spec: ObjectSpec, _job: Job, values: dict[str, Any]) -> Written:
    return create_record(viewer, spec, values, SaveOptions()), True


def _update(viewer: Viewer, spec: ObjectSpec, _job: Job, values: dict[str, Any]) -> Written:
    record_id = _take_id(spec, values)
    update_record(viewer, spec, record_id, values, SaveOptions())
    return record_id, False


def _upsert(viewer: Viewer, spec: ObjectSpec, job: Job, values: dict[str, Any]) -> Written:
    assert job.key is not None, "an upsert has its key"
    if job.key == "Id":
        return _update(viewer, spec, job, values) if values.get("Id") else _insert(viewer, spec, job, values)
    value: object = values.get(job.key)
    if value is None:
        raise ApiError("MISSING_ARGUMENT", f"{job.key} not specified", ())
    matches = find_by_key(viewer, spec, key_field(viewer, spec, job.key), str(value))
    if len(matches) > 1:
        raise ApiError("DUPLICATE_EXTERNAL_ID", f"{job.key}: more than one record found for {value}", ())
    if not matches:
        return _insert(viewer, spec, job, values)
    update_record(viewer, spec, matches[0]["Id"], values, SaveOptions())
    return matches[0]["Id"], False


def _delete(viewer: Viewer, spec: ObjectSpec, _job: Job, values: dict[str, Any]) -> Written:
    record_id = _take_id(spec, values)
    delete_record(viewer, spec, record_id)
    return record_id, False


def _hard_delete(viewer: Viewer, spec: ObjectSpec, job: Job, values: dict[str, Any]) -> Written:
    written = _delete(viewer, spec, job, values)
    purge_record(viewer.org, spec.name, written[0])
    return written


def _take_id(spec: ObjectSpec, values: dict[str, Any]) -> str:
    """The record's id, taken out of the values. Raises ApiError where it is none of that object."""
    text: object = values.pop("Id", None)
    if text is None:
        raise ApiError("MISSING_ARGUMENT", "Id not specified in an update call", ())
    record_id = full_id(text)
    if record_id is None:
        raise ApiError("MALFORMED_ID", f"malformed id {text}", ("Id",))
    if not record_id.startswith(spec.prefix):
        raise ApiError("MALFORMED_ID", f"{spec.label} ID: id value of incorrect type: {text}", ("Id",))
    return record_id


def _attempt(viewer: Viewer, row: tuple[str, ...], write: Callable[[Sequence[str]], Written]) -> Outcome:
    mark = viewer.org.mark()
    try:
        record_id, created = write(row)
        return Outcome(row, record_id, created, "")
    except (ApiError, WrongType) as error:
        viewer.org.rollback(mark)
        refusal = item_error(error) if isinstance(error, WrongType) else error
        fields = ",".join(refusal.fields or ())
        return Outcome(row, "", False, f"{refusal.code}:{refusal.message}:{fields + ' ' if fields else ''}--")


_WRITERS: dict[str, Callable[[Viewer, ObjectSpec, Job, dict[str, Any]], Written]] = {
    "insert": _insert,
    "update": _update,
    "upsert": _upsert,
    "delete": _delete,
    "hardDelete": _hard_delete,
}
