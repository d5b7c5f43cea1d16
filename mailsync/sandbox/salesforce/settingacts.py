"""What administrators set: field security, rules, picklists, required fields, limits, connected apps."""

from collections.abc import Mapping
from typing import Any

from mailsync.sandbox.salesforce.details import (
    read_choice,
    read_count,
    read_field,
    read_flag,
    read_object,
    read_pattern,
    read_person,
    read_text,
)
from mailsync.sandbox.salesforce.oauth import read_app
from mailsync.sandbox.salesforce.org import Access, DuplicateRule, Org, Person, ValidationRule
from mailsync.sandbox.vendor import Refused


def secure_field(org: Org, _person: Person, details: Mapping[str, Any]) -> dict[str, Any]:
    """What one user may read and edit of a field."""
    spec = read_object(org, details)
    field = read_field(spec, details)
    other = read_person(org, details, "user")
    access = Access(read_flag(details, "read", True), read_flag(details, "edit", True))
    if access.edit and not access.read:
        access = Access(read=False, edit=False)
    org.security[spec.name, field.name.lower(), other.name] = access
    org.described[spec.name] = org.stamp()
    return {}


def add_validation(org: Org, _person: Person, details: Mapping[str, Any]) -> dict[str, Any]:
    """A rule that refuses records by a pattern."""
    spec = read_object(org, details)
    field = read_field(spec, details)
    pattern = read_pattern(details)
    org.validation_rules.append(ValidationRule(spec.name, field.name, pattern, read_text(details, "message")))
    return {}


def add_duplicate_rule(org: Org, _person: Person, details: Mapping[str, Any]) -> dict[str, Any]:
    """A rule on one field, in place of the one it had."""
    spec = read_object(org, details)
    field = read_field(spec, details)
    action = read_choice(details, "action", ("alert", "block", "off"))
    others = [rule for rule in org.duplicate_rules if (rule.object, rule.field) != (spec.name, field.name)]
    added = [] if action == "off" else [DuplicateRule(spec.name, field.name, action)]
    org.duplicate_rules = [*others, *added]
    return {}


def require_field(org: Org, _person: Person, details: Mapping[str, Any]) -> dict[str, Any]:
    """Makes a field required, or not."""
    spec = read_object(org, details)
    field = read_field(spec, details)
    if not field.createable:
        raise Refused(f"field: {field.name} can't be written, so it can't be required")
    _switch(org.required, (spec.name, field.name.lower()), read_flag(details, "required", True))
    org.described[spec.name] = org.stamp()
    return {}


def restrict_picklist(org: Org, _person: Person, details: Mapping[str, Any]) -> dict[str, Any]:
    """Makes a picklist take its own values only, or any."""
    spec = read_object(org, details)
    field = read_field(spec, details)
    if not field.values:
        raise Refused(f"field: {field.name} is no picklist")
    _switch(org.restricted, (spec.name, field.name.lower()), read_flag(details, "restricted", True))
    org.described[spec.name] = org.stamp()
    return {}


def commit_late(org: Org, _person: Person, details: Mapping[str, Any]) -> dict[str, Any]:
    """Lets writes show only some seconds after their stamp."""
    if "seconds" not in details:
        raise Refused("seconds: say how many seconds after their stamp writes become visible; 0 turns it off")
    org.lag = read_count(details, "seconds", 0)
    return {}


def set_limit(org: Org, _person: Person, details: Mapping[str, Any]) -> dict[str, Any]:
    """The calls of a day, and how many of them are used up."""
    org.daily_limit = int(read_count(details, "limit", org.daily_limit))
    if "used" in details:
        used = int(read_count(details, "used", 0))
        org.usage.clear()
        org.spend(used)
    return {"used": org.used(), "limit": org.daily_limit}


def register_app(org: Org, _person: Person, details: Mapping[str, Any]) -> dict[str, Any]:
    """Adds a connected app, or replaces the one of that id."""
    app = read_app(org, details)
    org.grants.apps[app.client_id] = app
    return {}


def _switch(members: set[tuple[str, str]], member: tuple[str, str], on: bool) -> None:
    (members.add if on else members.discard)(member)
