"""From Graph's contacts to the core's items."""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from mailsync.core.changes import Item, Sensitivity
from mailsync.core.policy import CATEGORY
from mailsync.core.refs import FolderId, ItemId, Key, RecordId, Version, widen
from mailsync.errors import AnswerBroken
from mailsync.mailbox.microsoft.answers import Answer, Json, as_entries, as_text
from mailsync.mailbox.microsoft.channel import Channel, Part, escape_id
from mailsync.mailbox.microsoft.login import VENDOR
from mailsync.mailbox.microsoft.properties import (
    ARRAYS,
    BIRTHDAY,
    DISPLAY_NAME,
    EMAILS,
    EXCLUDED,
    FILE_AS,
    KEY,
    RECORD,
    SENSITIVITY,
    WEB_PAGE,
    is_extended,
    read_entries,
    read_extended,
    read_plain,
    write_expand,
    write_select,
)
from mailsync.mapping.interpreter import read
from mailsync.mapping.table import Table

_OWN = (RECORD, KEY, EXCLUDED, SENSITIVITY)
_MARKS = ("id", "changeKey", "parentFolderId", "createdDateTime", "categories")
_ALWAYS = (*_MARKS, DISPLAY_NAME, FILE_AS, WEB_PAGE, EMAILS)
_SENSITIVITIES = {
    "1": Sensitivity.PERSONAL,
    "2": Sensitivity.PRIVATE,
    "3": Sensitivity.CONFIDENTIAL,
}
# Ids of EWS, which a person who moved here brings along, may hold a slash: no path of Graph's leads there.
_ID = re.compile(r"[A-Za-z0-9_=-]+")
COPY_OF_THEIRS, COPY_OF_OURS = "from:", "ours:"
"""What the key of a copy begins with that was made to move an item: one that a person made, or one that the agent made
(A14): a copy is whose its first one was."""
_ETAG = re.compile(r'(?:W/)?"(.+)"', re.DOTALL)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked of each item: the table's properties beside our own, never a vendor's default set."""

    table: Table
    names: tuple[str, ...]
    always: tuple[str, ...] = _ALWAYS

    def marks_alone(self) -> "Wanted":
        """Where an item lies and what marks it: none of a person's values (A6)."""
        return Wanted(self.table, (), _MARKS)

    @property
    def query(self) -> str:
        """The query that shows exactly these."""
        extended = [n for n in self.names if is_extended(n)]
        return f"$select={write_select((*self.always, *self.names))}&$expand={write_expand((*_OWN, *extended))}"


def make_wanted(table: Table) -> Wanted:
    """What a table asks for."""
    return Wanted(table, table.properties("microsoft"))


@dataclass(frozen=True, slots=True)
class Reading:
    """An item, of its JSON what a later write must send along, and the key of a copy that was made to move one."""

    item: Item
    kept: Json
    copied: str = ""


def find_id(body: Json) -> ItemId:
    """An entry's id. Raises AnswerBroken where there is none."""
    found = as_text(body.get("id"))
    if not found:
        raise AnswerBroken(VENDOR, "Microsoft tells of a contact without its id", code="SHAPE")
    return ItemId(found)


def find_version(body: Json) -> Version:
    """What If-Match takes, without its quotes (vendors/mailbox.md C3)."""
    found = _ETAG.fullmatch(as_text(body.get("@odata.etag")))
    return Version(found[1] if found else as_text(body.get("changeKey")))


def read_item(body: Json, wanted: Wanted, inside: Collection[str]) -> Reading:
    """A contact. `inside` are the ids of the folder and its sub-folders. Raises AnswerBroken."""
    extended = read_extended(body, (*_OWN, *(n for n in wanted.names if is_extended(n))))
    shown = {n: extended.get(n, "") if is_extended(n) else read_plain(body, n) for n in wanted.names}
    if shown.get(BIRTHDAY, "").startswith("0001-"):
        shown[BIRTHDAY] = ""  # .NET's way of saying that there is none
    folder = as_text(body.get("parentFolderId"))
    key = extended.get(KEY, "")
    item = Item(
        id=find_id(body),
        version=find_version(body),
        folder=FolderId(folder),
        inside=folder in inside,
        values=read(wanted.table, "microsoft", shown),
        categories=read_categories(body),
        sensitivity=_SENSITIVITIES.get(extended.get(SENSITIVITY, ""), Sensitivity.NORMAL),
        record=RecordId(widen(extended[RECORD])) if extended.get(RECORD) else None,
        key=Key(key) if key and not key.startswith(COPY_OF_THEIRS) else None,
        excluded=extended.get(EXCLUDED, "").lower() in ("true", "1"),
        emails=tuple(read_entries(body, EMAILS)),
        web_page=read_plain(body, WEB_PAGE),
        file_as=read_plain(body, FILE_AS),
        display_name=read_plain(body, DISPLAY_NAME),
        created=read_instant(as_text(body.get("createdDateTime"))),
    )
    return Reading(item, keep(body), key if key.startswith((COPY_OF_THEIRS, COPY_OF_OURS)) else "")


def keep(body: Json) -> dict[str, Any]:
    """What a write must send along: arrays, which Graph replaces as a whole, and the display name, which it makes anew
    where an update does not name it (GRD api/contact-update).
    """
    return {name: body[name] for name in (*ARRAYS, DISPLAY_NAME) if name in body}


def read_categories(body: Json) -> tuple[str, ...]:
    """A contact's categories as written. Raises AnswerBroken."""
    return tuple(as_text(c) for c in as_entries(body.get("categories")))


def read_instant(text: str) -> datetime | None:
    """An instant, aware and UTC; None where it is no such thing."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment.replace(tzinfo=moment.tzinfo or UTC).astimezone(UTC)


def is_marked(item: Item) -> bool:
    """Whether an item is ours to read: it carries the category, or our own id property (docs/decisions/0005)."""
    return item.record is not None or any(c.strip().casefold() == CATEGORY.casefold() for c in item.categories)


def is_id(item: str) -> bool:
    """Whether this may be an id of Graph's."""
    return _ID.fullmatch(item) is not None


def write_path(channel: Channel, item: str) -> str:
    """A contact's path: it is reached by its id alone, in whatever folder it lies."""
    return f"{channel.root}/contacts/{escape_id(item)}"


def get_items(
    channel: Channel, items: Iterable[ItemId], wanted: Wanted, inside: Collection[str]
) -> dict[ItemId, Reading | Answer | None]:
    """Items by id, 20 a request: None where Graph says that there is none, its refusal otherwise."""
    unique = list(dict.fromkeys(items))
    listed: Sequence[ItemId] = [i for i in unique if is_id(i)]
    query = wanted.query
    answers = channel.batch([Part("GET", f"{write_path(channel, i)}?{query}") for i in listed]) if listed else []
    got = {i: _read_one(i, a, wanted, inside) for i, a in zip(listed, answers, strict=True)}
    return {i: got.get(i) for i in unique}


def get_left(
    channel: Channel, items: Iterable[ItemId], wanted: Wanted, inside: Collection[str]
) -> dict[ItemId, Reading | Answer | None]:
    """Items that a feed says have left, as `get_items` does; but for those that lie elsewhere and bear no mark of ours:
    they are personal by now (A6), and come without their values."""
    found = get_items(channel, items, wanted.marks_alone(), inside)
    ours = [i for i, r in found.items() if isinstance(r, Reading) and (r.item.inside or is_marked(r.item))]
    return {**found, **(get_items(channel, ours, wanted, inside) if ours else {})}


def _read_one(asked: ItemId, answer: Answer, wanted: Wanted, inside: Collection[str]) -> Reading | Answer | None:
    """None too for an item that goes by another id here: ids of EWS may still lead to theirs after a person moved."""
    if not answer.good:
        return None if answer.absent else answer
    reading = read_item(answer.body, wanted, inside)
    return reading if reading.item.id == asked else None


def list_readings(
    values: Iterable[Mapping[str, Any]], wanted: Wanted, inside: Collection[str]
) -> dict[ItemId, Reading]:
    """The readings of a listing, the first word on an item counting."""
    found: dict[ItemId, Reading] = {}
    for body in values:
        reading = read_item(body, wanted, inside)
        found.setdefault(reading.item.id, reading)
    return found
