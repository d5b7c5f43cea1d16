"""Reading the details of acts and worlds: each complaint names the key and says what to give."""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any, cast

from mailsync.sandbox.salesforce.ids import full_id
from mailsync.sandbox.salesforce.org import Org, Person, Row
from mailsync.sandbox.salesforce.schema import FieldSpec, ObjectSpec
from mailsync.sandbox.salesforce.values import parse_instant
from mailsync.sandbox.vendor import Refused


def read_text(details: Mapping[str, Any], key: str) -> str:
    """A text that must be there. Raises Refused."""
    value: object = details.get(key)
    if not isinstance(value, str) or not value.strip():
        raise Refused(f"{key}: give it as text")
    return value


def read_pattern(details: Mapping[str, Any], key: str = "pattern") -> str:
    """A regular expression. Raises Refused."""
    pattern = read_text(details, key)
    try:
        re.compile(pattern)
    except re.error as error:
        raise Refused(f"{key}: no regular expression: {error}") from None
    return pattern


def read_flag(details: Mapping[str, Any], key: str, default: bool) -> bool:
    """true or false. Raises Refused."""
    value: object = details.get(key, default)
    if not isinstance(value, bool):
        raise Refused(f"{key}: give true or false")
    return value


def read_count(details: Mapping[str, Any], key: str, default: float) -> float:
    """A number of 0 or more. Raises Refused."""
    value: object = details.get(key, default)
    if isinstance(value, bool) or not isinstance(value, int | float) or value < 0:
        raise Refused(f"{key}: give a number of 0 or more")
    return value


def read_moment(details: Mapping[str, Any], key: str) -> datetime:
    """An instant that must be there, as UTC. Raises Refused."""
    value: object = details.get(key)
    found = parse_instant(value) if isinstance(value, str) else None
    if found is None:
        raise Refused(f"{key}: give a date and time with its zone, as 2026-11-22T09:00:00Z")
    return found


def read_choice(details: Mapping[str, Any], key: str, choices: tuple[str, ...], default: str | None = None) -> str:
    """One of some words. Raises Refused."""
    value: object = details.get(key, default)
    if not isinstance(value, str) or value not in choices:
        raise Refused(f"{key}: give one of {', '.join(choices)}")
    return value


def read_person(org: Org, details: Mapping[str, Any], key: str) -> Person:
    """A user by name. Raises Refused."""
    name = read_text(details, key)
    person = org.people.get(name)
    if person is None:
        raise Refused(f"{key}: there is no Salesforce user {name}; give one of {', '.join(org.people)}")
    return person


def read_object(org: Org, details: Mapping[str, Any], key: str = "object") -> ObjectSpec:
    """An object that records are kept of. Raises Refused."""
    name = read_text(details, key)
    spec = org.spec(name)
    if spec is None or "plain" in spec.traits:
        known = ", ".join(spec.name for spec in org.objects.values() if "plain" not in spec.traits)
        raise Refused(f"{key}: there is no object {name}; give one of {known}")
    return spec


def read_field(spec: ObjectSpec, details: Mapping[str, Any], key: str = "field") -> FieldSpec:
    """A field of an object. Raises Refused."""
    name = read_text(details, key)
    field = spec.fields.get(name.lower())
    if field is None:
        raise Refused(f"{key}: {spec.name} has no field {name}")
    return field


def read_record(org: Org, details: Mapping[str, Any], key: str = "record") -> tuple[ObjectSpec, Row]:
    """A record by its id of 15 or 18 characters, live or in the recycle bin. Raises Refused."""
    text = read_text(details, key)
    record_id = full_id(text)
    for spec in org.objects.values():
        row = org.find(spec.name, record_id or "")
        if row is not None and "plain" not in spec.traits:
            return spec, row
    raise Refused(f"{key}: there is no Salesforce record with the id {text}")


def read_items(part: Mapping[str, Any], key: str) -> list[dict[str, Any]]:
    """A list of objects; absent is empty. Raises Refused."""
    value: object = part.get(key, [])
    if not isinstance(value, list) or not all(isinstance(item, dict) for item in cast(list[object], value)):
        raise Refused(f"{key}: give a list of objects")
    return cast(list[dict[str, Any]], value)


def read_section(part: Mapping[str, Any], key: str) -> dict[str, Any]:
    """An object; absent is empty. Raises Refused."""
    value: object = part.get(key, {})
    if not isinstance(value, dict):
        raise Refused(f"{key}: give an object")
    return cast(dict[str, Any], value)
