"""$filter: comparisons, and/or/not, startswith, and any() over categories, e-mails and extended properties.

Texts are compared without regard to case; a property's name in an extended property's id is compared exactly, its
value isn't (GRD api/singlevaluelegacyextendedproperty-get).
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, cast

from mailsync.sandbox.exchange.records import Item
from mailsync.sandbox.exchange.values import get_value
from mailsync.sandbox.microsoft.contactfields import READERS
from mailsync.sandbox.microsoft.errors import Failed
from mailsync.sandbox.microsoft.extended import MULTIPLE, SINGLE, is_extended, read_key

Scope = Mapping[str, Any]  # the name of a lambda's variable ("" for the contact itself) -> what it stands for
Evaluate = Callable[[Scope], Any]
_TOKEN: Final = re.compile(
    r"\s*(?:(?P<text>'(?:[^']|'')*')|(?P<stamp>\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[+-]\d\d:\d\d))|(?P<number>-?\d+)"
    r"|(?P<word>[A-Za-z_$][\w.$]*)|(?P<mark>[()/:,]))"
)
_COMPARE: Final[dict[str, Callable[[Any, Any], bool]]] = {
    "eq": lambda one, other: one == other,
    "ne": lambda one, other: one != other,
    "gt": lambda one, other: one is not None and other is not None and one > other,
    "ge": lambda one, other: one is not None and other is not None and one >= other,
    "lt": lambda one, other: one is not None and other is not None and one < other,
    "le": lambda one, other: one is not None and other is not None and one <= other,
}
_STAMPS: Final = {"createdDateTime": "created", "lastModifiedDateTime": "modified"}
_SCALARS: Final = frozenset(
    name
    for name in READERS
    if name
    not in (
        "imAddresses",
        "businessPhones",
        "homePhones",
        "children",
        "categories",
        "emailAddresses",
        "businessAddress",
        "homeAddress",
        "otherAddress",
    )
)
_COLLECTIONS: Final = ("categories", "children", "businessPhones", "homePhones", "imAddresses", "emailAddresses")


@dataclass(frozen=True, slots=True)
class _Property:
    """One extended property of a contact, as a lambda's variable."""

    key: str
    value: Any


def read_filter(text: str) -> Callable[[Item], bool]:
    """The test that a $filter makes. Raises Failed for what Graph can't evaluate on contacts."""
    parser = _Parser(text)
    evaluate = parser.read_or()
    if parser.left():
        raise _refuse()
    return lambda item: bool(evaluate({"": item}))


def _refuse() -> Failed:
    return Failed("ErrorInvalidUrlQueryFilter")


class _Parser:
    """A descent over the tokens of a filter."""

    def __init__(self, text: str) -> None:
        self._tokens: list[tuple[str, str]] = []
        at, end = 0, len(text.rstrip())
        while at < end:
            found = _TOKEN.match(text, at)
            if found is None or found.lastgroup is None:
                raise Failed("BadRequest", f"Invalid filter clause: Syntax error at position {at} in '{text}'.")
            self._tokens.append((found.lastgroup, found[found.lastgroup]))
            at = found.end()
        self._at = 0
        self._names: set[str] = {""}

    def left(self) -> bool:
        """Whether there are tokens that nobody has read."""
        return self._at < len(self._tokens)

    def read_or(self) -> Evaluate:
        """Alternatives."""
        parts = [self._read_and()]
        while self._take("word", "or"):
            parts.append(self._read_and())
        return parts[0] if len(parts) == 1 else lambda scope: any(part(scope) for part in parts)

    def _read_and(self) -> Evaluate:
        parts = [self._read_not()]
        while self._take("word", "and"):
            parts.append(self._read_not())
        return parts[0] if len(parts) == 1 else lambda scope: all(part(scope) for part in parts)

    def _read_not(self) -> Evaluate:
        if self._take("word", "not"):
            inner = self._read_not()
            return lambda scope: not inner(scope)
        if self._take("mark", "("):
            inner = self.read_or()
            self._need("mark", ")")
            return inner
        if self._peek() == ("word", "startswith"):
            return self._read_start()
        return self._read_comparison()

    def _read_start(self) -> Evaluate:
        self._at += 1
        self._need("mark", "(")
        name, value = self._read_path()
        self._need("mark", ",")
        kind, text = self._next()
        self._need("mark", ")")
        if kind != "text" or name == "id":
            raise _refuse()
        prefix = _read_text(text)
        return lambda scope: isinstance(found := value(scope), str) and found.startswith(prefix)

    def _read_comparison(self) -> Evaluate:
        name, value = self._read_path()
        if name == "any":
            return value
        kind, operator = self._next()
        if kind != "word" or operator not in _COMPARE:
            raise _refuse()
        literal = self._read_literal(name)
        compare = _COMPARE[operator]
        return lambda scope: compare(value(scope), literal)

    def _read_literal(self, name: str) -> Any:
        kind, text = self._next()
        if kind == "text":
            inner = text[1:-1].replace("''", "'")
            return _fold_id(inner) if name == "ep/id" else inner.casefold()
        if kind == "stamp":
            return datetime.fromisoformat(text).astimezone(UTC)
        if (kind, text) == ("word", "null"):
            return None
        raise _refuse()

    def _read_path(self) -> tuple[str, Evaluate]:
        """A property's name, with how it is read; ("any", test) for a whole lambda."""
        kind, name = self._next()
        if kind != "word":
            raise _refuse()
        if name in self._names:
            return self._read_member(name)
        if self._take("mark", "/"):
            return self._read_lambda(name)
        if name in _STAMPS:
            stamp = _STAMPS[name]
            return name, lambda scope: getattr(scope[""], stamp)
        if name not in _SCALARS:
            raise _refuse()
        read = READERS[name]
        return name, lambda scope: _fold(read(scope[""]))

    def _read_member(self, variable: str) -> tuple[str, Evaluate]:
        if not self._take("mark", "/"):
            return variable, lambda scope: _fold(scope[variable])
        member = self._next()[1].lower()
        if member == "id":
            return "ep/id", lambda scope: scope[variable].key
        if member not in ("value", "address", "name"):
            raise _refuse()
        return member, lambda scope: _read_part(scope[variable], member)

    def _read_lambda(self, collection: str) -> tuple[str, Evaluate]:
        if self._next()[1].lower() != "any" or collection not in (*_COLLECTIONS, SINGLE, MULTIPLE):
            raise _refuse()
        self._need("mark", "(")
        kind, variable = self._next()
        if kind != "word":
            raise _refuse()
        self._need("mark", ":")
        self._names.add(variable)
        inner = self.read_or()
        self._names.discard(variable)
        self._need("mark", ")")
        return "any", lambda scope: any(
            inner({**scope, variable: entry}) for entry in _list_entries(scope[""], collection)
        )

    def _peek(self) -> tuple[str, str]:
        return self._tokens[self._at] if self.left() else ("", "")

    def _next(self) -> tuple[str, str]:
        if not self.left():
            raise _refuse()
        self._at += 1
        return self._tokens[self._at - 1]

    def _take(self, kind: str, text: str) -> bool:
        if self._peek() != (kind, text):
            return False
        self._at += 1
        return True

    def _need(self, kind: str, text: str) -> None:
        if not self._take(kind, text):
            raise _refuse()


def _read_text(literal: str) -> str:
    return literal[1:-1].replace("''", "'").casefold()


def _fold(value: Any) -> Any:
    return value.casefold() if isinstance(value, str) else value


def _fold_id(identifier: str) -> str:
    for several in (False, True):
        try:
            return read_key(identifier, several=several)
        except Failed:
            continue
    raise _refuse()


def _read_part(entry: Any, member: str) -> Any:
    if isinstance(entry, _Property):
        return _fold(entry.value) if member == "value" else None
    return _fold(cast(dict[str, Any], entry).get(member)) if isinstance(entry, dict) else None


def _list_entries(item: Item, collection: str) -> list[Any]:
    if collection in (SINGLE, MULTIPLE):
        several = collection == MULTIPLE
        return [
            _Property(key, get_value(item, key))
            for key in item.properties
            if is_extended(key) and key.endswith("Array") == several
        ]
    return READERS[collection](item)
