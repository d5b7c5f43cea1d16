"""Who is to be told of what happens: the subscriptions of all mailboxes, and the streams that are open."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta


@dataclass(slots=True)
class Subscription:
    """Who is to be told of what. `told` is the number of the last event told; `stream` tells its connections apart."""

    id: str
    kind: str
    owner: str
    address: str
    folders: frozenset[str] | None
    events: frozenset[str]
    life: timedelta
    used: datetime
    told: int
    stream: int = 0


@dataclass(slots=True)
class Hub:
    """All subscriptions by id, and how many streams each user has open."""

    subscriptions: dict[str, Subscription] = field(default_factory=dict[str, Subscription])
    streams: dict[str, int] = field(default_factory=dict[str, int])


def drop_expired(hub: Hub, now: datetime) -> None:
    """Forgets the subscriptions that nobody asked for in time."""
    hub.subscriptions = {each.id: each for each in hub.subscriptions.values() if now - each.used <= each.life}
