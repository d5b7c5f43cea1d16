"""The organisation's part of a world: made from JSON, and given back as JSON that makes the same again.

The keys are written down in docs/sandbox.md. Users may be named instead of their ids, an Account by
`{"Name": …}`; ids and stamps may be left out.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from mailsync.sandbox.salesforce.customfields import add_custom_field
from mailsync.sandbox.salesforce.details import (
    read_choice,
    read_count,
    read_field,
    read_flag,
    read_items,
    read_moment,
    read_object,
    read_pattern,
    read_person,
    read_record,
    read_section,
    read_text,
)
from mailsync.sandbox.salesforce.ids import full_id, new_id, number_of
from mailsync.sandbox.salesforce.oauth import read_log_ins
from mailsync.sandbox.salesforce.org import Access, DuplicateRule, Org, Person, Row, ValidationRule, View
from mailsync.sandbox.salesforce.persons import enable_persons
from mailsync.sandbox.salesforce.places import add_codes
from mailsync.sandbox.salesforce.records import read_records
from mailsync.sandbox.salesforce.viewer import Viewer
from mailsync.sandbox.salesforce.viewtexts import check_view, view_name, view_scope
from mailsync.sandbox.vendor import Clock, Refused

_KEYS = frozenset(
    {
        "organisation",
        "users",
        "custom_fields",
        "records",
        "shares",
        "field_security",
        "validation_rules",
        "duplicate_rules",
        "required_fields",
        "restricted_picklists",
        "list_views",
        "purged",
        "described",
        "late_commit",
        "connected_apps",
        "approvals",
        "sessions",
    }
)
_PEOPLE = ("ann", "bob", "cem", "admin")
FOUNDED = datetime(2025, 1, 1, tzinfo=UTC)  # stamps of the users, where a world says nothing


def read_world(world: Mapping[str, Any], clock: Clock) -> Org:
    """The organisation that a world describes. Raises Refused, naming the key that is wrong."""
    unknown = sorted(set(world) - _KEYS)
    if unknown:
        raise Refused(f"salesforce.{unknown[0]}: unknown key; a world's keys are {', '.join(sorted(_KEYS))}")
    org = Org(clock)
    _read_organisation(org, read_section(world, "organisation"))
    for number, item in enumerate(read_items(world, "users") or [{"name": name} for name in _PEOPLE], 1):
        _read_user(org, item, number)
    for name, fields in read_section(world, "custom_fields").items():
        for item in read_items({name: fields}, name):
            add_custom_field(org, name, item)
    _enable(org, read_section(world, "organisation"))
    read_records(org, read_section(world, "records"))
    _read_sharing(org, world)
    _read_rules(org, world)
    for item in read_items(world, "list_views"):
        _read_view(org, item)
    org.lag = read_count(world, "late_commit", 0)
    org.purged = _read_stamps(world, "purged")
    org.described = _read_stamps(world, "described")
    read_log_ins(org, world)
    org.journal.clear()
    return org


def _read_organisation(org: Org, item: Mapping[str, Any]) -> None:
    org.name = str(item.get("name") or "Acme")
    org.id = full_id(item.get("id") or new_id("00D", 1)) or ""
    if not org.id:
        raise Refused("organisation.id: give a Salesforce id of 15 or 18 characters")
    org.daily_limit = int(read_count(item, "daily_limit", 15000))
    org.largest_page = max(1, int(read_count(item, "largest_page", 2000)))
    org.session_life = read_count(item, "session_life", 7200)
    org.request_seconds = read_count(item, "request_seconds", 0)
    org.long_requests = int(read_count(item, "long_requests", 25))
    org.jobs.seconds = read_count(item, "bulk_seconds", 0)


def _read_user(org: Org, item: Mapping[str, Any], number: int) -> None:
    name = read_text(item, "name")
    user_id = full_id(item.get("id") or new_id("005", number))
    if user_id is None or not user_id.startswith("005"):
        raise Refused(f"users.{name}.id: give a Salesforce user id, which starts with 005")
    active = read_flag(item, "active", True)
    org.people[name] = Person(name, user_id, read_flag(item, "admin", name == "admin"), active)
    org.numbers["005"] = max(org.numbers.get("005", 0), number_of(user_id), number)
    username = str(item.get("username") or f"{name}@acme.example")
    first, last = item.get("first_name"), str(item.get("last_name") or name.capitalize())
    row: Row = {
        "Id": user_id,
        "Username": username,
        "LastName": last,
        "FirstName": first,
        "Name": f"{first} {last}" if first else last,
        "Email": str(item.get("email") or username),
        "Alias": name[:8],
        "IsActive": active,
        "UserType": "Standard",
        "TimeZoneSidKey": "GMT",
        "LocaleSidKey": "en_US",
        "CreatedDate": FOUNDED,
        "LastModifiedDate": FOUNDED,
        "SystemModstamp": FOUNDED,
    }
    org.records.setdefault("User", {})[user_id] = {key: value for key, value in row.items() if value is not None}


def _enable(org: Org, item: Mapping[str, Any]) -> None:
    """Turns on what changes the objects themselves, and writes down the organisation as its own record."""
    org.places = read_flag(item, "state_country_picklists", False)
    if org.places:
        for name in ("account", "contact", "lead"):
            org.objects[name] = add_codes(org.objects[name])
    if read_flag(item, "person_accounts", False):
        enable_persons(org)
    org.records["Organization"] = {
        org.id: {
            "Id": org.id,
            "Name": org.name,
            "LanguageLocaleKey": "en_US",
            "DefaultLocaleSidKey": "en_US",
            "TimeZoneSidKey": "GMT",
            "OrganizationType": "Enterprise Edition",
            "InstanceName": "SBX1",
            "IsSandbox": False,
            "DefaultContactAccess": "ControlledByParent" if org.person_accounts else "None",
            "DefaultAccountAccess": "None",
            "DefaultLeadAccess": "None",
            "CreatedDate": FOUNDED,
            "LastModifiedDate": FOUNDED,
            "SystemModstamp": FOUNDED,
        }
    }


def _read_sharing(org: Org, world: Mapping[str, Any]) -> None:
    for item in read_items(world, "shares"):
        _, row = read_record(org, item)
        person = read_person(org, item, "user")
        org.shares[row["Id"], person.id] = read_choice(item, "access", ("read", "edit"), "read")
    for item in read_items(world, "field_security"):
        spec = read_object(org, item)
        key = (spec.name, read_field(spec, item).name.lower(), read_person(org, item, "user").name)
        org.security[key] = Access(read_flag(item, "read", True), read_flag(item, "edit", True))


def _read_rules(org: Org, world: Mapping[str, Any]) -> None:
    for item in read_items(world, "validation_rules"):
        spec = read_object(org, item)
        field = read_field(spec, item).name
        org.validation_rules.append(ValidationRule(spec.name, field, read_pattern(item), read_text(item, "message")))
    for item in read_items(world, "duplicate_rules"):
        spec = read_object(org, item)
        action = read_choice(item, "action", ("alert", "block"))
        org.duplicate_rules.append(DuplicateRule(spec.name, read_field(spec, item).name, action))
    for key, members in (("required_fields", org.required), ("restricted_picklists", org.restricted)):
        for item in read_items(world, key):
            spec = read_object(org, item)
            members.add((spec.name, read_field(spec, item).name.lower()))


def _read_view(org: Org, item: Mapping[str, Any]) -> None:
    spec = read_object(org, item)
    name = view_name(read_text(item, "name"))
    admin = next((person for person in org.people.values() if person.admin), next(iter(org.people.values())))
    owner = read_person(org, item, "owner") if item.get("owner") else admin
    view_id = full_id(item["id"]) if item.get("id") else org.allot("00B")
    if view_id is None or view_id in org.views:
        raise Refused(f"list_views.{name}.id: give a Salesforce id of its own")
    org.numbers["00B"] = max(org.numbers.get("00B", 0), number_of(view_id))
    created = _instant(item, "created") or org.stamp()
    view = View(
        id=view_id,
        object=spec.name,
        name=name,
        label=str(item.get("label") or name),
        where=str(item.get("where") or ""),
        scope=view_scope(spec, item.get("scope")),
        owner=owner.id,
        public=read_flag(item, "public", not item.get("owner")),
        created=created,
        modified=_instant(item, "modified") or created,
    )
    check_view(Viewer(org, owner), view)
    org.views[view_id] = view


def _read_stamps(world: Mapping[str, Any], key: str) -> dict[str, datetime]:
    section = read_section(world, key)
    return {name: moment for name in section if (moment := _instant(section, name)) is not None}


def _instant(item: Mapping[str, Any], key: str) -> datetime | None:
    return None if item.get(key) is None else read_moment(item, key)
