"""What Salesforce derives and forbids on a Task (vendors/salesforce.md §6)."""

from typing import Any

from mailsync.sandbox.salesforce.org import Org, Row
from mailsync.sandbox.salesforce.refusal import ApiError
from mailsync.sandbox.salesforce.schema import ObjectSpec

_LEAD = "00Q"


def settle_task(org: Org, row: dict[str, Any], before: Row | None) -> None:
    """Sets AccountId, IsClosed, IsHighPriority and the time of completion. Raises ApiError for a Lead with a WhatId."""
    if str(row.get("WhoId", "")).startswith(_LEAD) and row.get("WhatId"):
        raise ApiError(
            "FIELD_INTEGRITY_EXCEPTION",
            "Related To ID: a task of a lead can't be related to another record",
            ("WhatId",),
        )
    _set(row, "AccountId", _account_of(org, row))
    closed = row.get("Status") == "Completed"
    row |= {"IsClosed": closed, "IsHighPriority": row.get("Priority") == "High"}
    if not closed:
        row.pop("CompletedDateTime", None)
    elif before is None or not before.get("IsClosed"):
        row["CompletedDateTime"] = org.stamp()


def follow_account(org: Org, spec: ObjectSpec, row: Row) -> None:
    """Lets the Tasks of a Contact follow it to its new Account: an automatic write, SystemModstamp alone."""
    if spec.name != "Contact":
        return
    for task in list(org.records.get("Task", {}).values()):
        if task.get("WhoId") == row["Id"] and not task.get("IsDeleted"):
            moved = {**task, "SystemModstamp": org.stamp()}
            _set(moved, "AccountId", _account_of(org, moved))
            org.put("Task", moved)


def move_tasks(org: Org, from_id: str, to_id: str) -> None:
    """Points the Tasks of a converted Lead at its Contact."""
    for task in list(org.records.get("Task", {}).values()):
        if task.get("WhoId") == from_id and not task.get("IsDeleted"):
            moved = {**task, "WhoId": to_id, "SystemModstamp": org.stamp()}
            _set(moved, "AccountId", _account_of(org, moved))
            org.put("Task", moved)


def _account_of(org: Org, row: Row) -> str | None:
    """The Account named in WhatId, else that of the Contact in WhoId."""
    what = row.get("WhatId")
    if what is not None and org.find("Account", what) is not None:
        return what
    contact = org.find("Contact", row.get("WhoId") or "")
    return None if contact is None else contact.get("AccountId")


def _set(row: dict[str, Any], name: str, value: str | None) -> None:
    if value is None:
        row.pop(name, None)
    else:
        row[name] = value
