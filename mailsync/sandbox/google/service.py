"""The service as a whole: its accounts, settings and tokens, and one request's place in it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from mailsync.sandbox.google.errors import invalid
from mailsync.sandbox.google.grants import Grants
from mailsync.sandbox.google.quotas import Quotas
from mailsync.sandbox.google.records import Mailbox
from mailsync.sandbox.vendor import Clock

DELAY = 180.0  # seconds; "several minutes" is all that the documents say (connections.list)


@dataclass(slots=True)
class Settings:
    """How the service behaves where its documents leave it open."""

    delay: float = DELAY  # seconds until sync requests learn of a change
    expired_status: int = 400  # HTTP status of EXPIRED_SYNC_TOKEN, 400 or 410
    busy: float = 0.0  # seconds that a change is at work, in which another connection's is refused


@dataclass(slots=True)
class Service:
    """Everything the vendor holds. `replaying` and `lagging` stand while a fault strikes one request."""

    clock: Clock
    boxes: dict[str, Mailbox] = field(default_factory=dict[str, Mailbox])  # by user
    settings: Settings = field(default_factory=Settings)
    quotas: Quotas = field(default_factory=Quotas)
    grants: Grants = field(default_factory=Grants)
    replaying: bool = False
    lagging: bool = False


@dataclass(frozen=True, slots=True)
class Ask:
    """One request of one account: `place` are the parts of its path, `query` its parameters, `body` its message."""

    service: Service
    box: Mailbox
    now: datetime
    place: Mapping[str, str]
    query: Mapping[str, Sequence[str]]
    body: Mapping[str, Any]

    @property
    def delay(self) -> float:
        """Seconds until sync requests learn of what this request changes."""
        return self.service.settings.delay

    def text(self, name: str, default: str = "") -> str:
        """A parameter of the query: its last value."""
        values = self.query.get(name)
        return values[-1] if values else default

    def number(self, name: str, default: int, least: int, most: int) -> int:
        """A parameter that is a number, 0 standing for the default. Raises ApiError."""
        number = int(self.text(name) or 0)
        if number == 0:
            return default
        if not least <= number <= most:
            text = (
                f"Page size must be between {least} and {most}, inclusive." if name == "pageSize" else "Out of range."
            )
            raise invalid(text, name)
        return number

    def flag(self, name: str) -> bool:
        """A parameter that is true or false."""
        return self.text(name).lower() in ("true", "1")
