"""Where log-ins are kept, and who may renew one. The store is one; a test's dictionary is another."""

from collections.abc import Mapping
from contextlib import AbstractContextManager
from typing import Protocol


class Logins(Protocol):
    """Stored log-ins by user and name. They are encrypted at rest."""

    def credential(self, user: str, name: str) -> str | None:
        """A stored log-in in the clear. Raises StoreError."""
        ...

    def save_credentials(self, user: str, changed: Mapping[str, str | None]) -> None:
        """Stores log-ins in one transaction; None forgets one. Raises StoreError."""
        ...

    def renewing(self, user: str, name: str) -> AbstractContextManager[None]:
        """One process or thread at a time is within this context for a log-in; the others wait. Raises StoreError."""
        ...
