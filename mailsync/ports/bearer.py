"""How a request gets its bearer token. Adapters are given one and never ask where from."""

from dataclasses import dataclass, field
from typing import Protocol

from mailsync.errors import LoginRefused


class Bearer(Protocol):
    """The access token of one log-in: fixed, or one that refreshes itself."""

    def token(self) -> str:
        """The token to send now. Raises LoginRefused, Unreachable."""
        ...

    def renew(self, refused: str) -> bool:
        """The vendor refused this token (401): whether `token` gives another one now. Asked at most once a request.
        Raises LoginRefused, Unreachable.
        """
        ...


@dataclass(frozen=True, slots=True)
class FixedBearer:
    """A token from the settings file: it can't be renewed."""

    value: str = field(repr=False)

    def token(self) -> str:
        """The token. Raises LoginRefused for what can't stand in a header."""
        if not self.value.strip() or not self.value.isascii() or not self.value.isprintable():
            raise LoginRefused("", "the token in the settings file is none", remedy="fill in an access token")
        return self.value

    def renew(self, refused: str) -> bool:
        """Never."""
        return False
