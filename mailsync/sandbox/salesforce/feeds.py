"""sObject Get Updated and Get Deleted (vendors/salesforce.md §1)."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from mailsync.sandbox.salesforce.refusal import ApiError
from mailsync.sandbox.salesforce.rest import Ask, Reply, find_object
from mailsync.sandbox.salesforce.schema import ObjectSpec
from mailsync.sandbox.salesforce.values import parse_instant, show_instant

_MOST_IDS = 600_000
_UPDATED_DAYS = timedelta(days=30)
_DELETED_DAYS = timedelta(days=15)


def list_updated(ask: Ask) -> Reply:
    """GET updated?start=&end= → ids of visible records whose SystemModstamp lies in the window, to the minute."""
    spec = _replicated(ask)
    start, end = _window(ask, _UPDATED_DAYS)
    rows = [row for row in ask.viewer.rows(spec.name, False) if _within(row, start, end)]
    _limit(rows)
    ids = [row["Id"] for row in rows]
    return Reply(200, {"ids": ids, "latestDateCovered": show_instant(_covered(ask, end))})


def list_deleted(ask: Ask) -> Reply:
    """GET deleted?start=&end= → what the user could see and was deleted in the window.

    Raises INVALID_REPLICATION_DATE for a window that starts before a purge: the caller has to read everything anew.
    """
    spec = _replicated(ask)
    start, end = _window(ask, _DELETED_DAYS)
    purged = ask.viewer.org.purged.get(spec.name)
    earliest = _minute(purged or ask.viewer.now - _DELETED_DAYS)
    if start < earliest:
        raise _wrong_date(f"startDate before earliest date available: {show_instant(earliest)}")
    rows = [row for row in ask.viewer.rows(spec.name, True) if row.get("IsDeleted") and _within(row, start, end)]
    _limit(rows)
    records = [{"id": row["Id"], "deletedDate": show_instant(row["SystemModstamp"])} for row in rows]
    return Reply(
        200,
        {
            "deletedRecords": records,
            "earliestDateAvailable": show_instant(earliest),
            "latestDateCovered": show_instant(_covered(ask, end)),
        },
    )


def _replicated(ask: Ask) -> ObjectSpec:
    spec = find_object(ask, ask.arguments[0])
    if "plain" in spec.traits:
        raise ApiError("INVALID_TYPE", f"sObject type '{spec.name}' is not supported for replication")
    return spec


def _window(ask: Ask, reach: timedelta) -> tuple[datetime, datetime]:
    """Both ends, cut to the minute; start must lie more than a minute before end and within reach."""
    start, end = (_instant(ask, name) for name in ("start", "end"))
    if end - start <= timedelta(minutes=1):
        raise _wrong_date("startDate must be more than one minute before endDate")
    if start < _minute(ask.viewer.now - reach):
        raise _wrong_date(f"startDate cannot be more than {reach.days} days ago")
    if start > ask.viewer.now:
        raise _wrong_date("startDate cannot be in the future")
    return _minute(start), _minute(end)


def _instant(ask: Ask, name: str) -> datetime:
    text = ask.query.get(name)
    if not text:
        raise ApiError("MISSING_ARGUMENT", f"The {name} parameter is required")
    found = parse_instant(text)
    if found is None:
        raise ApiError("INVALID_FIELD", f"{name}: not a date and time with a zone: {text}")
    return found


def _covered(ask: Ask, end: datetime) -> datetime:
    """Up to where the answer is complete: never past now, nor past the start of a write that is still open.

    SOAP:sforce_api_calls_getupdated_getupdatedresult; every organisation-wide transaction counts.
    """
    limits = [end, _minute(ask.viewer.now)]
    still_open = ask.viewer.org.oldest_open()
    if still_open is not None:
        limits.append(_minute(still_open))
    return min(limits)


def _within(row: Mapping[str, Any], start: datetime, end: datetime) -> bool:
    return start <= row["SystemModstamp"] <= end


def _minute(moment: datetime) -> datetime:
    return moment.replace(second=0, microsecond=0)


def _limit(rows: list[Mapping[str, Any]]) -> None:
    if len(rows) > _MOST_IDS:
        raise ApiError("EXCEEDED_ID_LIMIT", f"Too many ids in the window: more than {_MOST_IDS}")


def _wrong_date(message: str) -> ApiError:
    return ApiError("INVALID_REPLICATION_DATE", message)
