"""The cursor of the fake Salesforce's feed, and what a scope that is read in parts has told (decision 0036)."""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from mailsync.core.refs import RecordId
from mailsync.ports.crm import Watch


def write_cursor(
    mark: datetime, view: str, selection: str, described: int, hidden: Sequence[str], swept: datetime | None, after: str
) -> str:
    """The cursor's text. `hidden` fields that can be read later make everything be read again."""
    known = {"mark": mark.isoformat(), "view": view, "selection": selection, "d": described, "hidden": hidden}
    return json.dumps({**known, "swept": swept and swept.isoformat(), "after": after})


def read_cursor(text: str | None) -> Mapping[str, Any] | None:
    """None for what is no cursor."""
    try:
        found = json.loads(text or "")
    except ValueError:
        return None
    return found if isinstance(found, dict) and "mark" in found else None


@dataclass(frozen=True, slots=True)
class Part:
    """The records of one part, in the order of their ids; and how many are left for later."""

    records: frozenset[RecordId]
    rest: int
    last: RecordId | None


def part_of(watch: Watch, known: Mapping[str, Any] | None, scope: Collection[RecordId], *, full: bool) -> Part | None:
    """The next part of a scope; None where it is not read in parts: a small one, a known one, one that is read anew."""
    after = known["after"] if known and not full else ""
    if not after and (watch.cursor is not None or watch.at_most is None):
        return None
    left = sorted(r for r in scope if r > after)
    if not after and watch.at_most is not None and len(left) <= watch.at_most:
        return None
    chosen = left if watch.at_most is None else left[: -(-watch.at_most // 2)]
    rest = len(left) - len(chosen)
    return Part(frozenset(chosen), rest, chosen[-1] if rest else None)
