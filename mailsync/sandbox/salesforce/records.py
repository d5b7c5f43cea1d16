"""The records of a world, read and given back."""

from collections.abc import Mapping
from typing import Any, cast

from mailsync.sandbox.salesforce.activities import settle_task
from mailsync.sandbox.salesforce.customfields import calculate_fields, learn_numbers, number_record
from mailsync.sandbox.salesforce.details import read_items, read_object
from mailsync.sandbox.salesforce.ids import full_id, number_of
from mailsync.sandbox.salesforce.org import Org, Row
from mailsync.sandbox.salesforce.persons import complete_persons, shape_account
from mailsync.sandbox.salesforce.places import settle_places
from mailsync.sandbox.salesforce.refusal import ApiError
from mailsync.sandbox.salesforce.saving import default_values
from mailsync.sandbox.salesforce.schema import FieldSpec, ObjectSpec
from mailsync.sandbox.salesforce.values import WrongType, compose_fields, read_value, show_value
from mailsync.sandbox.vendor import Refused

_ORDER = ("Account", "Contact", "Lead", "Task")  # what is looked up comes before what looks it up
_OWN_KEYS = ("bin",)


def read_records(org: Org, section: Mapping[str, Any]) -> None:
    """Stores a world's records, keyed by object. Raises Refused, naming object, position and field."""
    specs = [read_object(org, {"records": name}, "records") for name in section]
    for spec in sorted(specs, key=lambda spec: _ORDER.index(spec.name)):
        items = read_items(section, next(name for name in section if name.lower() == spec.name.lower()))
        numbers = [number_of(str(item.get("Id") or "")) for item in items]
        org.numbers[spec.prefix] = max([org.numbers.get(spec.prefix, 0), *numbers])
        rows = org.records.setdefault(spec.name, {})
        for position, item in enumerate(items):
            where = f"records.{spec.name}[{position}]"
            row = _read_record(org, spec, item, where)
            if row["Id"] in rows:
                raise Refused(f"{where}.Id: {row['Id']} is there already")
            rows[row["Id"]] = row
    if org.person_accounts:
        complete_persons(org)


def dump_records(org: Org) -> dict[str, list[dict[str, Any]]]:
    """The records as JSON values: everything stored but what is derived."""
    return {
        name: [_dump_record(org.objects[name.lower()], row) for row in org.records[name].values()]
        for name in _ORDER
        if org.records.get(name)
    }


def _read_record(org: Org, spec: ObjectSpec, item: Mapping[str, Any], where: str) -> Row:
    row: Row = dict(default_values(spec))
    for name, value in item.items():
        if name in _OWN_KEYS:
            row[name] = value
            continue
        field = spec.fields.get(name.lower())
        if field is None:
            raise Refused(f"{where}.{name}: {spec.name} has no such field")
        if field.name in spec.compounds or field.formula or value is None:
            continue
        row[field.name] = _read_value(org, field, value, f"{where}.{name}")
    for field in spec.fields.values():
        if field.required and row.get(field.name) is None:
            raise Refused(f"{where}.{field.name}: give it; {spec.name} needs it")
    row = _settle(org, spec, row, where)
    _complete(org, spec, row)
    compose_fields(spec, row)
    calculate_fields(spec, row)
    return row


def _settle(org: Org, spec: ObjectSpec, row: Row, where: str) -> Row:
    """Derives what a save would derive: places, kind of account, the Contact's id, numbers of auto-numbers."""
    try:
        if org.places:
            settle_places(spec, row, dict(row))
        if org.person_accounts and spec.name == "Account":
            row |= shape_account(spec, {k: v for k, v in row.items() if k != "Name" or "LastName" not in row})
            if row["IsPersonAccount"] and "PersonContactId" not in row:
                row["PersonContactId"] = org.allot("003")
        if spec.name == "Task":
            settle_task(org, row, row)
    except ApiError as error:
        raise Refused(f"{where}: {error.message}") from None
    row = {key: value for key, value in row.items() if value is not None}
    learn_numbers(org, spec, row)
    number_record(org, spec, row)
    return row


def _read_value(org: Org, field: FieldSpec, value: object, where: str) -> Any:
    if field.refers_to == "User" and value in org.people:
        return org.people[cast(str, value)].id
    if field.name == "AccountId" and isinstance(value, dict):
        return _find_account(org, cast(dict[str, Any], value), where)
    try:
        found = read_value(field, value)
    except ApiError as error:
        raise Refused(f"{where}: {error.message}") from None
    except WrongType as error:
        raise Refused(f"{where}: give a value of type {error.expected}") from None
    if field.name == "Id" and full_id(found) is None:
        raise Refused(f"{where}: give a Salesforce id of 15 or 18 characters")
    return found


def _find_account(org: Org, key: Mapping[str, Any], where: str) -> str:
    for row in org.records.get("Account", {}).values():
        if row.get("Name") == key.get("Name"):
            return row["Id"]
    raise Refused(f"{where}: there is no Account named {key.get('Name')}")


def _complete(org: Org, spec: ObjectSpec, row: Row) -> None:
    """Adds the id, owner and stamps that a world leaves out."""
    admin = next((person.id for person in org.people.values() if person.admin), next(iter(org.people.values())).id)
    row.setdefault("Id", None)
    row["Id"] = row["Id"] or org.allot(spec.prefix)
    if not row["Id"].startswith(spec.prefix):
        raise Refused(f"records.{spec.name}: the id {row['Id']} must start with {spec.prefix}")
    row.setdefault("OwnerId", admin)
    created = row.setdefault("CreatedDate", org.stamp())
    modified = row.setdefault("LastModifiedDate", created)
    row.setdefault("SystemModstamp", modified)
    row.setdefault("CreatedById", row["OwnerId"])
    row.setdefault("LastModifiedById", row["CreatedById"])
    if "photourl" in spec.fields:
        row["PhotoUrl"] = f"/services/images/photo/{row['Id']}"


def _dump_record(spec: ObjectSpec, row: Row) -> dict[str, Any]:
    derived = {*spec.compounds, "PhotoUrl", *(field.name for field in spec.fields.values() if field.formula)}
    if "LastName" in row:
        derived.add("Name")
    return {name: show_value(value) for name, value in row.items() if name not in derived}
