"""Worlds: what the vendors hold at the start, as JSON with one part per vendor (schema in docs/sandbox.md)."""

from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any, cast

import orjson

from mailsync.sandbox.vendor import Refused

SHIPPED = ("empty", "acme")


def read_world(name: str) -> dict[str, Any]:
    """A shipped world by its name, else the world in the JSON file of that path.

    Raises Refused where there is no such file, or it holds no JSON object.
    """
    if name in SHIPPED:
        return parse_world(files("mailsync.sandbox").joinpath("worlds", f"{name}.json").read_bytes(), f"world {name}")
    try:
        content = Path(name).read_bytes()
    except OSError as error:
        known = " or ".join(SHIPPED)
        raise Refused(f"world {name}: {error.strerror}; give {known}, or the path of a world's JSON file") from None
    return parse_world(content, f"world file {name}")


def parse_world(content: bytes, what: str) -> dict[str, Any]:
    """The JSON object in `content`. Raises Refused, saying of `what` where it stops being JSON."""
    try:
        world: object = orjson.loads(content)
    except orjson.JSONDecodeError as error:
        raise Refused(f"{what}: no JSON at line {error.lineno}, column {error.colno}: {error.msg}") from None
    if not isinstance(world, dict):
        raise Refused(f"{what}: give an object with one key per vendor")
    return cast(dict[str, Any], world)


def part_of(world: Mapping[str, Any], vendor: str) -> Mapping[str, Any]:
    """A vendor's part of a world; where the world leaves it out, its part of the world `empty`.

    Raises Refused where it is no object.
    """
    part: object = world[vendor] if vendor in world else read_world("empty").get(vendor, {})
    if not isinstance(part, dict):
        raise Refused(f"{vendor}: a world's part is an object")
    return cast(dict[str, Any], part)
