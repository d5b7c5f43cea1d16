"""connections.list: ids, memberships and versions of the person's contacts, never a value (A6)."""

from dataclasses import dataclass
from typing import Any

from mailsync.errors import AnswerBroken, CursorInvalid
from mailsync.mailbox.google.answers import Rejected
from mailsync.mailbox.google.channel import Channel
from mailsync.mailbox.google.login import VENDOR
from mailsync.mailbox.google.properties import SOURCES
from mailsync.mailbox.google.reading import list_groups
from mailsync.mailbox.google.told import Json, as_list, as_table, as_tables

PAGE = 1000
MOST_PAGES = 1_000
"""Of one listing: forty times what an account can hold (25,000 contacts, vendors/mailbox.md D2)."""
_FIELDS = "memberships,metadata"
PARAMETERS = f"{_FIELDS};{SOURCES};{PAGE}"
"""What a sync token is bound to: with other parameters Google refuses it (vendors/mailbox.md D1)."""


@dataclass(frozen=True, slots=True)
class Entry:
    """What the listing says of one contact."""

    name: str
    groups: tuple[str, ...] = ()
    deleted: bool = False
    previous: tuple[str, ...] = ()  # names that it had before: they can change


@dataclass(frozen=True, slots=True)
class Listing:
    """A listing read to its end, and the token that the next one goes on from."""

    entries: tuple[Entry, ...]
    token: str


def list_contacts(channel: Channel, token: str | None) -> Listing:
    """Everything, or what changed since a token. Raises CursorInvalid for a token that has expired or is none of this
    account's, VendorError.
    """
    entries: list[Entry] = []
    pages = [""]
    while True:
        answer = _ask(channel, token, pages[-1])
        entries += [_read_entry(p) for p in as_tables(answer.get("connections"))]
        page = str(answer.get("nextPageToken", ""))
        if not page:
            _check(entries, answer, token)
            return Listing(tuple(entries), _read_token(answer))
        if page in pages or len(pages) >= MOST_PAGES:
            raise AnswerBroken(VENDOR, "Google's list of contacts has no end", code="ENDLESS")
        pages.append(page)


def _check(entries: list[Entry], answer: Json, token: str | None) -> None:
    """A list of changes that is shorter than it says leaves something out: then everything is read once. Raises
    CursorInvalid.
    """
    total = answer.get("totalItems")
    if token and isinstance(total, int) and len({e.name for e in entries}) < total:
        raise CursorInvalid(VENDOR, "Google's list of changes is not whole", code="INCOMPLETE")


def _ask(channel: Channel, token: str | None, page: str) -> Json:
    try:
        return channel.ask(_make_request(channel, token, page))
    except Rejected as error:
        if not token:
            raise
        raise CursorInvalid(VENDOR, "Google does not know how far it was read", code=error.code) from None


def _make_request(channel: Channel, token: str | None, page: str) -> Any:
    options = {"syncToken": token, "pageToken": page}
    return channel.connections.list(
        resourceName="people/me",
        personFields=_FIELDS,
        sources=[SOURCES],
        pageSize=PAGE,
        requestSyncToken=True,
        **{k: v for k, v in options.items() if v},
    )


def _read_token(answer: Json) -> str:
    token = str(answer.get("nextSyncToken", ""))
    if not token:
        raise AnswerBroken(VENDOR, "Google's list of contacts ends without a sync token", code="INCOMPLETE")
    return token


def _read_entry(person: Json) -> Entry:
    metadata = as_table(person.get("metadata"))
    previous = tuple(str(n) for n in as_list(metadata.get("previousResourceNames")))
    name = str(person.get("resourceName", ""))
    return Entry(name, tuple(list_groups(person)), bool(metadata.get("deleted")), previous)
