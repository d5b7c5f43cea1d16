"""FindItem's and FindFolder's restrictions and sort orders, made into functions once per request.

Values are compared as the store compares them: text without regard to case, numbers and times by their value. A
comparison on a multi-value asks for one element (so IsEqualTo on item:Categories finds exactly that category).
"""

import unicodedata
from collections.abc import Callable
from typing import Final, Generic, TypeAlias, TypeVar

from mailsync.sandbox.exchange.errors import Failed
from mailsync.sandbox.exchange.paths import Path, read_path
from mailsync.sandbox.exchange.soap import Element, find_child, get_children, get_local_name, get_text
from mailsync.sandbox.exchange.values import read_time, write_time

T = TypeVar("T")
Getter: TypeAlias = Callable[[T, str], tuple[str, ...]]
Predicate: TypeAlias = Callable[[T], bool]

PATHS: Final = frozenset({"FieldURI", "IndexedFieldURI", "ExtendedFieldURI"})
COMPARISONS: Final[dict[str, Callable[[int], bool]]] = {
    "IsEqualTo": lambda order: order == 0,
    "IsGreaterThan": lambda order: order > 0,
    "IsGreaterThanOrEqualTo": lambda order: order >= 0,
    "IsLessThan": lambda order: order < 0,
    "IsLessThanOrEqualTo": lambda order: order <= 0,
}
NUMERIC: Final = ("Integer", "Long", "Short", "Double", "Float", "Currency", "ApplicationTime")
MAX_DEPTH: Final = 32
MAX_NODES: Final = 255  # more filters than that: ErrorRestrictionTooComplex


class Restrictions(Generic[T]):
    """Compiles restrictions over one kind of object.

    `resolve` gives the key of a path ('' = can't be searched), `get` an object's values under a key.
    """

    def __init__(self, resolve: Callable[[Path], str], get: Getter[T]) -> None:
        self._resolve = resolve
        self._get = get

    def compile(self, element: Element) -> Predicate[T]:
        """The predicate of a Restriction element.

        Raises Failed ErrorUnsupportedPathForQuery, ErrorInvalidRestriction or ErrorRestrictionTooComplex.
        """
        if sum(1 for _ in element.iter()) > 4 * MAX_NODES:
            raise Failed("ErrorRestrictionTooComplex")
        children = get_children(element)
        if len(children) != 1:
            raise Failed("ErrorInvalidRestriction")
        return self._compile(children[0], 0)

    def compile_order(self, element: Element) -> list[tuple[str, bool]]:
        """A SortOrder as (key, descending) pairs. Raises Failed ErrorUnsupportedPathForSortGroup."""
        order: list[tuple[str, bool]] = []
        for field_order in get_children(element):
            for child in get_children(field_order):
                path = read_path(child)
                key = self._resolve(path)
                if not key or key.endswith("Array"):
                    raise Failed("ErrorUnsupportedPathForSortGroup", path_xml=path.xml)
                order.append((key, field_order.get("Order") == "Descending"))
        return order

    def sort(self, objects: list[T], order: list[tuple[str, bool]]) -> None:
        """Sorts in place; what lacks a value comes first, as the store has it."""
        for key, descending in reversed(order):
            objects.sort(
                key=lambda each: [_make_sortable(key, text) for text in self._get(each, key)], reverse=descending
            )

    def _compile(self, element: Element, depth: int) -> Predicate[T]:
        name = get_local_name(element)
        if depth > MAX_DEPTH:
            raise Failed("ErrorRestrictionTooComplex")
        if name in ("And", "Or", "Not"):
            return self._compile_group(name, [self._compile(child, depth + 1) for child in get_children(element)])
        if name in COMPARISONS or name == "IsNotEqualTo":
            return self._compile_comparison(element)
        compilers = {"Exists": self._compile_exists, "Contains": self._compile_contains, "Excludes": self._compile_bits}
        if name not in compilers:
            raise Failed("ErrorInvalidRestriction")
        return compilers[name](element)

    def _compile_group(self, name: str, parts: list[Predicate[T]]) -> Predicate[T]:
        if not parts or (name == "Not" and len(parts) != 1):
            raise Failed("ErrorInvalidRestriction")
        if name == "And":
            return lambda each: all(part(each) for part in parts)
        if name == "Or":
            return lambda each: any(part(each) for part in parts)
        return lambda each: not parts[0](each)

    def _read_key(self, element: Element) -> str:
        for child in get_children(element):
            if get_local_name(child) in PATHS:
                path = read_path(child)
                key = self._resolve(path)
                if not key:
                    raise Failed("ErrorUnsupportedPathForQuery", path_xml=path.xml)
                return key
        raise Failed("ErrorInvalidRestriction")

    def _compile_comparison(self, element: Element) -> Predicate[T]:
        key, get = self._read_key(element), self._get
        other = find_child(element, "FieldURIOrConstant")
        constant = find_child(other, "Constant") if other is not None else None
        if other is None:
            raise Failed("ErrorInvalidRestriction")
        name = get_local_name(element)
        if name == "IsNotEqualTo":
            equal = self._compare(key, COMPARISONS["IsEqualTo"], constant, other)
            return lambda each: not equal(each, get(each, key))
        test = self._compare(key, COMPARISONS[name], constant, other)
        return lambda each: test(each, get(each, key))

    def _compare(
        self, key: str, holds: Callable[[int], bool], constant: Element | None, other: Element
    ) -> Callable[[T, tuple[str, ...]], bool]:
        if constant is not None:
            wanted = _make_sortable(key, constant.get("Value") or "")
            return lambda _, values: any(holds(_order(_make_sortable(key, text), wanted)) for text in values)
        second, get = self._read_key(other), self._get

        def compare(each: T, values: tuple[str, ...]) -> bool:
            return any(
                holds(_order(_make_sortable(key, left), _make_sortable(key, right)))
                for left in values
                for right in get(each, second)
            )

        return compare

    def _compile_exists(self, element: Element) -> Predicate[T]:
        key, get = self._read_key(element), self._get
        return lambda each: bool(get(each, key))

    def _compile_contains(self, element: Element) -> Predicate[T]:
        key, get = self._read_key(element), self._get
        constant = find_child(element, "Constant")
        if constant is None:
            raise Failed("ErrorInvalidRestriction")
        kind = key.rpartition("/")[2].removesuffix("Array")
        if "/" in key and kind != "String":
            raise Failed("ErrorContainsFilterWrongType")
        fold = _make_fold(element.get("ContainmentComparison") or "Exact")
        wanted = fold(constant.get("Value") or "")
        match = MODES.get(element.get("ContainmentMode") or "FullString")
        if match is None:
            raise Failed("ErrorInvalidRestriction")
        return lambda each: any(match(fold(text), wanted) for text in get(each, key))

    def _compile_bits(self, element: Element) -> Predicate[T]:
        key, get = self._read_key(element), self._get
        bitmask = find_child(element, "Bitmask")
        text = (bitmask.get("Value") or "") if bitmask is not None else get_text(bitmask)
        try:
            mask = int(text, 16) if text.lower().startswith("0x") else int(text)
        except ValueError:
            raise Failed("ErrorInvalidExcludesRestriction") from None
        return lambda each: all(not int(value) & mask for value in get(each, key) if value.lstrip("-").isdecimal())


def _matches_words(text: str, wanted: str) -> bool:
    return any(
        text[position:].startswith(wanted) and (not position or not text[position - 1].isalnum())
        for position in range(len(text))
    )


def _matches_phrase(text: str, wanted: str) -> bool:
    return f" {wanted} " in f" {' '.join(text.split())} "


MODES: Final[dict[str, Callable[[str, str], bool]]] = {
    "FullString": lambda text, wanted: text == wanted,
    "Prefixed": lambda text, wanted: text.startswith(wanted),
    "Substring": lambda text, wanted: wanted in text,
    "PrefixOnWords": _matches_words,
    "ExactPhrase": _matches_phrase,
}


def _make_fold(comparison: str) -> Callable[[str], str]:
    case = "Case" in comparison or "Loose" in comparison
    marks = "NonSpac" in comparison

    def fold(text: str) -> str:
        if marks:
            text = "".join(letter for letter in unicodedata.normalize("NFD", text) if not unicodedata.combining(letter))
        return text.casefold() if case else text

    return fold


def _make_sortable(key: str, text: str) -> tuple[float, str]:
    kind = key.rpartition("/")[2].removesuffix("Array")
    if kind in NUMERIC:
        try:
            return (float(text), "")
        except ValueError:
            return (0.0, text)
    if kind == "SystemTime":
        try:
            return (0.0, write_time(read_time(text)))
        except ValueError:
            return (0.0, text)
    return (0.0, text.casefold())


def _order(left: tuple[float, str], right: tuple[float, str]) -> int:
    return (left > right) - (left < right)
