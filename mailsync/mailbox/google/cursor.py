"""What is remembered between two readings: the sync token, and which contacts were ours.

A contact that lost our label looks like any other in the listing. That it was ours is known by its id alone, so that
nobody else's contact has to be looked into (A6, A9).
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast

from mailsync.mailbox.google.feed import PARAMETERS

_VERSION = 1
_PREFIX = "people/"
RENEWED_AFTER = timedelta(days=6)
"""A sync token lives for 7 days from the full listing, not from its last use (vendors/mailbox.md D1)."""


@dataclass(slots=True, eq=False)
class Names:
    """A set of contacts as text, taken apart when it is first looked into: an idle session never does."""

    packed: str = ""
    _found: frozenset[str] | None = None

    @property
    def all(self) -> frozenset[str]:
        """The names."""
        if self._found is None:
            self._found = _unpack(self.packed)
        return self._found


@dataclass(frozen=True, slots=True)
class Cursor:
    """`begun`: the vendor's time at the full listing; `marked`: contacts in our label; `strays`: contacts outside it
    that still carry our id property.
    """

    folder: str
    token: str
    begun: datetime
    marked: Names
    strays: frozenset[str] = frozenset()
    problem: str = ""  # the "Sync Error" label
    others: frozenset[str] = frozenset()  # labels that are known to be neither of ours

    def is_old(self, now: datetime) -> bool:
        """Whether the token would expire before long."""
        return now - self.begun >= RENEWED_AFTER


def store(cursor: Cursor) -> str:
    """The cursor as text."""
    content = {
        "version": _VERSION,
        "parameters": PARAMETERS,
        "folder": cursor.folder,
        "token": cursor.token,
        "begun": cursor.begun.isoformat(),
        "marked": cursor.marked.packed,
        "strays": _join(cursor.strays),
        "problem": cursor.problem,
        "others": _join(cursor.others),
    }
    return json.dumps(content, separators=(",", ":"))


def load(text: str | None, folder: str) -> Cursor | None:
    """The cursor of a text; None for one that is none, of another label or of other parameters: all is read once."""
    try:
        content: Any = json.loads(text or "")
    except ValueError:
        return None
    if not isinstance(content, dict):
        return None
    told = cast("dict[str, Any]", content)
    if (told.get("version"), told.get("parameters"), told.get("folder")) != (_VERSION, PARAMETERS, folder):
        return None
    begun = datetime.fromisoformat(str(told["begun"]))
    marked, strays, others = Names(str(told["marked"])), _unpack(str(told["strays"])), _unpack(str(told["others"]))
    return Cursor(folder, str(told["token"]), begun, marked, strays, str(told["problem"]), others)


def pack(names: Iterable[str]) -> Names:
    """These names."""
    found = frozenset(names)
    return Names(_join(found), found)


def _join(names: Iterable[str]) -> str:
    return " ".join(sorted(n.removeprefix(_PREFIX) for n in names))


def _unpack(text: str) -> frozenset[str]:
    return frozenset(n if "/" in n else f"{_PREFIX}{n}" for n in text.split())
