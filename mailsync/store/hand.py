"""What a person does to the store: changes, and their entries in the log of activity, in one transaction."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from mailsync.errors import StoreError
from mailsync.ports.activity import Act
from mailsync.ports.presets import Book
from mailsync.store import reading as read
from mailsync.store import writing as write
from mailsync.store.activity import seal_act, write_acts
from mailsync.store.fence import check_rest
from mailsync.store.presets import forget_user, replace_presets
from mailsync.store.secrets import Secrets


@dataclass(frozen=True, slots=True)
class Hand:
    """One transaction of a person's (`SqlStore.acting`). Whoever changes several users takes them by name, in order, so
    that two such transactions never wait for each other."""

    connection: Connection
    secrets: Secrets

    def record(self, acts: Sequence[Act]) -> None:
        """Adds acts to the log, and forgets what is over a year old."""
        write_acts(self.connection, acts)

    def seal(self, act: Act, **details: Any) -> None:
        """Says how an act ended that was recorded before it was carried out."""
        seal_act(self.connection, replace(act, details={**act.details, **details}))

    def save_settings(
        self,
        user: str,
        changed: Mapping[str, str | None],
        state: Mapping[str, Any] | None = None,
        due: datetime | None = None,
    ) -> None:
        """Stores settings, None forgets one; with what they mean for the next session: keys of the state, and `due`,
        the time at which all that is parked is tried again."""
        owner = write.add_user(self.connection, user)
        write.write_settings(self.connection, owner, changed)
        write.write_state(self.connection, owner, state or {})
        if due is not None:
            write.make_due(self.connection, owner, due, None)

    def save_state(self, user: str, changed: Mapping[str, Any]) -> None:
        """Sets keys of the state: what people say (pause, resume, approved plans)."""
        write.write_state(self.connection, write.add_user(self.connection, user), changed)

    def make_due(self, user: str, now: datetime, refs: Collection[str] | None = None) -> int:
        """Lets the next session try parked changes again (B8): all, or those of `refs`; returns how many."""
        return write.make_due(self.connection, read.user_id(self.connection, user), now, refs)

    def answer(self, user: str, hold: str, answer: str, typed: str | None = None) -> None:
        """Stores a person's answer, approve or reject, with what they typed in place of both sides' values (B12).

        Raises StoreError, naming the hold, when it is not open.
        """
        if not write.answer_hold(self.connection, read.user_id(self.connection, user), hold, answer, typed):
            raise StoreError(f"{user} has no open hold {hold}", f"see the open ones: mailsync issues {user}")

    def stop(self, user: str, now: datetime) -> None:
        """What is about to be taken out of the mailbox is not to be read back as a person's deletions (A19): no session
        begins any more, and one that does all the same deletes nothing, as pairs are found again (A1). Raises LockHeld
        while one runs."""
        check_rest(self.connection, user, now)
        self.save_settings(user, {write.CONTACTS: write.OFF}, {write.REPAIRING: True})

    def forget(self, user: str, *, keep_settings: bool) -> None:
        """Forgets what the store's port names. `reset` keeps settings, folder and pause, and the next session repairs
        (A1); `remove` takes settings, log-ins and tombstones too, and history stays for its time (D9)."""
        c = self.connection
        owner = write.add_user(c, user) if keep_settings else read.user_id(c, user)  # also before a first session
        write.forget_sync(c, owner, keep_settings=keep_settings)

    def erase(self, user: str) -> None:
        """Erases all that is stored of a user (D9)."""
        write.erase_user(self.connection, read.user_id(self.connection, user))
        forget_user(self.connection, user)

    def save_credentials(self, user: str, changed: Mapping[str, str | None]) -> None:
        """Stores log-ins, encrypted; None forgets one."""
        # Encrypted inside the transaction and under this lock: a rotation is either over by then or still to come.
        write.keep_key(self.connection)
        tokens = {n: self.secrets.encrypt(v) if v is not None else None for n, v in changed.items()}
        write.write_credentials(self.connection, write.add_user(self.connection, user), tokens)

    def replace_presets(self, book: Book) -> None:
        """Puts these presets and groups in the place of all others."""
        replace_presets(self.connection, book)

    def settle(self, user: str, state: Mapping[str, Any], now: datetime) -> None:
        """What settings that are stored elsewhere mean for a user: keys of the state; what was refused or parked is due
        (B8), and whoever slept is looked at again."""
        owner = write.add_user(self.connection, user)
        write.write_state(self.connection, owner, state)
        write.make_due(self.connection, owner, now, None)
        write.wake(self.connection, owner)

    def renew_tokens(self) -> None:
        """Everything that is encrypted under the newest key of the key file."""
        write.renew_tokens(self.connection, self.secrets.renew)
