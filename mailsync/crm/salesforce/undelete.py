"""Undelete through the SOAP Partner API: REST has no such call. One request for 200 records, with the same token."""

from collections.abc import Mapping, Sequence

from mailsync.core.refs import RecordId, widen
from mailsync.crm import soql
from mailsync.crm.salesforce.answers import Fault, failure
from mailsync.crm.salesforce.connection import Connection
from mailsync.crm.salesforce.outcomes import refused
from mailsync.crm.salesforce.soap import ENVELOPE, PARTNER, Element, parse
from mailsync.crm.salesforce.transport import VENDOR
from mailsync.errors import AnswerBroken
from mailsync.line import Reply
from mailsync.mapping.table import Table
from mailsync.ports.outcomes import Missing, Outcome, Written

MOST_IDS = 200
"""Ids of one call (Partner API: undelete takes 200 records)."""
_GONE = frozenset({"UNDELETE_FAILED", "ENTITY_IS_DELETED", "INVALID_CROSS_REFERENCE_KEY", "NOT_FOUND"})
"""Codes of a record that no recycle bin of this user holds: purged, older than 15 days, or never deleted."""
_STATUS: Mapping[str, int] = {"INVALID_SESSION_ID": 401, "REQUEST_LIMIT_EXCEEDED": 403, "SERVER_UNAVAILABLE": 503}
"""The statuses that REST has for what SOAP tells as a fault under 500."""


def undelete_records(connection: Connection, table: Table, records: Sequence[RecordId]) -> list[Outcome]:
    """Takes records out of the recycle bin. Missing: it is in none. Raises VendorError and its kinds.

    A repetition after a lost answer tells Missing of what the first one restored: the caller reads the record then.
    """
    if not all(soql.is_id(record) for record in records):
        raise ValueError("only Salesforce ids can be undeleted")
    outcomes: list[Outcome] = []
    for start in range(0, len(records), MOST_IDS):
        part = records[start : start + MOST_IDS]
        ids = "".join(f"<ids>{record}</ids>" for record in part)
        results = connection.call("undelete", ids, read=_results)
        if len(results) != len(part):
            raise AnswerBroken(VENDOR, f"Salesforce answered {len(results)} of {len(part)} records", code="items")
        outcomes += [_outcome(result, table) for result in results]
    return outcomes


def _results(answer: Reply) -> list[Element]:
    """The `result` elements of an answer. Raises what a fault says; AnswerBroken for what is no answer."""
    if answer.status != 200 and b"Fault" not in answer.body:
        raise failure(answer.status, (), answer.headers)
    root = parse(answer.body)
    fault = root.find(f".//{{{ENVELOPE}}}Fault")
    if fault is not None:
        told = {str(child.tag).rpartition("}")[2]: child.text or "" for child in fault}
        code = told.get("faultcode", "").rpartition(":")[2]
        raise failure(_STATUS.get(code, 400), (Fault(code, told.get("faultstring", "")),), answer.headers)
    response = root.find(f".//{{{PARTNER}}}undeleteResponse")
    if answer.status != 200 or response is None:
        raise AnswerBroken(VENDOR, "Salesforce's answer has another shape than documented", code="shape")
    return response.findall(f"{{{PARTNER}}}result")


def _outcome(result: Element, table: Table) -> Outcome:
    if _text(result, "success") == "true":
        return Written(widen(_text(result, "id")))
    error = result.find(f"{{{PARTNER}}}errors")
    code, message = ("", "") if error is None else (_text(error, "statusCode"), _text(error, "message"))
    return Missing() if code in _GONE else refused((Fault(code or "UNKNOWN", message),), 200, {}, table)


def _text(parent: Element, name: str) -> str:
    return parent.findtext(f"{{{PARTNER}}}{name}") or ""
