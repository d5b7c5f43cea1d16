"""Describes: of one object as the user sees it, of all objects, and the recorded shape of their fields."""

from base64 import b64encode
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from hashlib import sha1
from typing import Any

import orjson

from mailsync.sandbox.salesforce.rest import Ask, Reply, find_object, http_date
from mailsync.sandbox.salesforce.rules import is_restricted
from mailsync.sandbox.salesforce.saving import default_values
from mailsync.sandbox.salesforce.schema import TEXTUAL, FieldSpec, ObjectSpec, child_relations
from mailsync.sandbox.salesforce.viewer import Viewer

_MADE = datetime(2026, 10, 10, 2, 0, tzinfo=UTC)  # when the release brought these objects
_PERSON_PARTS = frozenset({"FirstName", "LastName", "MiddleName", "Salutation", "Suffix", "Name"})
_NOT_AGGREGATED = ("boolean", "address", "location")
_UNUSED = (
    "associateEntityType",
    "associateParentEntity",
    "defaultImplementation",
    "extendedBy",
    "extendsInterfaces",
    "implementedBy",
    "implementsInterfaces",
)
_SOAP_TYPES = {
    "percent": "xsd:double",
    "location": "urn:location",
    "id": "tns:ID",
    "reference": "tns:ID",
    "boolean": "xsd:boolean",
    "double": "xsd:double",
    "currency": "xsd:double",
    "int": "xsd:int",
    "date": "xsd:date",
    "datetime": "xsd:dateTime",
    "address": "urn:address",
}


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
        "fields": [_show_field(viewer, spec, field) for field in viewer.fields(spec).values()],
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


def _show_field(viewer: Viewer, spec: ObjectSpec, field: FieldSpec) -> dict[str, Any]:
    edits = viewer.edits_field(spec, field.name.lower())
    nillable = field.nillable and (spec.name, field.name.lower()) not in viewer.org.required
    # Key order follows the recorded describes; keys that are false for every field here come from _CONSTANT.
    # Over 40 lines for a reason: it is one literal, a line a key.
    return {
        **_CONSTANT,
        **_sizes(field),
        "aggregatable": field.type not in _NOT_AGGREGATED and (field.filterable or field.groupable),
        "autoNumber": field.numbering is not None,
        "calculated": field.formula is not None,
        "calculatedFormula": None if field.mirrors else field.formula,
        "caseSensitive": field.case_sensitive,
        "compoundFieldName": field.compound,
        "controllerName": field.controller,
        "createable": field.createable and edits,
        "custom": field.custom,
        "defaultValue": _default_of(spec, field),
        "defaultedOnCreate": field.defaulted,
        "dependentPicklist": field.controller is not None,
        "externalId": field.external_id,
        "extraTypeInfo": _extra_type(spec, field),
        "filterable": field.filterable,
        "groupable": field.groupable,
        "idLookup": field.id_lookup,
        "label": field.label,
        "name": field.name,
        "nameField": field.name == "Name" or (spec.name == "Account" and field.name in ("FirstName", "LastName")),
        "namePointing": len(field.referenced) > 1,
        "nillable": nillable,
        "permissionable": field.permissionable,
        "picklistValues": _show_choices(spec, field),
        "polymorphicForeignKey": len(field.referenced) > 1,
        "queryByDistance": field.type in ("address", "location"),
        "referenceTo": list(field.referenced),
        "relationshipName": field.relationship,
        "restrictedPicklist": is_restricted(viewer, spec, field),
        "searchPrefilterable": _prefilters(field),
        "soapType": _SOAP_TYPES.get(field.type, "xsd:string"),
        "sortable": field.sortable,
        "type": field.type,
        "unique": field.unique,
        "updateable": field.updateable and edits,
    }


_CONSTANT: Mapping[str, Any] = {
    "aiPredictionField": False,
    "cascadeDelete": False,
    "defaultValueFormula": None,
    "deprecatedAndHidden": False,
    "displayLocationInDecimal": False,
    "encrypted": False,
    "filteredLookupInfo": None,
    "formulaTreatNullNumberAsZero": False,
    "highScaleNumber": False,
    "htmlFormatted": False,
    "inlineHelpText": None,
    "mask": None,
    "maskType": None,
    "referenceTargetField": None,
    "relationshipOrder": None,
    "restrictedDelete": False,
    "writeRequiresMasterRead": False,
}


def _sizes(field: FieldSpec) -> dict[str, int]:
    """Text takes up to three bytes a character; ids are single bytes; coordinates have 15 decimals."""
    textual = field.type in TEXTUAL
    place = field.type == "double" and field.scale is None
    return {
        "byteLength": field.length * 3 if textual else field.length,
        "digits": 8 if field.type == "int" else 0,
        "length": field.length,
        "precision": field.precision if field.type in ("double", "currency", "percent") else 0,
        "scale": 15 if place else field.scale or 0,
    }


def _extra_type(spec: ObjectSpec, field: FieldSpec) -> str | None:
    if field.name == "PhotoUrl":
        return "imageurl"
    if field.type == "textarea":
        return "plaintextarea"
    if spec.name == "Account":
        return "switchablepersonname" if field.compound == "Name" else None
    return "personname" if field.name in _PERSON_PARTS and "lastname" in spec.fields else None


def _default_of(spec: ObjectSpec, field: FieldSpec) -> Any:
    """What a new record starts with, as the describe shows it: for booleans and for fields that are never empty."""
    if field.type == "boolean":
        return field.default is True
    return default_values(spec).get(field.name) if field.createable and field.defaulted else None


def _show_choices(spec: ObjectSpec, field: FieldSpec) -> list[dict[str, Any]]:
    default = _default_of(spec, field)
    return [
        {
            "active": True,
            "defaultValue": value == default,
            "label": label,
            "validFor": _bits_for(field.controls[place]) if field.controls else None,
            "value": value,
        }
        for place, (value, label) in enumerate(field.choices)
    ]


@cache
def _bits_for(place: int) -> str:
    """The bit set, base64, that says for which value of the controlling picklist an entry is valid: bit 0 leads."""
    bits = bytearray(place // 8 + 1)
    bits[place // 8] = 0x80 >> place % 8
    return b64encode(bits).decode()


def _prefilters(field: FieldSpec) -> bool:
    """Which lookups the recorded describes call searchPrefilterable: those a user may leave empty and set."""
    if field.name in ("ConvertedAccountId", "ConvertedContactId", "ConvertedOpportunityId", "PersonContactId"):
        return True
    if field.mirrors or field.refers_to == "RecordType":
        return False
    return field.type == "reference" and field.createable and field.nillable


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
