"""The checks on a whole record before it is stored: required fields, picklists, lookups, validation rules."""

import re
from collections.abc import Mapping
from typing import Any

from mailsync.sandbox.salesforce.org import Row
from mailsync.sandbox.salesforce.refusal import ApiError, entity_is_deleted
from mailsync.sandbox.salesforce.schema import FieldSpec, ObjectSpec
from mailsync.sandbox.salesforce.viewer import Viewer


def check_record(
    viewer: Viewer, spec: ObjectSpec, row: Mapping[str, Any], before: Row | None, given: Mapping[str, Any]
) -> None:
    """Raises ApiError for the first rule that refuses `row`; `given` are the fields this request writes.

    A required field that was empty before and is not written now stays as it is.
    """
    check_required(viewer, spec, row, before, given)
    check_picklists(viewer, spec, given)
    check_unique(viewer, spec, row, given)
    for name, value in given.items():
        field = spec.fields[name.lower()]
        if field.type == "reference" and isinstance(value, str):
            check_lookup(viewer, spec, field, value, before)
    check_validation(viewer, spec, row)


def is_required(viewer: Viewer, spec: ObjectSpec, field: FieldSpec) -> bool:
    """Whether a value must be there: by the object, or because an administrator asks for it."""
    return field.required or (spec.name, field.name.lower()) in viewer.org.required


def is_restricted(viewer: Viewer, spec: ObjectSpec, field: FieldSpec) -> bool:
    """Whether a picklist takes its own values only: by the object, or because an administrator says so."""
    return field.restricted or (spec.name, field.name.lower()) in viewer.org.restricted


def check_required(
    viewer: Viewer, spec: ObjectSpec, row: Mapping[str, Any], before: Row | None, given: Mapping[str, Any]
) -> None:
    missing = tuple(
        field.name
        for field in spec.fields.values()
        if row.get(field.name) is None
        and (before is None or field.name in given)
        and (is_required(viewer, spec, field) or (field.name in given and not field.nillable))
    )
    if missing:
        raise ApiError(
            "REQUIRED_FIELD_MISSING",
            f"Required fields are missing: [{', '.join(missing)}]",
            missing,
        )


def check_picklists(viewer: Viewer, spec: ObjectSpec, given: Mapping[str, Any]) -> None:
    for name, value in given.items():
        field = spec.fields[name.lower()]
        if value is None or not field.values or not is_restricted(viewer, spec, field):
            continue
        chosen = value.split(";") if field.type == "multipicklist" else [value]
        unknown = [one for one in chosen if one not in field.values]
        if unknown:
            raise ApiError(
                "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST",
                f"{field.label}: bad value for restricted picklist field: {unknown[0]}",
                (field.name,),
            )


def check_unique(viewer: Viewer, spec: ObjectSpec, row: Mapping[str, Any], given: Mapping[str, Any]) -> None:
    """A unique field holds a value once, in whatever case unless it minds the case."""
    for name, value in given.items():
        field = spec.fields[name.lower()]
        if not field.unique or value is None:
            continue
        fold = str if field.case_sensitive else str.casefold
        for other in viewer.org.records.get(spec.name, {}).values():
            same = fold(str(other.get(name, ""))) == fold(str(value))
            if same and other["Id"] != row.get("Id") and not other.get("IsDeleted"):
                raise ApiError(
                    "DUPLICATE_VALUE",
                    f"duplicate value found: {name} duplicates value on record with id: {other['Id'][:15]}",
                    (),
                )


def check_lookup(viewer: Viewer, spec: ObjectSpec, field: FieldSpec, value: str, before: Row | None) -> None:
    """A lookup may only point at a live record of its object that the user can see; a new owner must be active."""
    if before is not None and before.get(field.name) == value:
        return
    target = _target_of(viewer, field, value)
    row = None if target is None else viewer.org.find(target.name, value)
    if target is None or row is None:
        raise ApiError("INVALID_CROSS_REFERENCE_KEY", f"{field.label}: invalid cross reference id", (field.name,))
    if row.get("IsDeleted"):
        raise entity_is_deleted(status=400)
    if not viewer.sees(target, row):
        raise ApiError(
            "INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY",
            f"insufficient access rights on cross-reference id: {value[:15]}",
            (),
        )
    if field.name == "OwnerId" and row.get("IsActive") is False:
        raise ApiError(
            "INACTIVE_OWNER_OR_USER",
            f"operation performed with inactive user [{value[:15]}] as owner of {spec.label.lower()}",
            (),
        )


def _target_of(viewer: Viewer, field: FieldSpec, value: str) -> ObjectSpec | None:
    """The object a lookup's id belongs to."""
    by_prefix = (target for target in viewer.org.objects.values() if value.startswith(target.prefix))
    target = next(by_prefix, None)
    if target is None or target.name not in field.referenced:
        raise ApiError("MALFORMED_ID", f"{field.label}: id value of incorrect type: {value}", (field.name,))
    return target


def check_validation(viewer: Viewer, spec: ObjectSpec, row: Mapping[str, Any]) -> None:
    """The organisation's own rules: each refuses a record whose field matches its pattern; empty counts as ''."""
    for rule in viewer.org.validation_rules:
        if rule.object != spec.name:
            continue
        value = row.get(rule.field)
        if re.search(rule.pattern, "" if value is None else str(value)):
            raise ApiError("FIELD_CUSTOM_VALIDATION_EXCEPTION", rule.message, (rule.field,))
