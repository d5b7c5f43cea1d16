"""The objects and fields of the organisation, read from objects.txt, plus the custom fields a world defines."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any

TEXTUAL = frozenset({"string", "textarea", "phone", "email", "url", "picklist", "combobox", "multipicklist"})
_SHORT_TEXT = 255  # longer text areas can't be filtered, sorted or grouped (vendors/salesforce.md §6: Description)


@dataclass(frozen=True, slots=True)
class FieldSpec:
    """A field of an object, as every user's describe starts from it; `length` is in characters.

    `labels` and `controls` run beside `values`: the label of each (empty: its value), and the place of the value of
    the `controller` for which it is valid. `targets` are the objects of a lookup that takes several; `mirrors` is the
    field of the Contact that a field of a Person Account shows. `formula` is calculated, `numbering` the pattern of an
    auto-number, `default` what a new record starts with.
    """

    name: str
    type: str
    length: int
    label: str
    createable: bool = False
    updateable: bool = False
    nillable: bool = False
    filterable: bool = False
    sortable: bool = False
    groupable: bool = False
    defaulted: bool = False
    id_lookup: bool = False
    restricted: bool = False
    permissionable: bool = False
    refers_to: str | None = None
    relationship: str | None = None
    compound: str | None = None
    values: tuple[str, ...] = ()
    custom: bool = False
    external_id: bool = False
    unique: bool = False
    case_sensitive: bool = False
    labels: tuple[str, ...] = ()
    controls: tuple[int, ...] = ()
    controller: str | None = None
    targets: tuple[str, ...] = ()
    mirrors: str | None = None
    formula: str | None = None
    numbering: str | None = None
    default: object = None
    precision: int = 18
    scale: int | None = None

    @property
    def required(self) -> bool:
        """Whether a create must name it: not nillable, not defaulted, createable (vendors/salesforce.md §4)."""
        return self.createable and not self.nillable and not self.defaulted and self.type != "boolean"

    @property
    def referenced(self) -> tuple[str, ...]:
        """The objects whose ids a lookup takes."""
        return self.targets or ((self.refers_to,) if self.refers_to else ())

    @property
    def choices(self) -> tuple[tuple[str, str], ...]:
        """Value and label of each entry of a picklist."""
        return tuple(zip(self.values, self.labels or self.values, strict=True))


@dataclass(frozen=True, slots=True)
class ObjectSpec:
    """An object: `fields` is keyed by the lower-case name and keeps the describe's order."""

    name: str
    prefix: str
    label: str
    plural: str
    scopes: tuple[str, ...]
    traits: frozenset[str]
    fields: Mapping[str, FieldSpec]

    @property
    def shared(self) -> bool:
        """Whether private sharing applies: its records have an owner."""
        return "ownerid" in self.fields

    @property
    def compounds(self) -> tuple[str, ...]:
        """Its address and geolocation fields, which are made from their parts."""
        return tuple(field.name for field in self.fields.values() if field.type in ("address", "location"))


_CHILD_NAMES = {
    ("Account", "ParentId"): "ChildAccounts",
    ("Contact", "AccountId"): "Contacts",
    ("Task", "WhoId"): "Tasks",
    ("Task", "WhatId"): "Tasks",
}
_FLAGS = {
    "c": "createable",
    "u": "updateable",
    "n": "nillable",
    "f": "filterable",
    "s": "sortable",
    "g": "groupable",
    "d": "defaulted",
    "i": "id_lookup",
    "r": "restricted",
    "p": "permissionable",
}


@cache
def standard_objects() -> Mapping[str, ObjectSpec]:
    """The objects every world starts with, keyed by the lower-case name."""
    text = files("mailsync.sandbox.salesforce").joinpath("objects.txt").read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    starts = [at for at, line in enumerate(lines) if line.startswith("[")]
    blocks = [lines[start:end] for start, end in zip(starts, [*starts[1:], len(lines)], strict=True)]
    specs = [_read_object(block) for block in blocks]
    return MappingProxyType({spec.name.lower(): spec for spec in specs})


def add_field(spec: ObjectSpec, field: FieldSpec) -> ObjectSpec:
    """The object with one more field, or with a changed one of that name."""
    return replace(spec, fields=MappingProxyType({**spec.fields, field.name.lower(): field}))


def insert_fields(spec: ObjectSpec, after: str, added: Iterable[FieldSpec]) -> ObjectSpec:
    """The object with more fields behind the one named."""
    fields: dict[str, FieldSpec] = {}
    for key, field in spec.fields.items():
        fields[key] = field
        if field.name == after:
            fields |= {new.name.lower(): new for new in added}
    return replace(spec, fields=MappingProxyType(fields))


def child_relations(objects: Iterable[ObjectSpec], parent: str) -> Iterator[tuple[ObjectSpec, FieldSpec, str | None]]:
    """The lookups that point at an object, with the name of the relationship where it has one (recorded describes)."""
    for child in objects:
        for field in child.fields.values():
            if parent in field.referenced:
                own = f"{child.plural}__r" if field.custom else None
                yield child, field, _CHILD_NAMES.get((child.name, field.name), own)


def flagged_field(name: str, kind: str, length: int, flags: str, label: str) -> FieldSpec:
    """A field by the letters that objects.txt explains. Long text loses what it can't have."""
    wanted = flags if kind != "textarea" or length <= _SHORT_TEXT else "".join(c for c in flags if c not in "fsg")
    marks: dict[str, Any] = {_FLAGS[flag]: True for flag in wanted}
    return FieldSpec(name, kind, length, label, **marks)


def _read_object(block: list[str]) -> ObjectSpec:
    head, label, plural, scopes, traits = (part.strip() for part in block[0].split("|"))
    name, prefix = head.lstrip("[").split("] ")
    fields = [_read_field(line) for line in block[1:]]
    return ObjectSpec(
        name=name,
        prefix=prefix,
        label=label,
        plural=plural,
        scopes=tuple(scopes.split()),
        traits=frozenset(traits.split()),
        fields=MappingProxyType({field.name.lower(): field for field in fields}),
    )


def _read_field(line: str) -> FieldSpec:
    head, label, *rest = (part.strip() for part in line.split(" | "))
    name, kind, length, flags = head.split()
    extras = dict(part.split("=", 1) for part in rest)
    target, _, relationship = extras.get("to", "").partition(".")
    targets = tuple(target.split("+"))
    return replace(
        flagged_field(name, kind, int(length), flags, label),
        refers_to=targets[-1] or None,
        targets=targets if len(targets) > 1 else (),
        relationship=relationship or None,
        compound=extras.get("of"),
        values=tuple(extras["values"].split(";")) if "values" in extras else (),
        labels=tuple(extras["labels"].split(";")) if "labels" in extras else (),
    )
