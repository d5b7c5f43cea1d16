"""What Salesforce's answers mean: JSON or not, and which error an error is (keyed on its code, not on the status)."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, NoReturn, cast

from mailsync.core.refs import widen
from mailsync.crm.salesforce.transport import VENDOR
from mailsync.errors import (
    AnswerBroken,
    BudgetSpent,
    CursorInvalid,
    LoginRefused,
    OutcomeUnknown,
    PermissionMissing,
    Throttled,
    Unreachable,
    VendorError,
)
from mailsync.line import Reply, read_wait
from mailsync.ports.crm import Budget

PASSING = frozenset(
    {
        "UNABLE_TO_LOCK_ROW",
        "SERVER_UNAVAILABLE",
        "UNKNOWN_EXCEPTION",
        "ORG_IN_MAINTENANCE",
        "INSERT_UPDATE_DELETE_NOT_ALLOWED_DURING_MAINTENANCE",
    }
)
"""Codes of what passes by itself."""

FORBIDDEN = frozenset(
    {
        "API_CURRENTLY_DISABLED",
        "API_DISABLED_FOR_ORG",
        "INSUFFICIENT_ACCESS",
        "INSUFFICIENT_ACCESS_OR_READONLY",
        "INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY",
        "TRANSFER_REQUIRES_READ",
        "FUNCTIONALITY_NOT_ENABLED",
    }
)
"""Codes of what the user may not do."""

TOO_MUCH = frozenset({"QUERY_TIMEOUT", "QUERY_TOO_COMPLICATED", "REQUEST_RUNNING_TOO_LONG", "OPERATION_TOO_LARGE"})
"""Codes of a query that has to be split."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One error as Salesforce tells it; `fields` are API names, `duplicates` the records found by a duplicate rule."""

    code: str
    message: str
    fields: tuple[str, ...] = ()
    duplicates: tuple[str, ...] = ()


def read_json(body: bytes) -> Any:
    """The JSON value of a body. Raises AnswerBroken for anything that is not whole, strict JSON in UTF-8."""
    try:
        return json.loads(body.decode("utf-8"), parse_constant=_no_constant)
    except (ValueError, RecursionError):
        raise AnswerBroken(VENDOR, "Salesforce's answer is cut or garbled", code="not_json") from None


def as_object(value: object) -> dict[str, Any]:
    """A JSON object. Raises AnswerBroken for anything else."""
    if not isinstance(value, dict):
        raise AnswerBroken(VENDOR, "Salesforce's answer has another shape than documented", code="shape")
    return cast(dict[str, Any], value)


def as_list(value: object) -> list[dict[str, Any]]:
    """A JSON array of objects. Raises AnswerBroken for anything else."""
    if not isinstance(value, list):
        raise AnswerBroken(VENDOR, "Salesforce's answer has another shape than documented", code="shape")
    return [as_object(item) for item in cast(list[object], value)]


def as_time(value: object) -> datetime:
    """A moment as REST writes it (2026-11-22T08:59:12.000+0000), in UTC. Raises AnswerBroken."""
    try:
        return datetime.fromisoformat(str(value)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise AnswerBroken(VENDOR, "Salesforce's answer holds a time that can't be read", code="shape") from None


def budget_of(answer: Reply) -> Budget | None:
    """What Sforce-Limit-Info says: api-usage=25/5000 (the organisation's rolling 24 hours)."""
    found = re.search(r"(?:^|[;\s])api-usage=(\d+)/(\d+)", answer.headers.get("sforce-limit-info", ""))
    return Budget(int(found[1]), int(found[2])) if found else None


def faults_of(content: object) -> tuple[Fault, ...]:
    """The errors in a body of any of the vendor's forms: an array, an item's `errors`, an OAuth object."""
    if isinstance(content, dict):
        entry = cast(dict[str, Any], content)
        if "errors" in entry:
            return faults_of(entry["errors"])
        return (_fault(entry),) if "errorCode" in entry or "error" in entry else ()
    if not isinstance(content, list):
        return ()
    entries = cast(list[object], content)
    return tuple(_fault(cast(dict[str, Any], entry)) for entry in entries if isinstance(entry, dict))


def failure(status: int, faults: Sequence[Fault], headers: Mapping[str, str], *, doubtful: bool = False) -> VendorError:
    """The error of a request that was refused. `doubtful`: a create, which a 5xx may have carried out (B15)."""
    fault = faults[0] if faults else Fault("", "")
    code, said = fault.code, fault.message
    if status == 401 or code == "INVALID_SESSION_ID":
        return LoginRefused(VENDOR, "Salesforce refused the token", code=code, remedy="connect the user again")
    if code == "REQUEST_LIMIT_EXCEEDED" and "concurrent" not in said.lower():
        return BudgetSpent(VENDOR, "the organisation's API calls of the last 24 hours are used up", code=code)
    if code == "INVALID_QUERY_LOCATOR":
        return CursorInvalid(VENDOR, "Salesforce no longer knows the place in the list", code=code)
    if status in (420, 429, 503) or code in PASSING or code == "REQUEST_LIMIT_EXCEEDED" or status >= 500:
        return _passing(status, code, headers, doubtful=doubtful)
    if code in FORBIDDEN or status == 403:
        remedy = 'give the user the permission "API Enabled" and access to contacts and accounts'
        return PermissionMissing(VENDOR, "Salesforce does not allow this user to do that", code=code, remedy=remedy)
    if status < 400:
        remedy = "set the organisation's present address"
        return AnswerBroken(VENDOR, "Salesforce points to another address", code=str(status), remedy=remedy)
    if not faults:
        return AnswerBroken(VENDOR, f"the answer (HTTP {status}) is not Salesforce's", code=str(status))
    return VendorError(VENDOR, f"Salesforce refused the request ({code})", code=code)


def _passing(status: int, code: str, headers: Mapping[str, str], *, doubtful: bool) -> VendorError:
    if doubtful and status >= 500:
        return OutcomeUnknown(VENDOR, "Salesforce failed while it was creating", code=code or str(status))
    after = read_wait(headers)
    if after is None and status >= 500:
        return Unreachable(VENDOR, "Salesforce is not available at the moment", code=code or str(status))
    return Throttled(VENDOR, "Salesforce asks to wait", code=code or str(status), after=after)


def _fault(entry: Mapping[str, Any]) -> Fault:
    code = entry.get("errorCode") or entry.get("statusCode") or entry.get("error") or ""
    message = entry.get("message") or entry.get("error_description") or ""
    fields: object = entry.get("fields")
    names = tuple(str(name) for name in cast(list[object], fields)) if isinstance(fields, list) else ()
    return Fault(str(code), str(message), names, _duplicates(entry))


def _duplicates(entry: Mapping[str, Any]) -> tuple[str, ...]:
    """duplicateResult.matchResults[].matchRecords[].record.Id, where the body has them."""
    result: object = entry.get("duplicateResult")
    if not isinstance(result, dict):
        return ()
    matches = as_list(cast(dict[str, Any], result).get("matchResults") or [])
    records = [as_object(m.get("record")) for match in matches for m in as_list(match.get("matchRecords") or [])]
    return tuple(dict.fromkeys(widen(str(record["Id"])) for record in records if record.get("Id")))


def _no_constant(name: str) -> NoReturn:
    raise ValueError(name)
