"""Tables of a TOML file as they were read, before anything is known of their shape."""

from collections.abc import Iterator, Mapping
from typing import Any, cast

Table = Mapping[str, Any]


def subtable(table: Table, name: str) -> dict[str, Any]:
    """A table within a table; an empty one where there is none."""
    found = table.get(name)
    return cast("dict[str, Any]", found) if isinstance(found, dict) else {}


def flatten(found: object, prefix: str = "") -> Iterator[tuple[str, str]]:
    """User keys and their text: `guard = { count = 5 }` and `"guard.count" = 5` are the same, true is on."""
    table = cast("dict[str, object]", found) if isinstance(found, dict) else {}
    for name, value in table.items():
        if isinstance(value, dict):
            yield from flatten(cast("object", value), f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", _as_text(value)


def _as_text(value: object) -> str:
    match value:
        case bool():
            return "on" if value else "off"
        case list():
            return ",".join(str(entry) for entry in cast("list[object]", value)) or "none"
        case _:
            return str(value)
