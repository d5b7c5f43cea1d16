"""Deleting, restoring, merging and purging records.

Deleting and restoring move SystemModstamp (vendors/salesforce.md §1; for restoring that is this sandbox's choice,
§11). Deleting an Account takes its Contacts along into the same recycle bin; restoring it brings those back.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from mailsync.sandbox.salesforce.org import Org, Row
from mailsync.sandbox.salesforce.persons import refuse_person
from mailsync.sandbox.salesforce.refusal import ApiError, entity_is_deleted, no_access
from mailsync.sandbox.salesforce.saving import SaveOptions, bump, read_fields, store_update
from mailsync.sandbox.salesforce.schema import ObjectSpec
from mailsync.sandbox.salesforce.viewer import Viewer


def delete_record(viewer: Viewer, spec: ObjectSpec, record_id: str) -> None:
    """Puts a record into the recycle bin. Raises ApiError where it is not there or not the user's to delete."""
    row = _editable(viewer, spec, record_id)
    if "undeletable" not in spec.traits:
        raise ApiError("DELETE_FAILED", f"entity type cannot be deleted: {spec.label}", ())
    if not viewer.owns(row):
        raise no_access()
    _keep_person(spec, row)
    throw_away(viewer.org, spec.name, row)
    if spec.name == "Account":
        for child in _children(viewer.org, "Contact", "AccountId", record_id):
            throw_away(viewer.org, "Contact", {**child, "bin": record_id})


def throw_away(org: Org, table: str, row: Row) -> None:
    """Marks a record as deleted at this moment."""
    org.put(table, {**bump(org, row), "IsDeleted": True})


def undelete_record(viewer: Viewer, spec: ObjectSpec, record_id: str) -> None:
    """Takes a record out of the recycle bin; a record that lost a merge comes back without what it gave away."""
    row = viewer.find(spec, record_id)
    if row is None:
        raise ApiError("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id", ())
    if not row.get("IsDeleted"):
        raise ApiError("UNDELETE_FAILED", "entity is not in the recycle bin", ())
    if not viewer.owns(row):
        raise no_access()
    _keep_person(spec, row)
    _restore(viewer.org, spec.name, row)
    for child in list(viewer.org.records.get("Contact", {}).values()):
        if spec.name == "Account" and child.get("bin") == record_id and child.get("IsDeleted"):
            _restore(viewer.org, "Contact", child)


def merge_records(
    viewer: Viewer, spec: ObjectSpec, master_id: str, losers: Sequence[str], values: Mapping[str, Any]
) -> list[str]:
    """Merges one or two records into the master, which takes `values`; returns the ids of re-parented records.

    The losers go to the recycle bin with MasterRecordId = the master (vendors/salesforce.md §1).
    """
    if "mergeable" not in spec.traits:
        raise ApiError("INVALID_TYPE", f"merge of {spec.name} is not supported", ())
    if not 1 <= len(losers) <= 2 or len({master_id, *losers}) != len(losers) + 1:
        raise ApiError("INVALID_NUMBER_FOR_MERGE", "merge takes a master and one or two other records", ())
    given = read_fields(viewer, spec, values, creating=False)
    for record_id in (master_id, *losers):
        _keep_person(spec, viewer.find(spec, record_id) or {})
    master = _mergeable(viewer, spec, master_id)
    rows = [_mergeable(viewer, spec, loser) for loser in losers]
    if any(row.get("IsPersonAccount", False) != master.get("IsPersonAccount", False) for row in rows):
        raise refuse_person("a person account merges with person accounts only")
    store_update(viewer, spec, master, given, SaveOptions(allow_duplicates=True))
    moved: list[str] = []
    for row in rows:
        throw_away(viewer.org, spec.name, {**row, "MasterRecordId": master_id})
        moved += _merge_contact(viewer.org, row, master)
        moved += _adopt(viewer.org, spec.name, row["Id"], master_id)
    return moved


def purge_record(org: Org, table: str, record_id: str) -> None:
    """Removes a record from everything; the deleted log then starts at its deletion (or now, if it was live)."""
    row = org.records[table][record_id]
    if table == "Account" and row.get("IsPersonAccount"):
        purge_record(org, "Contact", row["PersonContactId"])
    gone = row["SystemModstamp"] if row.get("IsDeleted") else org.stamp()
    org.purged[table] = max(gone, org.purged.get(table, gone))
    org.remove(table, record_id)


def _keep_person(spec: ObjectSpec, row: Row) -> None:
    if spec.name == "Contact" and row.get("IsPersonAccount"):
        raise refuse_person("the contact of a person account goes and comes back with its account")


def _merge_contact(org: Org, loser: Row, master: Row) -> list[str]:
    """The Contact of a merged Person Account is merged into that of the master."""
    if not loser.get("IsPersonAccount"):
        return []
    contact = org.records["Contact"][loser["PersonContactId"]]
    throw_away(org, "Contact", {**contact, "MasterRecordId": master["PersonContactId"], "bin": loser["Id"]})
    return _adopt(org, "Contact", contact["Id"], master["PersonContactId"])


def _restore(org: Org, table: str, row: Row) -> None:
    kept = {key: value for key, value in bump(org, row).items() if key not in ("bin", "MasterRecordId")}
    org.put(table, {**kept, "IsDeleted": False})


def _editable(viewer: Viewer, spec: ObjectSpec, record_id: str) -> Row:
    row = viewer.find(spec, record_id)
    if row is None:
        raise ApiError("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id", ())
    if row.get("IsDeleted"):
        raise entity_is_deleted()
    return row


def _mergeable(viewer: Viewer, spec: ObjectSpec, record_id: str) -> Row:
    row = _editable(viewer, spec, record_id)
    if not viewer.owns(row):
        raise no_access()
    return row


def _children(org: Org, table: str, field: str, parent: str) -> list[Row]:
    rows = org.records.get(table, {}).values()
    return [row for row in rows if row.get(field) == parent and not row.get("IsDeleted")]


def _adopt(org: Org, table: str, loser: str, master: str) -> list[str]:
    """Points at the master whatever pointed at the loser; an automatic write, no user's."""
    links = {
        "Account": (("Contact", "AccountId"), ("Account", "ParentId"), ("Task", "WhatId")),
        "Contact": (("Contact", "ReportsToId"), ("Task", "WhoId")),
        "Lead": (("Task", "WhoId"),),
    }
    moved: list[str] = []
    for child, field in links[table]:
        for row in _children(org, child, field, loser):
            org.put(child, {**bump(org, row), field: master})
            moved.append(row["Id"])
    return moved
