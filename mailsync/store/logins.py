"""Log-ins as rows, encrypted: kept, renewed by one at a time, and given a new key."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass

from sqlalchemy import Connection

from mailsync.ports.activity import Act
from mailsync.ports.logins import Logins
from mailsync.store import reading as read
from mailsync.store.database import Database
from mailsync.store.engine import reading, writing
from mailsync.store.hand import Hand
from mailsync.store.secrets import Secrets

_ROTATION = "\nkeys rotate"
"""What takes turns; log-ins begin with a user's name."""


@dataclass(frozen=True, slots=True)
class SqlLogins:
    """Implements mailsync.ports.logins.Logins. `find_owner` gives a user's own number."""

    database: Database
    secrets: Secrets
    find_owner: Callable[[Connection, str], int]

    def credential(self, user: str, name: str) -> str | None:
        """A stored log-in in the clear. Raises StoreError where the key does not fit."""
        with reading(self.database.engine) as c:
            token = read.read_credential(c, self.find_owner(c, user), name)
        return self.secrets.decrypt(token) if token else None

    def save_credentials(self, user: str, changed: Mapping[str, str | None]) -> None:
        """Stores log-ins, encrypted; None forgets one."""
        with writing(self.database.engine) as c:
            Hand(c, self.secrets).save_credentials(user, changed)

    def renewing(self, user: str, name: str) -> AbstractContextManager[None]:
        """One process or thread at a time is within this context for a log-in; the others wait."""
        return self.database.take_turns(f"{user}\n{name}")

    def rotate(self, acts: Sequence[Act] = ()) -> None:
        """A new key for everything that is encrypted. Stopped at any point, the key file still reads all of it."""
        with self.database.take_turns(_ROTATION):  # of two at once one would drop the other's key
            self.secrets.add_key()
            with writing(self.database.engine) as c:
                hand = Hand(c, self.secrets)
                hand.renew_tokens()
                hand.record(acts)
            self.secrets.drop_old_keys()


_is_a_keeper: type[Logins] = SqlLogins  # proven by the type check
