"""The cursor: where the last reading stood, and what it knew, as compact JSON text."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from mailsync.core.refs import OwnerId
from mailsync.crm.salesforce import describe
from mailsync.crm.salesforce.describe import Description
from mailsync.crm.soql import Selection

_FORM = 1


@dataclass(frozen=True, slots=True)
class Cursor:
    """`mark` is the vendor's Date of the request that was read; everything before it has been reported."""

    mark: datetime
    view: str  # the scope, as the settings name it
    view_id: str  # of a list view
    selection: Selection | None  # None: the scope was at fault
    description: Description
    described: datetime  # when the whole description was last read, not only found unchanged
    properties: tuple[str, ...]  # what the mapping asked for
    user: OwnerId | None = None
    swept: datetime | None = None  # the mark of the last reading that named all members of the scope
    after: str = ""  # the last id that was read of a scope that is read in parts; "" once it was read to its end


def dump(cursor: Cursor) -> str:
    """The cursor as text."""
    chosen = cursor.selection
    return json.dumps(
        {
            "form": _FORM,
            "mark": cursor.mark.isoformat(),
            "view": cursor.view,
            "view_id": cursor.view_id,
            "selection": [chosen.source, chosen.scope, chosen.where] if chosen else None,
            "description": describe.dump(cursor.description),
            "described": cursor.described.isoformat(),
            "properties": list(cursor.properties),
            "user": cursor.user,
            "swept": cursor.swept.isoformat() if cursor.swept else None,
            **({"after": cursor.after} if cursor.after else {}),
        },
        separators=(",", ":"),
    )


def load(text: str | None) -> Cursor | None:
    """The cursor out of its text; None for none, and for one that another version wrote or something damaged."""
    try:
        content: dict[str, Any] = json.loads(text or "")
        return _read(content) if content["form"] == _FORM else None
    except (ValueError, KeyError, TypeError, IndexError, AttributeError, OverflowError, RecursionError):
        return None


def _read(content: dict[str, Any]) -> Cursor:
    chosen = content["selection"]
    return Cursor(
        mark=_moment(content["mark"]),
        view=str(content["view"]),
        view_id=str(content["view_id"]),
        selection=Selection(*(str(part) for part in chosen)) if chosen else None,
        description=describe.load(content["description"]),
        described=_moment(content["described"]),
        properties=tuple(str(name) for name in content["properties"]),
        user=OwnerId(str(content["user"])) if content["user"] else None,
        swept=_moment(content["swept"]) if content.get("swept") else None,
        after=str(content.get("after") or ""),
    )


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError("a cursor's times are aware")
    return moment.astimezone(UTC)
