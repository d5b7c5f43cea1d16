"""One field of a describe: the recorded shape, with what the user may do and what the organisation asks for."""

from base64 import b64encode
from collections.abc import Mapping
from functools import cache
from typing import Any

from mailsync.sandbox.salesforce.rules import is_restricted
from mailsync.sandbox.salesforce.saving import default_values
from mailsync.sandbox.salesforce.schema import TEXTUAL, FieldSpec, ObjectSpec
from mailsync.sandbox.salesforce.viewer import Viewer

_PERSON_PARTS = frozenset({"FirstName", "LastName", "MiddleName", "Salutation", "Suffix", "Name"})
_NOT_AGGREGATED = ("boolean", "address", "location")
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


def describe_field(viewer: Viewer, spec: ObjectSpec, field: FieldSpec) -> dict[str, Any]:
    """A field as an object's describe shows it to the user."""
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
