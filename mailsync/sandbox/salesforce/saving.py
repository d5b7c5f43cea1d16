"""Creating and updating one record, with every rule that Salesforce applies on save (vendors/salesforce.md §4)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from mailsync.sandbox.salesforce.activities import follow_account, settle_task
from mailsync.sandbox.salesforce.customfields import calculate_fields, number_record
from mailsync.sandbox.salesforce.duplicates import refuse_duplicates
from mailsync.sandbox.salesforce.org import Org, Row
from mailsync.sandbox.salesforce.persons import check_person, reflect_fields, reflect_person, shape_account
from mailsync.sandbox.salesforce.places import settle_places
from mailsync.sandbox.salesforce.refusal import ApiError, entity_is_deleted, no_access, unknown_column, unwritable
from mailsync.sandbox.salesforce.rules import check_record, check_validation
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
        "IsHighPriority": False,
        "IsArchived": False,
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
    row: Row = {**default_values(spec), "OwnerId": viewer.user_id, **_filled(spec, given)}
    if org.person_accounts and spec.name == "Account":
        row |= shape_account(spec, given)
    row = _derive(viewer, spec, row, None, given)
    check_record(viewer, spec, row, None, given)
    refuse_duplicates(viewer, spec, row, given, options.allow_duplicates, options.show_details)
    row["Id"] = org.allot(spec.prefix)
    now = org.stamp()
    row |= {"CreatedDate": now, "CreatedById": viewer.user_id, **touch(viewer)}
    if "photourl" in spec.fields:
        row["PhotoUrl"] = f"/services/images/photo/{row['Id']}"
    if row.get("IsPersonAccount"):
        row["PersonContactId"] = org.allot("003")
    number_record(org, spec, row)
    _put(viewer, spec, row, given, options)
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
    if before.get("IsConverted"):
        raise ApiError("CANNOT_UPDATE_CONVERTED_LEAD", "cannot reference converted lead", ())
    row = _derive(viewer, spec, {**before, **given, **touch(viewer)}, before, given)
    check_record(viewer, spec, row, before, given)
    refuse_duplicates(viewer, spec, row, given, options.allow_duplicates, options.show_details)
    if row.get("OwnerId") != before.get("OwnerId"):
        _transfer(viewer, before)
    _put(viewer, spec, row, given, options)
    if row.get("AccountId") != before.get("AccountId"):
        follow_account(viewer.org, spec, row)


def _put(viewer: Viewer, spec: ObjectSpec, row: Row, given: Mapping[str, Any], options: SaveOptions) -> None:
    """Stores a record, and with it the other one of a person, whose object's own rules have a say too."""
    org = viewer.org
    reflected = reflect_person(org, spec, row)
    if reflected is not None:
        other, made = reflected
        check_validation(viewer, other, made)
        written = dict.fromkeys(reflect_fields(org, spec, given))
        refuse_duplicates(viewer, other, made, written, options.allow_duplicates, options.show_details)
    org.put(spec.name, row)
    if reflected is not None:
        org.put(reflected[0].name, reflected[1])


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
    own = {field.name: field.default for field in spec.fields.values() if field.default is not None}
    return {**_DEFAULTS.get(spec.name, {}), **own}


def touch(viewer: Viewer) -> Row:
    """The stamps of a user's write: all three move together (vendors/salesforce.md §1)."""
    now = viewer.org.stamp()
    return {"LastModifiedDate": now, "LastModifiedById": viewer.user_id, "SystemModstamp": now}


def bump(org: Org, row: Row) -> Row:
    """The row with the stamp of an automatic write: SystemModstamp alone."""
    return {**row, "SystemModstamp": org.stamp()}


def _derive(viewer: Viewer, spec: ObjectSpec, row: Row, before: Row | None, given: Mapping[str, Any]) -> Row:
    """The row with what follows from what was written, without nulls. Raises ApiError for places and persons."""
    org = viewer.org
    if org.places:
        settle_places(spec, row, given)
    if org.person_accounts:
        check_person(org, spec, row, before, given)
    row = {key: value for key, value in row.items() if value is not None}
    if spec.name == "Task":
        settle_task(org, row, before)
    if before is None:
        row.setdefault("OwnerId", viewer.user_id)
    compose_fields(spec, row)
    calculate_fields(spec, row)
    return row


def _writes(viewer: Viewer, spec: ObjectSpec, field: FieldSpec, creating: bool) -> bool:
    allowed = field.createable if creating else field.updateable
    return allowed and viewer.edits_field(spec, field.name.lower())


def _filled(spec: ObjectSpec, given: Row) -> Row:
    """What a create writes: null leaves a standard field at its default, but empties a custom one."""
    return {name: value for name, value in given.items() if value is not None or spec.fields[name.lower()].custom}


def _transfer(viewer: Viewer, before: Row) -> None:
    """A new owner ends the manual shares; only the owner and administrators may transfer."""
    if not viewer.owns(before):
        raise no_access()
    shares = viewer.org.shares
    viewer.org.shares = {key: access for key, access in shares.items() if key[0] != before["Id"]}
