"""Describes: of one object as the user sees it, and of all objects."""

from datetime import UTC, datetime
from hashlib import sha1
from typing import Any

import orjson

from mailsync.sandbox.salesforce.fielddescribes import describe_field
from mailsync.sandbox.salesforce.rest import Ask, Reply, find_object, http_date
from mailsync.sandbox.salesforce.schema import ObjectSpec, child_relations
from mailsync.sandbox.salesforce.viewer import Viewer

_MADE = datetime(2026, 10, 10, 2, 0, tzinfo=UTC)  # when the release brought these objects
_UNUSED = (
    "associateEntityType",
    "associateParentEntity",
    "defaultImplementation",
    "extendedBy",
    "extendsInterfaces",
    "implementedBy",
    "implementsInterfaces",
)


def describe_object(ask: Ask) -> Reply:
    """GET sobjects/{object}/describe; 304 where nothing changed since If-Modified-Since (vendors/salesforce.md §4)."""
    spec = find_object(ask, ask.arguments[0])
    changed = ask.viewer.org.described.get(spec.name, _MADE)
    body = build_describe(ask.viewer, spec)
    tag = sha1(orjson.dumps(body), usedforsecurity=False).hexdigest()[:8]
    headers = {"ETag": f'"{tag}"', "Last-Modified": http_date(changed)}
    since = ask.since("if-modified-since")
    same = ask.headers.get("if-none-match") == headers["ETag"]
    if same or (since is not None and changed <= since):
        return Reply(304, None, headers)
    return Reply(200, body, headers)


def describe_everything(ask: Ask) -> Reply:
    """GET sobjects: the global describe."""
    org = ask.viewer.org
    objects = [_summary(ask.viewer, spec) for spec in org.objects.values()]
    return Reply(200, {"encoding": "UTF-8", "maxBatchSize": 200, "sobjects": objects})


def describe_shortly(ask: Ask) -> Reply:
    """GET sobjects/{object}: its summary; recent items are not kept."""
    spec = find_object(ask, ask.arguments[0])
    return Reply(200, {"objectDescribe": _summary(ask.viewer, spec), "recentItems": []})


def build_describe(viewer: Viewer, spec: ObjectSpec) -> dict[str, Any]:
    """The whole describe: fields hidden from the user are absent, those not theirs to edit are not updateable."""
    label = spec.plural.lower()
    scope_labels = {
        "everything": f"All {label}",
        "mine": f"My {label}",
        "team": f"My team's {label}",
        "queue_owned": f"Queue owned {label}",
        "scopingRule": "Filter by scope",
        "user_owned": f"User owned {label}",
    }
    return {
        "actionOverrides": [],
        "childRelationships": _children(viewer, spec),
        **_summary(viewer, spec),
        **dict.fromkeys(_UNUSED),
        "compactLayoutable": True,
        "deepCloneable": False,
        "fields": [describe_field(viewer, spec, field) for field in viewer.fields(spec).values()],
        "listviewable": None,
        "lookupLayoutable": None,
        "namedLayoutInfos": [],
        "networkScopeFieldName": None,
        "recordTypeInfos": _record_types(viewer, spec),
        "searchLayoutable": True,
        "sobjectDescribeOption": "FULL",
        "supportedScopes": [{"label": scope_labels[scope], "name": scope} for scope in spec.scopes],
    }


def _summary(viewer: Viewer, spec: ObjectSpec) -> dict[str, Any]:
    written = "plain" not in spec.traits
    base = f"{viewer.path}/sobjects/{spec.name}"
    return {
        "activateable": False,
        "createable": written,
        "custom": False,
        "customSetting": False,
        "deletable": written,
        "deprecatedAndHidden": False,
        "feedEnabled": written,
        "hasSubtypes": False,
        "isInterface": False,
        "isSubtype": False,
        "keyPrefix": spec.prefix,
        "label": spec.label,
        "labelPlural": spec.plural,
        "layoutable": written,
        "mergeable": "mergeable" in spec.traits,
        "mruEnabled": written,
        "name": spec.name,
        "queryable": "hidden" not in spec.traits,
        "replicateable": written,
        "retrieveable": True,
        "searchable": written,
        "triggerable": written,
        "undeletable": "undeletable" in spec.traits,
        "updateable": written,
        "urls": {
            "rowTemplate": f"{base}/{{ID}}",
            "listviews": f"{base}/listviews",
            "describe": f"{base}/describe",
            "sobject": base,
        },
    }


def _children(viewer: Viewer, spec: ObjectSpec) -> list[dict[str, Any]]:
    return [
        {
            "cascadeDelete": False,
            "childSObject": child.name,
            "deprecatedAndHidden": False,
            "field": field.name,
            "junctionIdListNames": [],
            "junctionReferenceTo": [],
            "relationshipName": name,
            "restrictedDelete": False,
        }
        for child, field, name in child_relations(viewer.org.objects.values(), spec.name)
        if viewer.reads_field(child, field.name.lower())
    ]


def _record_types(viewer: Viewer, spec: ObjectSpec) -> list[dict[str, Any]]:
    """The record types of the object, the first of them the default, and Master at the end."""
    rows = [row for row in viewer.org.records.get("RecordType", {}).values() if row["SobjectType"] == spec.name]
    found = [(row["Id"], row["Name"], row["DeveloperName"]) for row in rows]
    return [
        {
            "active": True,
            "available": True,
            "defaultRecordTypeMapping": place == 0,
            "developerName": name,
            "master": name == "Master",
            "name": label,
            "recordTypeId": number,
            "urls": {"layout": f"{viewer.path}/sobjects/{spec.name}/describe/layouts/{number}"},
        }
        for place, (number, label, name) in enumerate([*found, ("012000000000000AAA", "Master", "Master")])
    ]
