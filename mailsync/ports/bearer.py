"""How a request gets its bearer token. The adapters of Google and Microsoft are given one and never ask where from."""

from dataclasses import dataclass, field
from typing import Protocol


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
        """The token."""
        return self.value

    def renew(self, refused: str) -> bool:
        """Never."""
        return False
