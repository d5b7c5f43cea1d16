"""What a fault may say besides its kind: the kinds that every vendor has, and how details are read."""

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from email.utils import format_datetime
from typing import Any, Final, cast

from mailsync.sandbox.certificate import WRONG
from mailsync.sandbox.vendor import Refused

_RETRY: Final = frozenset({"retry_after", "retry_after_as"})
# The kinds that every vendor has, with the details each understands; all other kinds are a vendor's own.
GENERIC: Final[Mapping[str, frozenset[str]]] = {
    "drop_before": frozenset(),
    "drop_after": frozenset(),
    "reset": frozenset({"at", "carry_out"}),
    "hang": frozenset({"seconds", "carry_out"}),
    "truncate": frozenset({"at", "declared"}),
    "malform": frozenset({"how", "content_type"}),
    "delay": frozenset({"seconds"}),
    "trickle": frozenset({"seconds", "pieces"}),
    "empty": frozenset(),
    "html": frozenset({"carry_out"}),
    "redirect": frozenset({"location", "status", "carry_out"}),
    "status": frozenset({"status", "carry_out", "body", "headers"}),
    "error_after": frozenset({"status", "body"}) | _RETRY,
    "skew": frozenset({"seconds"}),
    "certificate": frozenset({"how", "handshakes"}),
    "act": frozenset({"as", "act", "when"}),
}
MALFORMATIONS: Final = (
    "garble",
    "bom",
    "utf8",
    "control",
    "duplicate_keys",
    "gzip",
    "gzip_cut",
    "gzip_undeclared",
    "content_type",
)
_NEEDED: Final[Mapping[str, Mapping[str, str]]] = {
    "trickle": {"seconds": "trickle needs how long the answer takes"},
    "skew": {"seconds": "skew needs by how many seconds the answer's Date is off"},
    "status": {"status": "give the HTTP status to answer with, 200 to 599"},
    "certificate": {"how": f"give one of {', '.join(WRONG)}"},
    "act": {"as": "say who acts", "act": 'give what is done, such as {"op": "deactivate", "user": "ann"}'},
}
_LONGEST: Final = 10 * 366 * 86400  # seconds: what a Date or Retry-After can be off without leaving the calendar
_HEADER_NAME: Final = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")
_REDIRECTS: Final = (301, 302, 303, 307, 308)


def check_generic(kind: str, details: Mapping[str, Any]) -> None:
    """Raises Refused, naming the key, where the details don't fit one of the kinds that every vendor has."""
    check_keys(kind, details, GENERIC[kind])
    for key, value in details.items():
        remedy = _fault_in(kind, key, value)
        if remedy:
            raise Refused(f"{key}: {remedy}")
    for key, remedy in _NEEDED.get(kind, {}).items():
        if key not in details:
            raise Refused(f"{key}: {remedy}")


def check_keys(kind: str, details: Mapping[str, Any], allowed: frozenset[str]) -> None:
    """Raises Refused for a detail that the kind doesn't know."""
    unknown = sorted(set(details) - allowed)
    if unknown:
        takes = ", ".join(sorted(allowed)) or "no details"
        raise Refused(f"{unknown[0]}: the fault {kind} doesn't know it; it takes {takes}")


def read_flag(details: Mapping[str, Any], key: str, default: bool = False) -> bool:
    """A detail that is true or false. Raises Refused for anything else."""
    value: object = details.get(key, default)
    if not isinstance(value, bool):
        raise Refused(f"{key}: give true or false")
    return value


def read_text(details: Mapping[str, Any], key: str, default: str) -> str:
    """A detail that is a text. Raises Refused for anything else."""
    value: object = details.get(key, default)
    if not isinstance(value, str):
        raise Refused(f"{key}: give a text")
    return value


def read_choice(details: Mapping[str, Any], key: str, choices: tuple[str, ...], default: str) -> str:
    """A detail that is one of some words. Raises Refused for anything else."""
    value = read_text(details, key, default)
    if value not in choices:
        raise Refused(f"{key}: give one of {', '.join(choices)}")
    return value


def read_integer(details: Mapping[str, Any], key: str, default: int, *, least: int, most: int) -> int:
    """A detail that is a whole number within bounds. Raises Refused for anything else."""
    value: object = details.get(key, default)
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
        raise Refused(f"{key}: give a whole number from {least} to {most}")
    return value


def read_items(details: Mapping[str, Any], code: str) -> Mapping[int, str] | None:
    """Which items of a batch a fault strikes, and with which code each; None = all of them, with `code`.

    `items` is a list of positions (from 0; -1 is the last), or an object of positions and codes.
    Raises Refused for anything else.
    """
    value: object = details.get("items")
    if value is None:
        return None
    remedy = 'items: give positions such as [0, -1], or positions with their codes such as {"0": "CODE"}'
    if isinstance(value, list):
        positions = cast(list[object], value)
        if not all(isinstance(position, int) and not isinstance(position, bool) for position in positions):
            raise Refused(remedy)
        return dict.fromkeys(cast(list[int], positions), code)
    if not isinstance(value, dict):
        raise Refused(remedy)
    pairs = cast(dict[str, object], value)
    if not all(re.fullmatch(r"-?\d{1,6}", key) and isinstance(item, str) and item for key, item in pairs.items()):
        raise Refused(remedy)
    return {int(key): str(item) for key, item in pairs.items()}


def choose_items(wanted: Mapping[int, str] | None, count: int, code: str) -> dict[int, str]:
    """The positions among `count` items that are struck, with their codes; positions outside are left out."""
    if wanted is None:
        return dict.fromkeys(range(count), code)
    placed = {position if position >= 0 else count + position: item for position, item in wanted.items()}
    return {position: placed[position] for position in sorted(placed) if 0 <= position < count}


def read_retry_after(details: Mapping[str, Any], now: datetime) -> dict[str, str]:
    """The header Retry-After that a fault asks for, none where it asks for none. Raises Refused.

    `retry_after` is a number of seconds of any sign, or a text that is sent as it is; with `retry_after_as` "date" the
    seconds from `now` (the vendor's clock, UTC) are sent as an HTTP date (RFC 9110 10.2.3 knows both forms).
    """
    form = read_choice(details, "retry_after_as", ("seconds", "date"), "seconds")
    if "retry_after" not in details:
        return {}
    value: object = details["retry_after"]
    if isinstance(value, str) and _is_header_text(value):
        return {"retry-after": value}
    if isinstance(value, bool) or not isinstance(value, int) or abs(value) > _LONGEST:
        raise Refused(f"retry_after: give whole seconds from -{_LONGEST} to {_LONGEST}, or the header's text")
    if form == "seconds":
        return {"retry-after": str(value)}
    return {"retry-after": format_datetime(now + timedelta(seconds=value), usegmt=True)}


def _fault_in(kind: str, key: str, value: Any) -> str | None:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    whole = number and isinstance(value, int)
    statuses = _REDIRECTS if kind == "redirect" else range(200, 600)
    ways = tuple(WRONG) if kind == "certificate" else MALFORMATIONS
    least = -_LONGEST if kind == "skew" else 0
    checks: dict[str, tuple[bool, str]] = {
        "at": (number and value >= 0, "give a fraction below 1, or whole bytes of 1 or more"),
        "declared": (
            value in ("cut", "whole", "chunked"),
            'give "cut" (Content-Length of what is sent), "whole" or "chunked"',
        ),
        "how": (value in ways, f"give one of {', '.join(ways)}"),
        "handshakes": (
            _is_count_or_all(value),
            "give how many connections are shown it, 1 or more, or null for all",
        ),
        "as": (_is_name(value), "say who acts, such as ann or admin"),
        "act": (_is_act(value), 'give what is done, such as {"op": "deactivate", "user": "ann"}'),
        "when": (value in ("before", "after"), 'give "before" or "after" the request is carried out'),
        "seconds": (number and least <= value <= _LONGEST, "give a number of seconds of 0 or more"),
        "pieces": (whole and 1 <= value <= 1_000_000, "give a number of pieces of 1 or more"),
        "status": (whole and value in statuses, f"give an HTTP status, {statuses[0]} to {statuses[-1]}"),
        "carry_out": (isinstance(value, bool), "give true or false"),
        "body": (isinstance(value, str), "give the body as text"),
        "location": (_is_header_text(value), "give a URL"),
        "content_type": (_is_header_text(value), "give a content type"),
        "headers": (_is_header_map(value), "give an object of header names and texts"),
        "retry_after": (
            (whole and abs(value) <= _LONGEST) or _is_header_text(value),
            "give whole seconds, or the header's text",
        ),
        "retry_after_as": (value in ("seconds", "date"), 'give "seconds" or "date"'),
    }
    fits, remedy = checks[key]
    return None if fits else remedy


def _is_header_text(value: object) -> bool:
    return isinstance(value, str) and value.isprintable() and value.isascii()


def _is_header_map(value: object) -> bool:
    if not isinstance(value, dict):
        return False
    pairs = cast(dict[str, object], value)
    return all(_HEADER_NAME.fullmatch(name) and _is_header_text(text) for name, text in pairs.items())


def _is_act(value: object) -> bool:
    return isinstance(value, dict) and isinstance(cast(dict[str, object], value).get("op"), str)


def _is_count_or_all(value: object) -> bool:
    return value is None or (isinstance(value, int) and not isinstance(value, bool) and value >= 1)


def _is_name(value: object) -> bool:
    return isinstance(value, str) and value != ""
