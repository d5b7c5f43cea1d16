"""The organisation as a world's part: `read_world` of it gives the same organisation."""

from collections.abc import Mapping
from typing import Any

from mailsync.sandbox.salesforce.oauth import dump_log_ins
from mailsync.sandbox.salesforce.org import Org
from mailsync.sandbox.salesforce.records import dump_records
from mailsync.sandbox.salesforce.values import show_instant


def dump_world(org: Org) -> dict[str, Any]:
    """Everything it holds, as JSON values; sections that are empty are left out.

    Writes that are not committed yet count as written; open queries, bulk jobs and used calls stay out.
    """
    log_ins = dump_log_ins(org)
    names = {person.id: person.name for person in org.people.values()}
    optional: dict[str, Any] = {
        "custom_fields": org.custom,
        **_dump_access(org, names),
        **_dump_rules(org),
        "required_fields": _dump_members(org, org.required),
        "restricted_picklists": _dump_members(org, org.restricted),
        "purged": {name: show_instant(moment) for name, moment in org.purged.items()},
        "described": {name: show_instant(moment) for name, moment in org.described.items()},
        "late_commit": org.lag,
        "approvals": log_ins["approvals"],
        "sessions": log_ins["sessions"],
    }
    return {
        "organisation": _dump_organisation(org),
        "users": _dump_users(org),
        "records": dump_records(org),
        "list_views": _dump_views(org, names),
        "connected_apps": log_ins["connected_apps"],
        **{key: value for key, value in optional.items() if value},
    }


def _dump_organisation(org: Org) -> dict[str, Any]:
    return {
        "name": org.name,
        "id": org.id,
        "daily_limit": org.daily_limit,
        "largest_page": org.largest_page,
        **{name: True for name, on in _features(org).items() if on},
        "session_life": org.session_life,
        "bulk_seconds": org.jobs.seconds,
        "request_seconds": org.request_seconds,
        "long_requests": org.long_requests,
    }


def _dump_access(org: Org, names: Mapping[str, str]) -> dict[str, Any]:
    shares = [{"record": r, "user": names[user], "access": access} for (r, user), access in org.shares.items()]
    security = [
        {"object": table, "field": _exact(org, table, name), "user": user, "read": access.read, "edit": access.edit}
        for (table, name, user), access in org.security.items()
    ]
    return {"shares": shares, "field_security": security}


def _features(org: Org) -> dict[str, bool]:
    return {"state_country_picklists": org.places, "person_accounts": org.person_accounts}


def _dump_rules(org: Org) -> dict[str, Any]:
    return {
        "validation_rules": [
            {"object": rule.object, "field": rule.field, "pattern": rule.pattern, "message": rule.message}
            for rule in org.validation_rules
        ],
        "duplicate_rules": [
            {"object": rule.object, "field": rule.field, "action": rule.action} for rule in org.duplicate_rules
        ],
    }


def _dump_users(org: Org) -> list[dict[str, Any]]:
    dumped: list[dict[str, Any]] = []
    for person in org.people.values():
        row = org.records["User"][person.id]
        dumped.append(
            {
                "name": person.name,
                "id": person.id,
                "username": row["Username"],
                "admin": person.admin,
                "active": person.active,
                "email": row["Email"],
                "first_name": row.get("FirstName"),
                "last_name": row["LastName"],
            }
        )
    return dumped


def _dump_views(org: Org, names: dict[str, str]) -> list[dict[str, Any]]:
    return [
        {
            "id": view.id,
            "object": view.object,
            "name": view.name,
            "label": view.label,
            "where": view.where,
            "scope": view.scope,
            "owner": names[view.owner],
            "public": view.public,
            "created": show_instant(view.created),
            "modified": show_instant(view.modified),
        }
        for view in org.views.values()
    ]


def _dump_members(org: Org, members: set[tuple[str, str]]) -> list[dict[str, str]]:
    return [{"object": table, "field": _exact(org, table, field)} for table, field in sorted(members)]


def _exact(org: Org, table: str, field: str) -> str:
    return org.objects[table.lower()].fields[field].name
