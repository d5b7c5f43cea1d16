"""What administrators set in the sandbox's Salesforce, in the words of an Org: validation rules, the view."""

import re
from collections.abc import Iterator, MutableMapping
from dataclasses import dataclass, field

from mailsync.core.refs import FieldName
from mailsync.sandbox.server import RunningSandbox
from tests.fakes.org import ListView
from tests.laws.histories.people import BACK


@dataclass
class Validation(MutableMapping[FieldName, str]):
    """Validation rules: no value with this text in it, by the field."""

    running: RunningSandbox
    held: dict[FieldName, str] = field(default_factory=dict[FieldName, str])

    def __getitem__(self, name: FieldName) -> str:
        return self.held[name]

    def __setitem__(self, name: FieldName, text: str) -> None:
        rule = {"object": "Contact", "field": name, "pattern": re.escape(text), "message": f"no {text} in {name}"}
        self.running.sandbox.act("admin", "validation_rule", rule)
        self.held[name] = text

    def __delitem__(self, name: FieldName) -> None:
        """No API takes a rule away again, and no act of the sandbox: it is taken out of its books."""
        del self.held[name]
        estate = self.running.sandbox.vendor("salesforce")._org  # type: ignore[attr-defined]
        estate.validation_rules[:] = [rule for rule in estate.validation_rules if rule.field != name]

    def __iter__(self) -> Iterator[FieldName]:
        return iter(self.held)

    def __len__(self) -> int:
        return len(self.held)


@dataclass
class Views(MutableMapping[str, ListView]):
    """The one list view, by the id that it has in memory; `view` is the one that Salesforce gave it."""

    running: RunningSandbox
    view: str
    held: dict[str, ListView] = field(default_factory=lambda: {BACK.id: BACK})

    def __getitem__(self, known: str) -> ListView:
        return self.held[known]

    def __setitem__(self, known: str, view: ListView) -> None:
        where = f"{view.field} LIKE '{view.prefix}%'" if view.prefix else ""
        self.running.sandbox.act("admin", "edit_view", {"view": self.view, "where": where})
        self.held[known] = view

    def __delitem__(self, known: str) -> None:
        raise AssertionError("a view that is made again has another id: deleting it is left out over HTTP")

    def __iter__(self) -> Iterator[str]:
        return iter(self.held)

    def __len__(self) -> int:
        return len(self.held)
