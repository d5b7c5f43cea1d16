"""Page and sync tokens: opaque to clients, bound to the parameters and the account that they were given for."""

import base64
import hashlib
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import orjson

from mailsync.sandbox.google.errors import invalid

LIFE: Final = timedelta(days=7)  # of a sync token, from the full sync on (connections.list)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a list goes on: after `skip` rows of what changed in (since, last]; `full`: when its full sync began.

    `since` -1: everything, without what was deleted. `owner` is the account, `bound` the parameters it holds for.
    """

    kind: str
    owner: int
    bound: str
    since: int
    last: int
    full: int
    skip: int = 0


def bind(*parameters: object) -> str:
    """What a token keeps of the parameters that it is bound to."""
    return hashlib.sha256(repr(parameters).encode()).hexdigest()[:12]


def write_token(place: Place) -> str:
    """The token of a place."""
    return base64.urlsafe_b64encode(orjson.dumps(list(asdict(place).values()))).rstrip(b"=").decode()


def read_token(text: str, what: str) -> Place:
    """The place of a token. Raises ApiError for a text that is none."""
    try:
        values: Any = orjson.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        place = Place(*values)
        wrong = [number for number in values[3:5] + values[6:] if type(number) is not int or number < -1]
        if wrong or not isinstance(values[5], int):
            raise ValueError("a token of other parts")
    except (ValueError, TypeError):
        raise _refuse(what) from None
    return place


def is_expired(place: Place, now: datetime) -> bool:
    """Whether the full sync behind a sync token is too long ago."""
    return now.timestamp() - place.full >= LIFE.total_seconds()


def _refuse(what: str) -> Exception:
    words = "Sync" if what == "syncToken" else "Page"
    return invalid(
        f"{words} token is invalid. Clear local cache and retry call without the {words.lower()} token.", what
    )
