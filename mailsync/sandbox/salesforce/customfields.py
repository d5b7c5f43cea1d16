"""Custom fields as a world defines them: their types, flags and what Salesforce derives (docs/sandbox.md).

Flags follow the custom fields of the recorded describes (vendors/salesforce.md §6).
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, cast

from mailsync.sandbox.salesforce.details import read_choice, read_count, read_flag, read_object, read_text
from mailsync.sandbox.salesforce.org import Org
from mailsync.sandbox.salesforce.schema import FieldSpec, ObjectSpec, add_field, flagged_field
from mailsync.sandbox.vendor import Refused

_NAME = re.compile(r"[A-Za-z](?:_?[A-Za-z0-9])*__c")
_LONGEST_AREA = 131_072  # characters of a long text area
_FLAGS: Mapping[str, tuple[str, int]] = {
    "string": ("cunfsgp", 255),
    "phone": ("cunfsgp", 40),
    "email": ("cunfsgp", 80),
    "url": ("cunfsgp", 255),
    "textarea": ("cunfsgp", 255),
    "picklist": ("cunfsgp", 255),
    "multipicklist": ("cunfp", 4099),
    "boolean": ("cufsgdp", 0),
    "double": ("cunfsp", 0),
    "currency": ("cunfsp", 0),
    "percent": ("cunfsp", 0),
    "date": ("cunfsgp", 0),
    "datetime": ("cunfsp", 0),
    "reference": ("cunfsgp", 18),
    "location": ("nfp", 0),
    "autonumber": ("fsgd", 30),
}
_SIZED = ("string", "textarea", "phone", "email", "url", "picklist", "multipicklist")
_CALCULATED = ("string", "boolean", "double", "currency", "percent", "date", "datetime")
_FORMULA_TEXT = 1300  # characters of a formula that gives text, as the recorded describes show
_PART = re.compile(r"\s*(?:'([^']*)'|([A-Za-z][A-Za-z0-9_]*))\s*(?:&|\Z)")


def add_custom_field(org: Org, table: str, item: Mapping[str, Any]) -> None:
    """Adds a field of a world's `custom_fields`, a geolocation with its two parts. Raises Refused, naming the key."""
    spec = read_object(org, {"custom_fields": table}, "custom_fields")
    name = read_text(item, "name")
    if not name.endswith("__c") or not _NAME.fullmatch(name):
        raise Refused(f"custom_fields.{table}: {name} must end in __c and hold letters, digits and single underscores")
    kind = read_choice(item, "type", tuple(_FLAGS), "string")
    for field in _fields_of(org, spec, name, kind, item):
        spec = add_field(spec, field)
    org.objects[spec.name.lower()] = spec
    org.custom.setdefault(spec.name, []).append(dict(item))


def calculate_fields(spec: ObjectSpec, row: dict[str, Any]) -> None:
    """Sets the formula fields: one other field, or fields and quoted texts joined by &."""
    for field in spec.fields.values():
        if field.formula is not None and field.mirrors is None:
            value = _evaluate(spec, field, row)
            if value is None:
                row.pop(field.name, None)
            else:
                row[field.name] = value


def number_record(org: Org, spec: ObjectSpec, row: dict[str, Any]) -> None:
    """Gives a new record the next value of each auto-number: `A-{0000}` makes A-0001."""
    for field in spec.fields.values():
        if field.numbering is not None and field.name not in row:
            key = f"{spec.name}.{field.name}"
            org.numbers[key] = org.numbers.get(key, 0) + 1
            row[field.name] = show_number(field.numbering, org.numbers[key])


def learn_numbers(org: Org, spec: ObjectSpec, row: Mapping[str, Any]) -> None:
    """Lets auto-numbers go on after those that a world's record has."""
    for field in spec.fields.values():
        value = row.get(field.name) if field.numbering else None
        if field.numbering and isinstance(value, str):
            start, end = re.split(r"\{0+\}", field.numbering)
            digits = value.removeprefix(start).removesuffix(end)
            key = f"{spec.name}.{field.name}"
            org.numbers[key] = max(org.numbers.get(key, 0), int(digits) if digits.isdigit() else 0)


def show_number(pattern: str, number: int) -> str:
    """The nth value of an auto-number."""
    return re.sub(r"\{(0+)\}", lambda zeros: str(number).rjust(len(zeros[1]), "0"), pattern)


def _fields_of(org: Org, spec: ObjectSpec, name: str, kind: str, item: Mapping[str, Any]) -> Iterable[FieldSpec]:
    label = str(item.get("label") or name.removesuffix("__c").replace("_", " "))
    if "formula" in item:
        return (_formula(spec, name, kind, label, item),)
    flags, longest = _FLAGS[kind]
    length = _length(kind, longest, item)
    if kind == "location":
        return _location(name, label)
    field = flagged_field(name, "string" if kind == "autonumber" else kind, length, flags, label)
    field = replace(field, custom=True, **_identity(kind, item))
    field = replace(field, nillable=field.nillable and not read_flag(item, "required", False))
    if kind == "autonumber":
        return (replace(field, numbering=_pattern(item)),)
    if kind == "reference":
        return (_lookup(org, field, item),)
    return (_with_default(_with_choices(field, item), item),)


def _length(kind: str, usual: int, item: Mapping[str, Any]) -> int:
    if kind not in _SIZED:
        return usual
    length = int(read_count(item, "length", usual))
    return max(1, min(length, _LONGEST_AREA if kind == "textarea" else max(usual, 255)))


def _identity(kind: str, item: Mapping[str, Any]) -> dict[str, Any]:
    """What makes it a key. External ids are unique unless the world says otherwise: then upserts may answer 300."""
    external = read_flag(item, "externalId", False)
    marks = {
        "external_id": external,
        "id_lookup": external,
        "unique": read_flag(item, "unique", external),
        "case_sensitive": read_flag(item, "caseSensitive", False),
    }
    if kind in ("double", "currency", "percent"):
        precision, scale = int(read_count(item, "precision", 18)), int(read_count(item, "scale", 0))
        if not 1 <= precision <= 18 or scale >= precision:
            raise Refused("precision, scale: give 1 to 18 digits, fewer of them behind the point")
        return {**marks, "precision": precision, "scale": scale}
    return marks


def _with_choices(field: FieldSpec, item: Mapping[str, Any]) -> FieldSpec:
    if "picklist" not in field.type:
        return field
    given: object = item.get("values")
    if not isinstance(given, list) or not given:
        raise Refused(f'{field.name}.values: list the values, as text or as {{"value", "label"}}')
    pairs = [_read_choice(field, one) for one in cast(list[object], given)]
    restricted = read_flag(item, "restricted", False)
    values, labels = tuple(value for value, _ in pairs), tuple(label for _, label in pairs)
    return replace(field, values=values, labels=labels, restricted=restricted)


def _read_choice(field: FieldSpec, given: object) -> tuple[str, str]:
    if isinstance(given, str):
        return given, given
    pair = cast(dict[str, object], given) if isinstance(given, dict) else {}
    value, label = pair.get("value"), pair.get("label", pair.get("value"))
    if not isinstance(value, str) or not isinstance(label, str):
        raise Refused(f'{field.name}.values: give each as text or as {{"value", "label"}}')
    return value, label


def _with_default(field: FieldSpec, item: Mapping[str, Any]) -> FieldSpec:
    if field.type == "boolean":
        return replace(field, default=read_flag(item, "default", False))
    if item.get("default") is None:
        return field
    return replace(field, default=item["default"], defaulted=True)


def _lookup(org: Org, field: FieldSpec, item: Mapping[str, Any]) -> FieldSpec:
    target = org.spec(read_text(item, "referenceTo"))
    if target is None:
        raise Refused(f"{field.name}.referenceTo: there is no object {item['referenceTo']}")
    return replace(field, refers_to=target.name, relationship=field.name.removesuffix("c") + "r")


def _location(name: str, label: str) -> tuple[FieldSpec, ...]:
    stem = name.removesuffix("__c")
    parts = (
        flagged_field(f"{stem}__{part}__s", "double", 0, "cunfsp", f"{label} ({part})")
        for part in ("Latitude", "Longitude")
    )
    whole = replace(flagged_field(name, "location", 0, "nfp", label), custom=True)
    return (*(replace(part, custom=True, compound=name) for part in parts), whole)


def _pattern(item: Mapping[str, Any]) -> str:
    pattern = str(item.get("format") or "{0000}")
    if len(re.findall(r"\{0+\}", pattern)) != 1:
        raise Refused("format: give the pattern of the auto-number with its digits in braces, as A-{0000}")
    return pattern


def _formula(spec: ObjectSpec, name: str, kind: str, label: str, item: Mapping[str, Any]) -> FieldSpec:
    if kind not in _CALCULATED:
        raise Refused(f"{name}.type: a formula gives {', '.join(_CALCULATED)}")
    text = read_text(item, "formula")
    paths = [path for _, path in _parts(name, text) if path]
    unknown = [path for path in paths if path.lower() not in spec.fields]
    if unknown:
        raise Refused(f"{name}.formula: {spec.name} has no field {unknown[0]}")
    if kind != "string" and (len(paths) != 1 or spec.fields[paths[0].lower()].type != kind):
        raise Refused(f"{name}.formula: for the type {kind} name one field of that type")
    flags = {"date": "nfsgp", "boolean": "fsgdp"}.get(kind, "nfsp")
    field = flagged_field(name, kind, _FORMULA_TEXT if kind == "string" else 0, flags, label)
    return replace(field, custom=True, formula=text)


def _parts(name: str, text: str) -> list[tuple[str, str]]:
    """Quoted text and field name of each part; one of the two is empty."""
    found: list[tuple[str, str]] = []
    place = 0
    while place < len(text):
        part = _PART.match(text, place)
        if part is None or part.end() == place:
            raise Refused(f"{name}.formula: give fields and 'texts' joined by &, as FirstName & ' ' & LastName")
        found.append((part[1] or "", part[2] or ""))
        place = part.end()
    return found


def _evaluate(spec: ObjectSpec, field: FieldSpec, row: Mapping[str, Any]) -> Any:
    parts = _parts(field.name, field.formula or "")
    values = [row.get(spec.fields[path.lower()].name) if path else text for text, path in parts]
    if field.type != "string":
        return values[0]
    return "".join("" if value is None else str(value) for value in values) or None
