"""Worlds: what the vendors hold at the start, as JSON with one part per vendor (schema in docs/sandbox.md)."""

from collections.abc import Collection, Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any, cast

import orjson

from mailsync.sandbox.vendor import Refused

SHIPPED = ("empty", "acme")
SKEW = "clock_skew"  # the key of a world, and the act, by which vendors' clocks are off


def read_world(name: str) -> dict[str, Any]:
    """A shipped world by its name, else the world in the JSON file of that path.

    Raises Refused where there is no such file, or it holds no JSON object.
    """
    if name in SHIPPED:
        return parse_world(files("mailsync.sandbox").joinpath("worlds", f"{name}.json").read_bytes(), f"world {name}")
    try:
        content = Path(name).read_bytes()
    except (OSError, ValueError) as error:
        known, reason = " or ".join(SHIPPED), error.strerror if isinstance(error, OSError) else "that is no path"
        raise Refused(f"world {name}: {reason}; give {known}, or the path of a world's JSON file") from None
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


def read_skew(world: Mapping[str, Any], vendors: Collection[str]) -> dict[str, float]:
    """By how many seconds each vendor's clock is off in a world. Raises Refused, naming the key that is wrong."""
    skew: object = world.get(SKEW, {})
    if not isinstance(skew, dict):
        raise Refused(f"{SKEW}: give an object of vendors and seconds")
    for name, seconds in cast(dict[str, object], skew).items():
        if name not in vendors:
            raise Refused(f"vendor: there is no {name} here; give one of {', '.join(vendors)}")
        if isinstance(seconds, bool) or not isinstance(seconds, int | float):
            raise Refused("seconds: give by how many seconds the vendor's clock is off, such as -600")
    return {name: float(seconds) for name, seconds in cast(dict[str, float], skew).items()}
