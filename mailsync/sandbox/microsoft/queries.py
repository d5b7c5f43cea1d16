"""The query options of a request: $select, $expand, $filter, $orderby, $top, $skip, $count, and what is refused."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final
from urllib.parse import parse_qsl

from mailsync.sandbox.exchange.records import Item
from mailsync.sandbox.microsoft.contactfields import PROPERTIES, READERS
from mailsync.sandbox.microsoft.errors import Failed
from mailsync.sandbox.microsoft.extended import MULTIPLE, SINGLE, read_key
from mailsync.sandbox.microsoft.filters import read_filter

DEFAULT_TOP: Final = 10
MOST: Final = 1000
_KNOWN: Final = frozenset(
    {"$select", "$expand", "$filter", "$orderby", "$top", "$skip", "$count", "$search", "$format", "$skiptoken"}
)
_EXPAND: Final = re.compile(
    r"(singleValueExtendedProperties|multiValueExtendedProperties)\(\$filter=(.*?)\)(?=,\s*(?:single|multi)|$)",
    re.IGNORECASE,
)
_IDS: Final = re.compile(r"id\s+eq\s+'((?:[^']|'')*)'", re.IGNORECASE)
_NAMES: Final = {SINGLE.lower(): SINGLE, MULTIPLE.lower(): MULTIPLE}
_STAMPS: Final = ("createdDateTime", "lastModifiedDateTime")


@dataclass(frozen=True, slots=True)
class Query:
    """The options, read; `given` are the raw ones, from which the link to the next page is made."""

    given: Mapping[str, str]
    selected: frozenset[str] | None = None
    expanded: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])
    holds: Callable[[Item], bool] | None = None
    order: tuple[tuple[str, bool], ...] = ()
    top: int | None = None
    skip: int = 0
    counting: bool = False


def read_options(query: str) -> dict[str, str]:
    """The system options ($…) of a query string; other parameters are the caller's own."""
    return {name.lower(): value for name, value in parse_qsl(query, keep_blank_values=True) if name.startswith("$")}


def read_query(query: str) -> Query:
    """The options of a request for contacts. Raises Failed for those that Graph refuses."""
    given = read_options(query)
    unknown = [name for name in given if name not in _KNOWN]
    if unknown:
        raise Failed("BadRequest", f"The query parameter '{unknown[0]}' is not supported.")
    if "$search" in given:
        raise Failed(
            "ErrorInvalidUrlQuery",
            "The following parameters are not supported over the 'Contacts' resource: '$search'.",
        )
    return Query(
        given=given,
        selected=read_select(given),
        expanded=read_expand(given.get("$expand", "")),
        holds=read_filter(given["$filter"]) if given.get("$filter") else None,
        order=_read_order(given.get("$orderby", "")),
        top=_read_number(given, "$top", MOST),
        skip=_read_number(given, "$skip", None) or 0,
        counting=given.get("$count", "false").lower() == "true",
    )


def read_select(given: Mapping[str, str]) -> frozenset[str] | None:
    """The properties that are asked for, None for all. Raises Failed for what a contact hasn't."""
    if not given.get("$select", "").strip():
        return None
    names = [name.strip() for name in given["$select"].split(",") if name.strip()]
    known = {name.lower(): name for name in PROPERTIES}
    for name in names:
        if name != "*" and name.lower() not in known:
            raise Failed(
                "BadRequest",
                "Parsing OData Select and Expand failed: Could not find a property named "
                f"'{name}' on type 'microsoft.graph.contact'.",
            )
    return None if "*" in names else frozenset(known[name.lower()] for name in names)


def read_expand(text: str) -> dict[str, tuple[str, ...]]:
    """The extended properties that are asked for, as keys of the store, by the collection they are told in."""
    if not text.strip():
        return {}
    expanded: dict[str, tuple[str, ...]] = {}
    rest = text
    for found in _EXPAND.finditer(text):
        name = _NAMES[found[1].lower()]
        ids = [identifier.replace("''", "'") for identifier in _IDS.findall(found[2])]
        if not ids:
            raise Failed("ErrorInvalidUrlQueryFilter")
        keys = tuple(read_key(identifier, several=name == MULTIPLE) for identifier in ids)
        expanded[name] = tuple(dict.fromkeys((*expanded.get(name, ()), *keys)))
        rest = rest.replace(found[0], "", 1)
    if rest.strip(" ,"):
        raise Failed(
            "BadRequest",
            "Parsing OData Select and Expand failed: Could not find a property named "
            f"'{rest.strip(' ,')}' on type 'microsoft.graph.contact'.",
        )
    return expanded


def _read_order(text: str) -> tuple[tuple[str, bool], ...]:
    order: list[tuple[str, bool]] = []
    for part in text.split(","):
        words = part.split()
        if not words:
            continue
        if words[0] not in (*READERS, *_STAMPS) or words[1:] not in ([], ["asc"], ["desc"]):
            raise Failed("ErrorInvalidUrlQuery", f"The $orderby expression '{part.strip()}' is not supported.")
        order.append((words[0], words[1:] == ["desc"]))
    return tuple(order)


def _read_number(given: Mapping[str, str], name: str, most: int | None) -> int | None:
    text = given.get(name)
    if text is None:
        return None
    if not text.isdecimal() or (name == "$top" and int(text) == 0):
        raise Failed(
            "BadRequest",
            f"Invalid value '{text}' for {name} query option found. The {name} query option "
            "requires a non-negative integer value.",
        )
    if most is not None and int(text) > most:
        raise Failed(
            "ErrorInvalidUrlQuery",
            f"The limit of '{most}' for Top query has been exceeded. The value from the incoming request is '{text}'.",
        )
    return int(text)


def sort_items(items: list[Item], order: tuple[tuple[str, bool], ...]) -> list[Item]:
    """The items by an $orderby; the least important key first, as sorting is stable."""
    for name, descending in reversed(order):
        items = sorted(items, key=lambda item: _get_sort_key(item, name), reverse=descending)
    return items


def _get_sort_key(item: Item, name: str) -> tuple[bool, Any]:
    if name in _STAMPS:
        moment: datetime = item.created if name == "createdDateTime" else item.modified
        return (True, moment.isoformat())
    value = READERS[name](item)
    return (value is not None, str(value or "").casefold())
