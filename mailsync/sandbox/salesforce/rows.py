"""sObject Rows: create, read, update, delete one record, by id or by an external id (vendors/salesforce.md §3, §4)."""

from collections.abc import Mapping
from hashlib import sha1
from typing import Any

import orjson

from mailsync.sandbox.salesforce.refusal import ApiError, not_found, unknown_column
from mailsync.sandbox.salesforce.removal import delete_record
from mailsync.sandbox.salesforce.rest import Ask, Reply, find_object, find_row, http_date
from mailsync.sandbox.salesforce.saving import create_record, update_record
from mailsync.sandbox.salesforce.schema import FieldSpec, ObjectSpec
from mailsync.sandbox.salesforce.values import show_record
from mailsync.sandbox.salesforce.viewer import Viewer


def create_row(ask: Ask) -> Reply:
    """POST sobjects/{object} → 201 and the id."""
    spec = find_object(ask, ask.arguments[0])
    values = ask.read_object()
    _forbid_id(values)
    return _created(ask, spec, create_record(ask.viewer, spec, values, ask.options()))


def read_row(ask: Ask) -> Reply:
    """GET sobjects/{object}/{id}?fields= → the record; 304 where it is unchanged."""
    spec = find_object(ask, ask.arguments[0])
    return _show(ask, spec, find_row(ask, spec, ask.arguments[1]))


def update_row(ask: Ask) -> Reply:
    """PATCH sobjects/{object}/{id} → 204; 412 where the record was modified after If-Unmodified-Since."""
    spec = find_object(ask, ask.arguments[0])
    values = ask.read_object()
    row = find_row(ask, spec, ask.arguments[1])
    _forbid_id(values)
    if not _meets_conditions(ask, spec, row):
        return Reply(412)
    update_record(ask.viewer, spec, row["Id"], values, ask.options())
    return Reply(204)


def delete_row(ask: Ask) -> Reply:
    """DELETE sobjects/{object}/{id} → 204. The vendor knows no condition here (vendors/salesforce.md §4)."""
    spec = find_object(ask, ask.arguments[0])
    row = find_row(ask, spec, ask.arguments[1])
    delete_record(ask.viewer, spec, row["Id"])
    return Reply(204)


def read_by_key(ask: Ask) -> Reply:
    """GET sobjects/{object}/{field}/{value} → the record, or 300 with all that have the value."""
    spec = find_object(ask, ask.arguments[0])
    matches = find_by_key(ask.viewer, spec, key_field(ask.viewer, spec, ask.arguments[1]), ask.arguments[2])
    if not matches:
        raise not_found()
    return _show(ask, spec, matches[0]) if len(matches) == 1 else _several(ask, spec, matches)


def upsert_row(ask: Ask) -> Reply:
    """PATCH sobjects/{object}/{field}/{value} → 201 created, 200 updated, 300 several."""
    spec = find_object(ask, ask.arguments[0])
    values = ask.read_object()
    field = key_field(ask.viewer, spec, ask.arguments[1])
    if any(name.lower() in ("id", field.name.lower()) for name in values):
        raise ApiError("INVALID_FIELD", f"The {field.name} field should not be specified in the sobject data.")
    matches = find_by_key(ask.viewer, spec, field, ask.arguments[2])
    if len(matches) > 1:
        return _several(ask, spec, matches)
    if not matches:
        values = {**values, field.name: ask.arguments[2]}
        return _created(ask, spec, create_record(ask.viewer, spec, values, ask.options()), created=True)
    update_record(ask.viewer, spec, matches[0]["Id"], values, ask.options())
    return Reply(200, {"id": matches[0]["Id"], "success": True, "errors": [], "created": False})


def delete_by_key(ask: Ask) -> Reply:
    """DELETE sobjects/{object}/{field}/{value} → 204."""
    spec = find_object(ask, ask.arguments[0])
    matches = find_by_key(ask.viewer, spec, key_field(ask.viewer, spec, ask.arguments[1]), ask.arguments[2])
    if not matches:
        raise not_found()
    if len(matches) > 1:
        return _several(ask, spec, matches)
    delete_record(ask.viewer, spec, matches[0]["Id"])
    return Reply(204)


def key_field(viewer: Viewer, spec: ObjectSpec, name: str) -> FieldSpec:
    """A field by which records may be named: an external id or one with idLookup, Email among them."""
    field = viewer.fields(spec).get(name.lower())
    if field is None or not field.id_lookup or field.type == "id":
        raise not_found(f"Provided external ID field does not exist or is not accessible: {name}")
    return field


def find_by_key(viewer: Viewer, spec: ObjectSpec, field: FieldSpec, value: str) -> list[Mapping[str, Any]]:
    """The live records that the user sees with that value, in any case."""
    wanted = value.casefold()
    return [
        row
        for row in viewer.org.records.get(spec.name, {}).values()
        if str(row.get(field.name, "")).casefold() == wanted and not row.get("IsDeleted") and viewer.sees(spec, row)
    ]


def chosen_fields(viewer: Viewer, spec: ObjectSpec, names: list[str]) -> list[str]:
    """The exact names of the fields asked for, Id always among them. Raises ApiError INVALID_FIELD."""
    fields = viewer.fields(spec)
    found: list[str] = []
    for name in names:
        field = fields.get(name.strip().lower())
        if field is None:
            raise unknown_column(name.strip(), spec.name)
        found.append(field.name)
    return found if "Id" in found else [*found, "Id"]


def _show(ask: Ask, spec: ObjectSpec, row: Mapping[str, Any]) -> Reply:
    wanted = ask.query.get("fields")
    names = [field.name for field in ask.viewer.fields(spec).values()]
    if wanted:
        names = chosen_fields(ask.viewer, spec, wanted.split(","))
    headers = {"Last-Modified": http_date(row["LastModifiedDate"])}
    if spec.name == "Account":
        headers["ETag"] = _tag_of(row)
    since = ask.since("if-modified-since")
    unchanged = since is not None and row["LastModifiedDate"] <= since
    if unchanged or ask.headers.get("if-none-match") in (headers.get("ETag", ""), "*"):
        return Reply(304, None, headers)
    return Reply(200, show_record(spec, names, row, ask.viewer.path), headers)


def _meets_conditions(ask: Ask, spec: ObjectSpec, row: Mapping[str, Any]) -> bool:
    """If-Unmodified-Since compares LastModifiedDate in whole seconds; only Account knows ETags (§4)."""
    since = ask.since("if-unmodified-since")
    if since is not None and row["LastModifiedDate"] > since:
        return False
    wanted = ask.headers.get("if-match")
    return spec.name != "Account" or wanted in (None, "*", _tag_of(row))


def _tag_of(row: Mapping[str, Any]) -> str:
    content = orjson.dumps(row, option=orjson.OPT_SORT_KEYS)
    return f'"{sha1(content, usedforsecurity=False).hexdigest()[:12]}"'


def _created(ask: Ask, spec: ObjectSpec, record_id: str, **more: bool) -> Reply:
    location = f"{ask.viewer.path}/sobjects/{spec.name}/{record_id}"
    return Reply(201, {"id": record_id, "success": True, "errors": [], **more}, {"Location": location})


def _several(ask: Ask, spec: ObjectSpec, matches: list[Mapping[str, Any]]) -> Reply:
    return Reply(300, [f"{ask.viewer.path}/sobjects/{spec.name}/{row['Id']}" for row in matches])


def _forbid_id(values: Mapping[str, Any]) -> None:
    if any(name.lower() == "id" for name in values):
        raise ApiError("INVALID_FIELD", "The Id field should not be specified in the sobject data.")
