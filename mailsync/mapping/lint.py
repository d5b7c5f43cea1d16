"""The lint of a table against what Salesforce says of its properties, before it is saved (E3)."""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from mailsync.core.person import Flow
from mailsync.mapping.interpreter import PropertyLimit
from mailsync.mapping.table import Row, Table

UP = (Flow.BOTH, Flow.UP)


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a table, in words for a person: the field or property, and what to do."""

    field: str
    message: str


def lint(table: Table, properties: Mapping[str, PropertyLimit], defaults: Collection[str] = ()) -> list[Fault]:
    """What must not be saved: two fields on one property, a required property that nothing fills, a target that
    can't be written. `properties` are Salesforce's, by API name; `defaults` the properties that settings fill (B1).
    A property that Salesforce does not name at all is no fault: the organisation may lack it (MiddleName).
    """
    return [*_shared(table), *_unfilled(table, properties, defaults), *_locked(table, properties)]


def _shared(table: Table) -> Iterator[Fault]:
    for vendor in ("salesforce", table.mailbox):
        for name, count in Counter(table.properties(vendor)).items():
            fields = [row.field.name for row in table.live if name in row.held_by(vendor)]
            if count > 1:
                yield Fault(fields[-1], f"{' and '.join(fields)} are both mapped to {name}; turn one of them off")


def _unfilled(table: Table, properties: Mapping[str, PropertyLimit], defaults: Collection[str]) -> Iterator[Fault]:
    filled = {name for row in table.live if row.field.flow in UP for name in row.salesforce} | {*defaults}
    for name, limit in properties.items():
        if limit.required and name not in filled:
            yield Fault(name, f"Salesforce requires {name}; map it to the mailbox or give it a default value")


def _locked(table: Table, properties: Mapping[str, PropertyLimit]) -> Iterator[Fault]:
    for row in table.live:
        if row.field.flow in UP and (name := _unwritable(row, properties)):
            yield Fault(
                row.field.name,
                f"{name} can't be edited in Salesforce by this user; let {row.field.name} flow down or turn it off",
            )


def _unwritable(row: Row, properties: Mapping[str, PropertyLimit]) -> str:
    """The first property that can't be written; a path through a relationship never can (Account.Name)."""
    found = ((name, properties.get(name)) for name in row.salesforce)
    locked = (n for n, p in found if "." in n or (p is not None and not (p.createable and p.updateable)))
    return next(locked, "")
