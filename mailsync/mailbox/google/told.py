"""What Google told, as JSON: tables and lists whatever came, so that a missing or odd part reads as an empty one."""

from collections.abc import Mapping
from typing import Any, cast

Json = Mapping[str, Any]

NOTHING: Json = {}


def as_table(value: object) -> Json:
    """A JSON object; empty for anything else."""
    return cast("Json", value) if isinstance(value, dict) else {}


def as_tables(value: object) -> list[Json]:
    """The objects of a JSON list; empty for anything else."""
    return [cast("Json", v) for v in as_list(value) if isinstance(v, dict)]


def as_list(value: object) -> list[object]:
    """A JSON list; empty for anything else."""
    return cast("list[object]", value) if isinstance(value, list) else []
