"""Text to typed values and back, for the keys that a user's settings have."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from enum import Enum
from typing import Any

from mailsync.core.refs import AccountId, widen


@dataclass(frozen=True, slots=True)
class Kind:
    """How a key's text is read and written. `parse` raises ValueError; `allowed` says what it takes."""

    allowed: str
    parse: Callable[[str], Any]
    format: Callable[[Any], str]


_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_SHORTEST, _LONGEST = timedelta(minutes=1), timedelta(days=7)
_ACCOUNT = re.compile(r"001[A-Za-z0-9]{12}(?:[A-Za-z0-9]{3})?")
_LABEL = r"(?!-)[\w-]{1,63}(?<!-)"
_DOMAIN = re.compile(rf"{_LABEL}(?:\.{_LABEL})+")


def choice(kind: type[Enum]) -> Kind:
    """One of an enum's values."""
    return Kind("|".join(str(member.value) for member in kind), kind, lambda member: str(member.value))


def _read_switch(text: str) -> bool:
    return {"on": True, "off": False}[text]


def _write_switch(on: Any) -> str:
    return "on" if on else "off"


def number(low: int, high: int) -> Kind:
    """A whole number within bounds."""

    def read(text: str) -> int:
        value = int(text) if re.fullmatch(r"[0-9]{1,9}", text) else low - 1
        if not low <= value <= high:
            raise ValueError(text)
        return value

    return Kind(f"a whole number from {low} to {high}", read, str)


def _read_interval(text: str) -> timedelta:
    if not re.fullmatch(r"(?:[0-9]{1,6}[smhd])+", text):
        raise ValueError(text)
    span = timedelta(seconds=sum(int(n) * _UNITS[u] for n, u in re.findall(r"([0-9]+)([smhd])", text)))
    if not _SHORTEST <= span <= _LONGEST:
        raise ValueError(text)
    return span


def _write_interval(span: timedelta) -> str:
    seconds = int(span.total_seconds())
    unit = next(u for u in ("d", "h", "m", "s") if seconds % _UNITS[u] == 0)
    return f"{seconds // _UNITS[unit]}{unit}"


def _read_view(text: str) -> str:
    if text in ("mine", "all"):
        return text
    kind, _, name = text.partition(":")
    if kind != "view" or not name.strip():
        raise ValueError(text)
    return f"view:{name.strip()}"


def _read_account(text: str) -> AccountId | None:
    if text == "none":
        return None
    if not _ACCOUNT.fullmatch(text):
        raise ValueError(text)
    return AccountId(widen(text))


def _read_region(text: str) -> str:
    # Imported here: the metadata of all regions costs more than every other setting together.
    from phonenumbers import SUPPORTED_REGIONS

    region = text.upper()
    if region != "US" and region not in SUPPORTED_REGIONS:
        raise ValueError(text)
    return region


def _read_block(text: str) -> frozenset[str]:
    """Addresses and domains, case-folded; a domain may be written with its @."""
    if text == "none":
        return frozenset()
    entries = [entry.strip().casefold() for entry in text.split(",")]
    return frozenset(_blocked(entry) for entry in entries)


def _blocked(entry: str) -> str:
    name, at, domain = entry.rpartition("@")
    if not _DOMAIN.fullmatch(domain) or re.search(r"[\s@]", name):
        raise ValueError(entry)
    return f"{name}{at}{domain}" if name else domain


def _read_text(text: str) -> str:
    if not text:
        raise ValueError(text)
    return text


SWITCH = Kind("on|off", _read_switch, _write_switch)
INTERVAL = Kind("a time from 1m to 7d: 30m, 2h, 1d", _read_interval, _write_interval)
VIEW = Kind("mine|all|view:ID (an id, a DeveloperName or a label)", _read_view, str)
ACCOUNT = Kind("none, or an Account's id (001…)", _read_account, lambda account: account or "none")
REGION = Kind("a country in two letters: US, DE, GB", _read_region, str)
BLOCK = Kind("none, or addresses and domains with commas between", _read_block, lambda b: ",".join(sorted(b)) or "none")
TEXT = Kind("a text", _read_text, str)
