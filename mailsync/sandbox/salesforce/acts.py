"""What people and administrators do that the API does not: sharing, views, converting, purging, and what is set."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import orjson

from mailsync.sandbox.salesforce.conversion import convert_lead
from mailsync.sandbox.salesforce.details import (
    read_choice,
    read_count,
    read_flag,
    read_items,
    read_object,
    read_person,
    read_record,
    read_section,
    read_text,
)
from mailsync.sandbox.salesforce.gateway import answer_request
from mailsync.sandbox.salesforce.ids import full_id
from mailsync.sandbox.salesforce.oauth import end_families, end_sessions
from mailsync.sandbox.salesforce.org import Org, Person, Transaction, View
from mailsync.sandbox.salesforce.refusal import ApiError
from mailsync.sandbox.salesforce.removal import purge_record
from mailsync.sandbox.salesforce.saving import SaveOptions, update_record
from mailsync.sandbox.salesforce.settingacts import (
    add_duplicate_rule,
    add_validation,
    commit_late,
    register_app,
    require_field,
    restrict_picklist,
    secure_field,
    set_limit,
)
from mailsync.sandbox.salesforce.values import WrongType
from mailsync.sandbox.salesforce.viewer import Viewer
from mailsync.sandbox.salesforce.viewtexts import check_view, view_name, view_scope
from mailsync.sandbox.vendor import Refused, Request

Act = Callable[[Org, Person, Mapping[str, Any]], dict[str, Any]]


def carry_out(org: Org, user: str, op: str, details: Mapping[str, Any]) -> dict[str, Any] | None:
    """Carries an act out; None for an act that is not of this vendor. Raises Refused, naming the key that is wrong."""
    act = _ACTS.get(op)
    if act is None:
        return None
    person = org.people.get(user)
    if person is None:
        raise Refused(f"as: there is no Salesforce user {user}; give one of {', '.join(org.people)}")
    if op in _FOR_ADMINS and not person.admin:
        admins = " or ".join(other.name for other in org.people.values() if other.admin)
        raise Refused(f"as: {op} takes an administrator: {admins}")
    org.journal.clear()
    try:
        return act(org, person, details)
    except WrongType as error:
        raise Refused(f"{op}: {error.field}: give a value of type {error.expected}") from None
    except ApiError as error:
        raise Refused(f"{op}: Salesforce refuses it: {error.code} {error.message}") from None


def _share(org: Org, person: Person, details: Mapping[str, Any]) -> dict[str, Any]:
    _, row = read_record(org, details)
    other = read_person(org, details, "user")
    _may_manage(org, person, row)
    if org.person_accounts and row["Id"].startswith("003"):
        raise Refused("record: Contacts are controlled by their Account in this organisation; share the Account")
    org.shares[row["Id"], other.id] = read_choice(details, "access", ("read", "edit"), "read")
    return {}


def _unshare(org: Org, person: Person, details: Mapping[str, Any]) -> dict[str, Any]:
    _, row = read_record(org, details)
    other = read_person(org, details, "user")
    _may_manage(org, person, row)
    if org.shares.pop((row["Id"], other.id), None) is None:
        raise Refused(f"user: the record is not shared with {other.name}")
    return {}


def _create_view(org: Org, person: Person, details: Mapping[str, Any]) -> dict[str, Any]:
    spec = read_object(org, details)
    label = read_text(details, "name")
    owner = read_person(org, details, "owner") if "owner" in details else person
    now = org.stamp()
    view = View(
        id="",
        object=spec.name,
        name=view_name(label),
        label=label,
        where=str(details.get("where") or ""),
        scope=view_scope(spec, details.get("scope")),
        owner=owner.id,
        public=read_flag(details, "public", owner.admin),
        created=now,
        modified=now,
    )
    if any(other.object == spec.name and other.name == view.name for other in org.views.values()):
        raise Refused(f"name: {spec.name} has a list view {view.name} already; give another name")
    check_view(Viewer(org, owner), view)
    view = replace(view, id=org.allot("00B"))
    org.views[view.id] = view
    return {"id": view.id}


def _edit_view(org: Org, person: Person, details: Mapping[str, Any]) -> dict[str, Any]:
    view = _find_view(org, person, details)
    scope = view.scope
    if "scope" in details:
        scope = view_scope(org.objects[view.object.lower()], details["scope"])
    where = view.where if "where" not in details else str(details["where"] or "")
    changed = replace(view, where=where, scope=scope, modified=org.stamp())
    check_view(Viewer(org, person), changed)
    org.views[view.id] = changed
    return {}


def _delete_view(org: Org, person: Person, details: Mapping[str, Any]) -> dict[str, Any]:
    del org.views[_find_view(org, person, details).id]
    return {}


def _find_view(org: Org, person: Person, details: Mapping[str, Any]) -> View:
    text = read_text(details, "view")
    found = org.views.get(full_id(text) or "") or next((v for v in org.views.values() if v.name == text), None)
    if found is None:
        raise Refused(f"view: there is no list view {text}; give its id or its DeveloperName")
    if not person.admin and found.owner != person.id:
        raise Refused(f"as: the list view {found.name} belongs to somebody else; its owner or admin may change it")
    return found


def _purge(org: Org, _person: Person, details: Mapping[str, Any]) -> dict[str, Any]:
    spec, row = read_record(org, details)
    purge_record(org, spec.name, row["Id"])
    return {}


def _deactivate(org: Org, _person: Person, details: Mapping[str, Any]) -> dict[str, Any]:
    other = read_person(org, details, "user")
    org.people[other.name] = replace(other, active=False)
    user = org.records["User"][other.id]
    org.put("User", {**user, "IsActive": False, "LastModifiedDate": org.stamp(), "SystemModstamp": org.stamp()})
    return {}


def _convert(org: Org, person: Person, details: Mapping[str, Any]) -> dict[str, Any]:
    spec, row = read_record(org, details, "lead")
    if spec.name != "Lead":
        raise Refused(f"lead: {row['Id']} is a {spec.name}; give the id of a Lead")
    account = read_record(org, details, "account")[1]["Id"] if "account" in details else None
    contact = read_record(org, details, "contact")[1]["Id"] if "contact" in details else None
    status = read_text(details, "status") if "status" in details else None
    return convert_lead(Viewer(org, person), row, account, contact, status)


def _transact(org: Org, person: Person, details: Mapping[str, Any]) -> dict[str, Any]:
    """A transaction that begins now and commits later; what it writes bears the stamps of its beginning."""
    seconds = read_count(details, "seconds", 0)
    if not seconds:
        raise Refused("seconds: say for how many seconds the transaction stays open")
    writes = [(read_record(org, item), read_section(item, "values")) for item in read_items(details, "writes")]
    lag, mark = org.lag, org.mark()
    org.lag = seconds
    try:
        for (spec, row), values in writes:
            update_record(Viewer(org, person), spec, row["Id"], values, SaveOptions(allow_duplicates=True))
    except (ApiError, WrongType):
        org.rollback(mark)
        raise
    finally:
        org.lag = lag
    org.transactions.append(Transaction(org.stamp(), org.clock.now() + timedelta(seconds=seconds)))
    return {}


def _lock(org: Org, _person: Person, details: Mapping[str, Any]) -> dict[str, Any]:
    _, row = read_record(org, details)
    org.locks[row["Id"]] = org.clock.now() + timedelta(seconds=read_count(details, "seconds", 10))
    return {}


def _revoke_approvals(org: Org, _person: Person, details: Mapping[str, Any]) -> dict[str, Any]:
    user_id = read_person(org, details, "user").id
    ended = end_families(org, lambda family: family.user_id == user_id)
    return {"approvals": ended, "sessions": end_sessions(org, lambda session: session.user_id == user_id)}


def _expire_sessions(org: Org, _person: Person, details: Mapping[str, Any]) -> dict[str, Any]:
    user_id = read_person(org, details, "user").id
    return {"sessions": end_sessions(org, lambda session: session.user_id == user_id)}


def _request(org: Org, person: Person, details: Mapping[str, Any]) -> dict[str, Any]:
    """What somebody does over the API meanwhile, as a client of their own."""
    method, path = read_choice(details, "method", ("GET", "POST", "PATCH", "DELETE"), "GET"), read_text(details, "path")
    if not path.startswith("/services/"):
        raise Refused("path: give it from /services/ on, such as /services/data/v68.0/sobjects/Contact")
    where, _, query = path.partition("?")
    body = orjson.dumps(details["body"]) if "body" in details else b""
    headers = {"authorization": f"Bearer sandbox-{person.name}", "content-type": "application/json"}
    answer = answer_request(org, Request(method, where, query, headers, body))
    if answer.status >= 400:
        raise Refused(f"path: Salesforce refuses it: {answer.status} {answer.body.decode(errors='replace')}")
    return {"status": answer.status, "body": orjson.loads(answer.body) if answer.body else None}


def _may_manage(org: Org, person: Person, row: Mapping[str, Any]) -> None:
    if not Viewer(org, person).owns(row):
        raise Refused("as: only the record's owner or an administrator may share it")


_ACTS: Mapping[str, Act] = {
    "share": _share,
    "unshare": _unshare,
    "field_security": secure_field,
    "create_view": _create_view,
    "edit_view": _edit_view,
    "delete_view": _delete_view,
    "validation_rule": add_validation,
    "duplicate_rule": add_duplicate_rule,
    "required_field": require_field,
    "restricted_picklist": restrict_picklist,
    "purge": _purge,
    "late_commit": commit_late,
    "deactivate": _deactivate,
    "convert": _convert,
    "long_transaction": _transact,
    "lock": _lock,
    "daily_limit": set_limit,
    "register_app": register_app,
    "revoke_approvals": _revoke_approvals,
    "rest": _request,
    "expire_sessions": _expire_sessions,
}
_FOR_ALL = ("share", "unshare", "create_view", "edit_view", "delete_view", "convert", "long_transaction", "rest")
_FOR_ADMINS = frozenset(_ACTS).difference(_FOR_ALL)
