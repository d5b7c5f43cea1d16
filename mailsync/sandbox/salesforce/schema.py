"""The objects and fields of the organisation, read from objects.txt, plus the custom fields a world defines."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from types import MappingProxyType

TEXTUAL = frozenset({"string", "textarea", "phone", "email", "url", "picklist", "combobox"})


@dataclass(frozen=True, slots=True)
class FieldSpec:
    """A field of an object, as every user's describe starts from it; `length` is in characters."""

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

    @property
    def required(self) -> bool:
        """Whether a create must name it: not nillable, not defaulted, createable (vendors/salesforce.md §4)."""
        return self.createable and not self.nillable and not self.defaulted and self.type != "boolean"


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
        """Its address fields, which are made from their parts."""
        return tuple(field.name for field in self.fields.values() if field.type == "address")


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


def custom_field(name: str, kind: str, length: int, external_id: bool) -> FieldSpec:
    """A field as an administrator adds it; an external id is also an idLookup field."""
    return FieldSpec(
        name=name,
        type=kind,
        length=length,
        label=name.removesuffix("__c").replace("_", " "),
        createable=True,
        updateable=True,
        nillable=True,
        filterable=True,
        sortable=True,
        groupable=True,
        permissionable=True,
        custom=True,
        id_lookup=external_id,
        external_id=external_id,
    )


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
    return FieldSpec(
        name=name,
        type=kind,
        length=int(length),
        label=label,
        refers_to=target or None,
        relationship=relationship or None,
        compound=extras.get("of"),
        values=tuple(extras["values"].split(";")) if "values" in extras else (),
        **{_FLAGS[flag]: True for flag in flags if flag in _FLAGS},
    )
