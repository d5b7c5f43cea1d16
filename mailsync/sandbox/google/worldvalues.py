"""Values of a world, refused by their key where they are wrong."""

import base64
import binascii
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, cast

from mailsync.sandbox.google.rendering import read_time
from mailsync.sandbox.vendor import Refused


def check_keys(part: Mapping[str, Any], known: Iterable[str], where: str) -> None:
    """Raises Refused for a key that is not among those known."""
    unknown = sorted(set(part) - set(known))
    if unknown:
        raise Refused(f"{where}.{unknown[0]}: there is no such key; give {', '.join(sorted(known))}")


def need_object(value: object, where: str) -> Mapping[str, Any]:
    """The value as an object. Raises Refused, naming the key."""
    if not isinstance(value, dict):
        raise Refused(f"{where}: give an object")
    return cast(Mapping[str, Any], value)


def need_objects(part: Mapping[str, Any], key: str, where: str) -> list[tuple[str, Mapping[str, Any]]]:
    """The objects of a list, each with its place; none where the key is left out. Raises Refused."""
    items = need_list(part.get(key, []), f"{where}.{key}")
    return [(f"{where}.{key}[{at}]", need_object(item, f"{where}.{key}[{at}]")) for at, item in enumerate(items)]


def need_list(value: object, where: str) -> list[Any]:
    """The value as a list. Raises Refused, naming the key."""
    if not isinstance(value, list):
        raise Refused(f"{where}: give a list")
    return cast(list[Any], value)


def need_texts(value: object, where: str) -> tuple[str, ...]:
    """The value as a list of texts. Raises Refused, naming the key."""
    return tuple(need_text(item, where) for item in need_list(value, where))


def need_text(value: object, where: str) -> str:
    """The value as a text that isn't empty. Raises Refused, naming the key."""
    if not isinstance(value, str) or not value:
        raise Refused(f"{where}: give a text")
    return value


def need_count(value: object, where: str, most: int = 2**62) -> int:
    """The value as a whole number of 0 or more. Raises Refused, naming the key."""
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= most:
        raise Refused(f"{where}: give a whole number from 0 to {most}")
    return value


def need_seconds(value: object, where: str) -> float:
    """The value as a number of seconds, a day at most. Raises Refused, naming the key."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 86_400:
        raise Refused(f"{where}: give a number of seconds from 0 to 86400")
    return float(value)


def need_id(value: object, where: str) -> int:
    """The value as the number of a contact, in decimal digits. Raises Refused, naming the key."""
    text = need_text(value, where)
    if not text.isascii() or not text.isdigit() or not 0 < int(text) < 2**63:
        raise Refused(f"{where}: give the number of a contact as digits, or leave the key out to get a new one")
    return int(text)


def need_bytes(value: object, where: str) -> bytes:
    """The value as bytes in base64. Raises Refused, naming the key."""
    try:
        return base64.b64decode(need_text(value, where), validate=True)
    except (binascii.Error, ValueError):
        raise Refused(f"{where}: give the bytes as base64") from None


def need_time(value: object, where: str) -> datetime:
    """The value as a time with its offset. Raises Refused, naming the key."""
    try:
        return read_time(need_text(value, where))
    except (ValueError, OverflowError):
        raise Refused(f"{where}: give a time such as 2026-11-01T09:30:00.000000Z") from None
