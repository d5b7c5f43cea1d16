"""Creating and updating one record, with every rule that Salesforce applies on save (vendors/salesforce.md §4)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from mailsync.sandbox.salesforce.duplicates import refuse_duplicates
from mailsync.sandbox.salesforce.org import Org, Row
from mailsync.sandbox.salesforce.refusal import ApiError, entity_is_deleted, no_access, unknown_column, unwritable
from mailsync.sandbox.salesforce.rules import check_record
from mailsync.sandbox.salesforce.schema import FieldSpec, ObjectSpec
from mailsync.sandbox.salesforce.values import compose_fields, read_value
from mailsync.sandbox.salesforce.viewer import Viewer

_DEFAULTS: Mapping[str, Mapping[str, Any]] = {
    "Contact": {"IsDeleted": False, "IsEmailBounced": False, "CleanStatus": "Pending"},
    "Account": {"IsDeleted": False, "IsPartner": False, "IsCustomerPortal": False, "CleanStatus": "Pending"},
    "Lead": {
        "IsDeleted": False,
        "Status": "Open - Not Contacted",
        "IsConverted": False,
        "IsUnreadByOwner": True,
        "CleanStatus": "Pending",
    },
    "Task": {
        "IsDeleted": False,
        "Status": "Not Started",
        "Priority": "Normal",
        "IsClosed": False,
        "TaskSubtype": "Task",
    },
}


@dataclass(frozen=True, slots=True)
class SaveOptions:
    """What the header Sforce-Duplicate-Rule-Header allows."""

    allow_duplicates: bool = False
    show_details: bool = False


def create_record(viewer: Viewer, spec: ObjectSpec, values: Mapping[str, Any], options: SaveOptions) -> str:
    """Creates a record owned by the user (or the named owner) and returns its id.

    Raises ApiError for what a rule refuses, WrongType for a JSON type a field does not take.
    """
    if "plain" in spec.traits:
        raise ApiError(
            "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY",
            f"entity type cannot be inserted: {spec.label}",
            (),
        )
    org = viewer.org
    given = read_fields(viewer, spec, values, creating=True)
    row: Row = {**default_values(spec), "OwnerId": viewer.user_id, **_filled(given)}
    if "OwnerId" in given and given["OwnerId"] is None:
        row["OwnerId"] = viewer.user_id
    compose_fields(spec, row)
    check_record(viewer, spec, row, None, given)
    refuse_duplicates(viewer, spec, row, given, options.allow_duplicates, options.show_details)
    row["Id"] = org.allot(spec.prefix)
    now = org.stamp()
    row |= {"CreatedDate": now, "CreatedById": viewer.user_id, **touch(viewer)}
    if "photourl" in spec.fields:
        row["PhotoUrl"] = f"/services/images/photo/{row['Id']}"
    org.put(spec.name, row)
    return row["Id"]


def update_record(
    viewer: Viewer, spec: ObjectSpec, record_id: str, values: Mapping[str, Any], options: SaveOptions
) -> None:
    """Updates a record that the user can see; null clears a field. Raises as `create_record` does."""
    given = read_fields(viewer, spec, values, creating=False)
    before = viewer.find(spec, record_id)
    if before is None:
        raise ApiError("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id", ())
    if before.get("IsDeleted"):
        raise entity_is_deleted()
    if not viewer.edits(spec, before):
        raise no_access()
    store_update(viewer, spec, before, given, options)


def store_update(viewer: Viewer, spec: ObjectSpec, before: Row, given: Mapping[str, Any], options: SaveOptions) -> None:
    """Puts values that were read already into a record, by the rules on save."""
    row = {**before, **given, **touch(viewer)}
    row = {key: value for key, value in row.items() if value is not None}
    compose_fields(spec, row)
    check_record(viewer, spec, row, before, given)
    refuse_duplicates(viewer, spec, row, given, options.allow_duplicates, options.show_details)
    if row.get("OwnerId") != before.get("OwnerId"):
        _transfer(viewer, before)
    viewer.org.put(spec.name, row)


def read_fields(viewer: Viewer, spec: ObjectSpec, values: Mapping[str, Any], *, creating: bool) -> Row:
    """The values of a request by the fields' exact names; absent, hidden and read-only fields are refused."""
    found: list[tuple[FieldSpec, Any]] = []
    for name, value in values.items():
        if name.lower() == "attributes":
            continue
        field = spec.fields.get(name.lower())
        if field is None or not viewer.reads_field(spec, name.lower()):
            raise unknown_column(name, spec.name)
        found.append((field, value))
    refused = tuple(field.name for field, _ in found if not _writes(viewer, spec, field, creating))
    if refused:
        raise unwritable(refused)
    return {field.name: read_value(field, value) for field, value in found}


def default_values(spec: ObjectSpec) -> Mapping[str, Any]:
    """What a new record of the object starts with."""
    return _DEFAULTS.get(spec.name, {})


def touch(viewer: Viewer) -> Row:
    """The stamps of a user's write: all three move together (vendors/salesforce.md §1)."""
    now = viewer.org.stamp()
    return {"LastModifiedDate": now, "LastModifiedById": viewer.user_id, "SystemModstamp": now}


def bump(org: Org, row: Row) -> Row:
    """The row with the stamp of an automatic write: SystemModstamp alone."""
    return {**row, "SystemModstamp": org.stamp()}


def _writes(viewer: Viewer, spec: ObjectSpec, field: FieldSpec, creating: bool) -> bool:
    allowed = field.createable if creating else field.updateable
    return allowed and viewer.edits_field(spec, field.name.lower())


def _filled(given: Row) -> Row:
    return {name: value for name, value in given.items() if value is not None}


def _transfer(viewer: Viewer, before: Row) -> None:
    """A new owner ends the manual shares; only the owner and administrators may transfer."""
    if not viewer.owns(before):
        raise no_access()
    shares = viewer.org.shares
    viewer.org.shares = {key: access for key, access in shares.items() if key[0] != before["Id"]}
