"""A bearer whose token is kept in the store, and renewed by one process at a time."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from mailsync.errors import LoginRefused
from mailsync.login.grant import Granted, is_usable, read_grant, write_grant
from mailsync.ports.logins import Logins
from mailsync.telemetry import tell


@dataclass(frozen=True, slots=True)
class KeptBearer:
    """Implements ports.bearer.Bearer. `issue` gets the next grant from the vendor, given the one that is kept (None:
    there is none, which only service accounts can do with).

    What a renewal gave is stored before it is used: with rotating refresh tokens the old one is worth nothing any
    more, and using it again ends the log-in (vendors/salesforce.md §7).
    """

    logins: Logins
    user: str
    vendor: str
    issue: Callable[[Granted | None], Granted]
    now: Callable[[], datetime]
    name: str = ""  # under which the log-in is stored; "": the vendor's

    def token(self) -> str:
        """The token to send now. Raises LoginRefused, Unreachable, StoreError."""
        kept = self._kept()
        if kept is not None and is_usable(kept, self.now()):
            return kept.access
        return self._renew(kept.access if kept else "").access

    def renew(self, refused: str) -> bool:
        """Gets another token in the place of a refused one. Raises LoginRefused, Unreachable, StoreError."""
        return self._renew(refused).access != refused

    def _renew(self, spent: str) -> Granted:
        with self.logins.renewing(self.user, self.name or self.vendor):
            kept = self._kept()
            if kept is not None and kept.access != spent and is_usable(kept, self.now()):
                return kept  # another process or thread was faster
            granted = self.issue(kept)
            self.logins.save_credentials(self.user, {self.name or self.vendor: write_grant(granted)})
            tell("login.renewed", user=self.user, vendor=self.vendor)
            return granted

    def _kept(self) -> Granted | None:
        text = self.logins.credential(self.user, self.name or self.vendor)
        return read_grant(text) if text else None


@dataclass(slots=True)
class HeldBearer:
    """Implements ports.bearer.Bearer for a service account of the installation itself: its token is kept by this
    process alone, and issued anew whenever it is needed."""

    issue: Callable[[], Granted]
    now: Callable[[], datetime]
    _held: Granted | None = None

    def token(self) -> str:
        """The token to send now. Raises LoginRefused, Unreachable."""
        if self._held is None or not is_usable(self._held, self.now()):
            self._held = self.issue()
        return self._held.access

    def renew(self, refused: str) -> bool:
        """Another one. Raises LoginRefused, Unreachable."""
        self._held = self.issue()
        return self._held.access != refused


def need_log_in(user: str, vendor: str, granted: Granted | None) -> str:
    """The refresh token of a grant. Raises LoginRefused where nobody has logged in."""
    if granted is None or not granted.refresh:
        raise LoginRefused(
            vendor,
            f"{user} is not logged in to {vendor}",
            code="not_connected",
            remedy=f"run: mailsync connect {user} {vendor}",
        )
    return granted.refresh
