"""From EWS's item elements to the core's items."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from mailsync.core.changes import Item, Sensitivity
from mailsync.core.person import Values
from mailsync.core.policy import CATEGORY
from mailsync.core.refs import FolderId, ItemId, Key, RecordId, widen
from mailsync.mailbox.exchange.answers import ITEM_GONE, Message
from mailsync.mailbox.exchange.channel import Channel, Effect, ask_in_batches
from mailsync.mailbox.exchange.contents import read_contents
from mailsync.mailbox.exchange.properties import (
    BODY,
    CATEGORIES,
    DISPLAY_NAME,
    EMAILS,
    EXCLUDED,
    FILE_AS,
    KEY,
    RECORD,
    WEB_PAGE,
    write_shape,
)
from mailsync.mailbox.exchange.soap import Element, M, children, escape, local
from mailsync.mapping.interpreter import read
from mailsync.mapping.table import Table

CUT = 254
"""UTF-16 units. Feeds cut strings at 255 (vendors/mailbox.md B4.7), at 254 where the next character takes two."""

CREATED = "item:DateTimeCreated"
SENSITIVITY = "item:Sensitivity"
_OWN = (
    "item:ItemClass",
    "item:ParentFolderId",
    CREATED,
    SENSITIVITY,
    CATEGORIES,
    FILE_AS,
    DISPLAY_NAME,
    WEB_PAGE,
    RECORD,
    KEY,
    EXCLUDED,
    *EMAILS,
)
_SENSITIVITIES = {s.value: s for s in Sensitivity}


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked of each item: the table's properties beside our own. Feeds never hold bodies, so these need
    a reading of the item itself where the table maps one.
    """

    table: Table
    feed_names: tuple[str, ...]
    body: bool

    @property
    def feed_shape(self) -> str:
        """For SyncFolderItems and FindItem."""
        return write_shape((*_OWN, *self.feed_names))

    @property
    def item_shape(self) -> str:
        """For GetItem."""
        names = (*_OWN, *self.feed_names, *((BODY,) if self.body else ()))
        return write_shape(names, text_body=self.body)


def make_wanted(table: Table) -> Wanted:
    """What a table asks for."""
    names = table.properties("exchange")
    return Wanted(table, tuple(n for n in names if n != BODY), BODY in names)


@dataclass(frozen=True, slots=True)
class Reading:
    """An item as one answer showed it. `cut`: properties whose value may go on; their fields are unknown."""

    item: Item
    cut: tuple[str, ...] = ()


def read_item(element: Element, wanted: Wanted, inside: Collection[str], *, feed: bool) -> Reading | None:
    """A Contact or DistributionList element; None for anything else that may lie in a contact folder.

    `inside` are the ids of the folder and its sub-folders; `feed`: from a feed, which cuts strings.
    """
    kind, contents = local(element), read_contents(element)
    if kind not in ("Contact", "DistributionList") or contents.id is None:
        return None
    flat, is_list = contents.flat, kind == "DistributionList"
    emails = {n: flat[n] for n in EMAILS if flat.get(n)}
    foreign = [n for n, address in emails.items() if _is_foreign(address)]
    names = wanted.feed_names if feed or not wanted.body else (*wanted.feed_names, BODY)
    shown = {n: flat.get(n, "") for n in names}
    for name in foreign:
        shown.pop(name, None)
    cut = _find_cut(shown) if feed else ()
    item = Item(
        id=contents.id[0],
        version=contents.id[1],
        folder=FolderId(contents.folder),
        inside=contents.folder in inside,
        values={} if is_list else _read_values(wanted.table, shown, cut),
        categories=contents.categories,
        sensitivity=_SENSITIVITIES.get(flat.get(SENSITIVITY, ""), Sensitivity.NORMAL),
        is_list=is_list,
        record=_read_record(flat),
        key=Key(flat[KEY]) if flat.get(KEY) else None,
        excluded=flat.get(EXCLUDED, "").lower() in ("true", "1"),
        emails=tuple(address for n, address in emails.items() if n not in foreign),
        web_page=flat.get(WEB_PAGE, ""),
        file_as=flat.get(FILE_AS, ""),
        display_name=flat.get(DISPLAY_NAME, ""),
        created=read_instant(flat.get(CREATED, "")),
    )
    return Reading(item, cut if not is_list else ())


def _find_cut(shown: Mapping[str, str]) -> tuple[str, ...]:
    """The properties whose text may go on beyond what a feed gives; most contacts have no text of that length."""
    if max(map(len, shown.values()), default=0) < CUT // 2:
        return ()
    return tuple(n for n, text in shown.items() if _is_cut(text))


def _read_values(table: Table, shown: Mapping[str, str], cut: Collection[str]) -> Values:
    """A field of which a part is cut is unknown as a whole: an address without its street is another address."""
    values = read(table, "exchange", shown)
    if not cut:
        return values
    unknown = {row.field.name for row in table.live if not set(cut).isdisjoint(row.held_by("exchange"))}
    return {name: value for name, value in values.items() if name not in unknown}


def _is_cut(text: str) -> bool:
    return len(text) >= CUT // 2 and len(text.encode("utf-16-le", "surrogatepass")) // 2 >= CUT


def _is_foreign(address: str) -> bool:
    """An address of another system than SMTP, e.g. a directory's path of an internal person: no value for anyone."""
    return address.startswith("/")


def _read_record(flat: Mapping[str, str]) -> RecordId | None:
    return RecordId(widen(flat[RECORD])) if flat.get(RECORD) else None


def read_instant(text: str) -> datetime | None:
    """An xs:dateTime, aware and UTC, some servers giving nine digits of a second; None where it is no such thing."""
    try:
        moment = datetime.fromisoformat(text)
        return moment.replace(tzinfo=moment.tzinfo or UTC).astimezone(UTC)
    except (ValueError, OverflowError):  # a zone may lead out of the calendar
        return None


MARK_SHAPE = write_shape((CATEGORIES, RECORD))
"""Ids and marks alone: all that is asked of items that may be personal (A6)."""


def is_marked(item: Item) -> bool:
    """Whether an item is ours to read: it carries the category, or our own id property (docs/decisions/0005)."""
    return item.record is not None or _has_category(item.categories)


def has_mark(element: Element) -> bool:
    """The same of an item element that shows its marks alone."""
    contents = read_contents(element)
    return bool(contents.flat.get(RECORD)) or _has_category(contents.categories)


def _has_category(categories: Iterable[str]) -> bool:
    return any(c.strip().casefold() == CATEGORY.casefold() for c in categories)


def write_id(item: ItemId, version: str = "") -> str:
    """An ItemId element."""
    key = f' ChangeKey="{escape(version)}"' if version else ""
    return f'<t:ItemId Id="{escape(item)}"{key}/>'


def get_items(
    channel: Channel, items: Sequence[ItemId], wanted: Wanted, inside: Collection[str]
) -> dict[ItemId, Item | Message | None]:
    """Items by id, whole, 100 a request: None where Exchange says that there is none, its refusal otherwise."""
    shape = wanted.item_shape

    def wrap(ids: str) -> str:
        return f"<m:GetItem>{shape}<m:ItemIds>{ids}</m:ItemIds></m:GetItem>"

    messages = ask_in_batches(channel, [write_id(i) for i in items], wrap, "GetItem", Effect.READ)
    return {i: _read_one(m, wanted, inside) for i, m in zip(items, messages, strict=True)}


def _read_one(message: Message, wanted: Wanted, inside: Collection[str]) -> Item | Message | None:
    if not message.good or message.element is None:
        # An id of another mailbox, or of another kind of mailbox, is none of this one.
        return None if message.code in ITEM_GONE or message.code.startswith("ErrorInvalidId") else message
    found = next(children(message.element, f"{M}Items"), None)
    reading = read_item(found, wanted, inside, feed=False) if found is not None else None
    return reading.item if reading else Message("ErrorInvalidItem", "it is no contact any more")
