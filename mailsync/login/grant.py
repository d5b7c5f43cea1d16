"""What a vendor granted: an access token, and what the next one is got with."""

import json
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta

from mailsync.errors import StoreError

EARLY = timedelta(seconds=60)
"""A token that ends within this time is renewed before it is sent: clocks differ, requests take their time."""


@dataclass(frozen=True, slots=True)
class Granted:
    """`refresh` is empty where the next token is issued without one (service accounts); it may be more than a token
    (msal's cache). `ends`: when the access token ends, UTC; None where the vendor doesn't tell (Salesforce).
    """

    access: str = field(repr=False)
    refresh: str = field(default="", repr=False)
    ends: datetime | None = None


def is_usable(granted: Granted, now: datetime) -> bool:
    """Whether its access token may be sent at `now` (UTC)."""
    return bool(granted.access) and (granted.ends is None or now + EARLY < granted.ends)


def write_grant(granted: Granted) -> str:
    """The text under which it is kept."""
    return json.dumps({**asdict(granted), "ends": granted.ends.isoformat() if granted.ends else None})


def read_grant(text: str) -> Granted:
    """What `write_grant` wrote. Raises StoreError."""
    try:
        kept = json.loads(text)
        ends = datetime.fromisoformat(kept["ends"]) if kept["ends"] else None
        if ends is not None and ends.tzinfo is None:
            raise ValueError("a time without its zone")
        return Granted(str(kept["access"]), str(kept["refresh"]), ends)
    except (ValueError, TypeError, LookupError, RecursionError):
        raise StoreError("a stored log-in is damaged", "log in anew: mailsync connect") from None
