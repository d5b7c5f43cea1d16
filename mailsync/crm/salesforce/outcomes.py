"""What Salesforce says of one record that was to be written, as an outcome in the core's words."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from mailsync.core.refs import FieldName, RecordId, widen
from mailsync.crm.salesforce.answers import FORBIDDEN, PASSING, Fault, faults_of
from mailsync.mapping.table import Table
from mailsync.ports.outcomes import Missing, Outcome, Refusal, Written

_GONE = frozenset({"ENTITY_IS_DELETED", "NOT_FOUND"})

# What a person can do; other codes (validation rules, triggers, flows) come with the organisation's own words.
_REMEDIES: Mapping[str, str] = {
    "STRING_TOO_LONG": "a value is too long for Salesforce: shorten it",
    "INVALID_EMAIL_ADDRESS": "the e-mail address is not one that Salesforce accepts: correct it",
    "DUPLICATES_DETECTED": "a duplicate rule of the organisation found a record like this one",
    "UNABLE_TO_LOCK_ROW": "the record is being changed by somebody else at the moment",
    "INSUFFICIENT_ACCESS_OR_READONLY": "this user may not change the record: ask its owner",
    "INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY": "this user may not use the linked account",
    "STORAGE_LIMIT_EXCEEDED": "the organisation's storage is full: tell its administrator",
}


def written(record_id: object) -> Written:
    """A write that was carried out. Salesforce does not tell the new LastModifiedDate."""
    return Written(widen(str(record_id)))


def refused(faults: Sequence[Fault], status: int, sent: Mapping[str, Any], table: Table) -> Outcome:
    """A write that was not carried out. `sent` are the values, which never appear in a message (L9)."""
    fault = faults[0] if faults else Fault(str(status), "")
    if fault.code in _GONE:
        return Missing()
    known, unknown = _fields(faults, table)
    said = _REMEDIES.get(fault.code) or scrub(fault.message, sent.values()) or "Salesforce gave no reason"
    named = f"{said} [{', '.join(unknown)}]" if unknown and not any(name in said for name in unknown) else said
    return Refusal(
        code=fault.code,
        message=named,
        fields=known,
        duplicates=tuple(dict.fromkeys(RecordId(found) for each in faults for found in each.duplicates)),
        transient=fault.code in PASSING or status >= 500,
        forbidden=fault.code in FORBIDDEN,
    )


def item_outcome(item: Mapping[str, Any], sent: Mapping[str, Any], table: Table) -> Outcome:
    """The outcome of one item of a collection's answer."""
    if item.get("success") is True:
        return written(item.get("id"))
    return refused(faults_of(item), 200, sent, table)


def scrub(message: str, values: Iterable[object]) -> str:
    """A message of the organisation without the values that were sent: Salesforce quotes them."""
    texts = sorted({str(value) for value in values if isinstance(value, str) and value.strip()}, key=len, reverse=True)
    for text in texts:
        message = re.sub(rf"(?<!\w){re.escape(text)}(?!\w)", "…", message)
    return " ".join(message.split())


def _fields(faults: Sequence[Fault], table: Table) -> tuple[tuple[FieldName, ...], tuple[str, ...]]:
    """The fields at fault in the core's words, and the API names of those that no mapping knows."""
    names = [name for fault in faults for name in (*fault.fields, *_bracketed(fault.message))]
    by_property = {name: core_name(name, table) for name in dict.fromkeys(names)}
    known = tuple(dict.fromkeys(found for found in by_property.values() if found))
    return known, tuple(name for name, found in by_property.items() if found is None)


def core_name(name: str, table: Table) -> FieldName | None:
    """The mapped field that an API name is, or is a part of (MailingCity: MailingAddress); None for others."""
    wanted = "Account.Name" if name == "AccountId" else name
    return next((row.field.name for row in table.rows if wanted in row.salesforce), None)


def _bracketed(message: str) -> list[str]:
    """Field names at the end of a message: "Required fields are missing: [LastName]"."""
    found = re.search(r"\[(\w+(?:,\s*\w+)*)\]\s*$", message)
    return [name.strip() for name in found[1].split(",")] if found else []
