"""What Google holds of a person: contacts with their versions, contact groups, other contacts."""

from collections import deque
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

Fields = dict[str, list[dict[str, Any]]]  # by Person field; without metadata and memberships

MY_CONTACTS: Final = "myContacts"
STARRED: Final = "starred"
# The groups that every account has, with their formatted names; contacts are added to the first two alone, `all` is
# no membership (discovery document: members.modify, ContactGroupMembership).
SYSTEM_GROUPS: Final = {
    MY_CONTACTS: "My Contacts",
    STARRED: "Starred",
    "friends": "Friends",
    "family": "Family",
    "coworkers": "Coworkers",
    "blocked": "Blocked",
    "chatBuddies": "Chat contacts",
    "all": "All Contacts",
}
JOINABLE: Final = (MY_CONTACTS, STARRED)


@dataclass(slots=True)
class Version:
    """A contact as it was from one change to the next. `revision` moves with its content, `number` with each change."""

    number: int
    revision: int
    updated: datetime
    fields: Fields
    groups: tuple[str, ...]
    previous: tuple[int, ...] = ()
    photo: bytes | None = None
    deleted: bool = False
    shown: dict[str, Any] = field(default_factory=dict[str, Any])  # fields as they are answered, made once


@dataclass(slots=True)
class Contact:
    """A contact of a mailbox, its versions oldest first: lists may lag behind the newest one."""

    id: int
    versions: list[Version]

    @property
    def now(self) -> Version:
        """As it is."""
        return self.versions[-1]


@dataclass(slots=True)
class Group:
    """A contact group that its owner made."""

    id: str
    name: str
    updated: datetime
    number: int
    client_data: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    deleted: bool = False


@dataclass(slots=True)
class Mailbox:
    """One account. Numbers of changes go up by one; `pending` are those that lists don't know yet."""

    user: str
    address: str
    account: int
    contacts: dict[int, Contact] = field(default_factory=dict[int, Contact])
    others: dict[int, Contact] = field(default_factory=dict[int, Contact])
    groups: dict[str, Group] = field(default_factory=dict[str, Group])
    moved: dict[int, int] = field(default_factory=dict[int, int])  # former ids and what they are now
    number: int = 0
    revision: int = 0
    pending: deque[tuple[int, datetime]] = field(default_factory=deque[tuple[int, datetime]])
    searchable: int | None = None  # up to which change the search knows the contacts; None: it was never warmed up
    busy: tuple[int, datetime] | None = None  # the connection of the last change, and until when it is at work
