"""From EWS's item elements to the core's items."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from mailsync.core.changes import Item, Sensitivity
from mailsync.core.person import Values
from mailsync.core.policy import CATEGORY
from mailsync.core.refs import FolderId, ItemId, Key, RecordId, Version, widen
from mailsync.mailbox.exchange.answers import ITEM_GONE, Message
from mailsync.mailbox.exchange.channel import Channel, Effect, ask_in_batches
from mailsync.mailbox.exchange.properties import (
    BODY,
    CATEGORIES,
    DISPLAY_NAME,
    EMAILS,
    EXCLUDED,
    FILE_AS,
    KEY,
    OWN_SET,
    RECORD,
    WEB_PAGE,
    write_shape,
)
from mailsync.mailbox.exchange.soap import Element, M, T, children, escape, local
from mailsync.mapping.interpreter import read
from mailsync.mapping.table import Table

CUT = 254
"""UTF-16 units. Feeds cut strings at 255 (vendors/mailbox.md B4.7), at 254 where the next character takes two."""

CREATED = "item:DateTimeCreated"
SENSITIVITY = "item:Sensitivity"
_ITEM_ELEMENTS = frozenset({"ItemClass", "Subject", "Sensitivity", "Body", "DateTimeCreated"})
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
_FAMILIES = {"EmailAddresses": "EmailAddress", "PhoneNumbers": "PhoneNumber", "ImAddresses": "ImAddress"}
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


def find_id(element: Element) -> tuple[ItemId, Version] | None:
    """Id and change key of an item element, None where it has none."""
    found = element.find(f"{T}ItemId")
    return None if found is None else (ItemId(found.get("Id", "")), Version(found.get("ChangeKey", "")))


@dataclass(frozen=True, slots=True)
class Reading:
    """An item as one answer showed it. `cut`: properties whose value may go on; their fields are unknown."""

    item: Item
    cut: tuple[str, ...] = ()


def read_item(element: Element, wanted: Wanted, inside: Collection[str], *, feed: bool) -> Reading | None:
    """A Contact or DistributionList element; None for anything else that may lie in a contact folder.

    `inside` are the ids of the folder and its sub-folders; `feed`: from a feed, which cuts strings.
    """
    kind, found = local(element), find_id(element)
    if kind not in ("Contact", "DistributionList") or found is None:
        return None
    flat = dict(_flatten(element))
    parent = element.find(f"{T}ParentFolderId")
    folder = parent.get("Id", "") if parent is not None else ""
    names = wanted.feed_names if feed or not wanted.body else (*wanted.feed_names, BODY)
    cut = tuple(n for n in names if _is_cut(flat.get(n, ""))) if feed else ()
    shown = {n: flat.get(n, "") for n in names if n not in cut and not _is_foreign(n, flat)}
    is_list = kind == "DistributionList"
    item = Item(
        id=found[0],
        version=found[1],
        folder=FolderId(folder),
        inside=folder in inside,
        values={} if is_list else _read_values(wanted.table, shown, cut),
        categories=read_categories(element),
        sensitivity=_SENSITIVITIES.get(flat.get(SENSITIVITY, ""), Sensitivity.NORMAL),
        is_list=is_list,
        record=_read_record(flat),
        key=Key(flat[KEY]) if flat.get(KEY) else None,
        excluded=flat.get(EXCLUDED, "").lower() in ("true", "1"),
        emails=tuple(flat[n] for n in EMAILS if flat.get(n) and not _is_foreign(n, flat)),
        web_page=flat.get(WEB_PAGE, ""),
        file_as=flat.get(FILE_AS, ""),
        display_name=flat.get(DISPLAY_NAME, ""),
        created=read_instant(flat.get(CREATED, "")),
    )
    return Reading(item, cut if not is_list else ())


def _read_values(table: Table, shown: Mapping[str, str], cut: Collection[str]) -> Values:
    """A field of which a part is cut is unknown as a whole: an address without its street is another address."""
    values = read(table, "exchange", shown)
    if not cut:
        return values
    unknown = {row.field.name for row in table.live if not set(cut).isdisjoint(row.held_by("exchange"))}
    return {name: value for name, value in values.items() if name not in unknown}


def _is_cut(text: str) -> bool:
    return len(text) >= CUT // 2 and len(text.encode("utf-16-le", "surrogatepass")) // 2 >= CUT


def _is_foreign(name: str, flat: Mapping[str, str]) -> bool:
    """A directory's path of an internal person (X.500, "/o=…") in the place of an address: no value for anyone."""
    return name in EMAILS and flat.get(name, "").startswith("/")


def _read_record(flat: Mapping[str, str]) -> RecordId | None:
    return RecordId(widen(flat[RECORD])) if flat.get(RECORD) else None


def read_instant(text: str) -> datetime | None:
    """An xs:dateTime, aware and UTC, some servers giving nine digits of a second; None where it is no such thing."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment.replace(tzinfo=moment.tzinfo or UTC).astimezone(UTC)


def read_categories(element: Element) -> tuple[str, ...]:
    """An item's categories as written."""
    return tuple(c.text or "" for c in children(element, f"{T}Categories"))


def _flatten(element: Element) -> Iterator[tuple[str, str]]:
    """The properties of an item element by the tables' names."""
    for child in element:
        name = local(child)
        if name in _FAMILIES:
            for entry in child:
                yield f"contacts:{_FAMILIES[name]}:{entry.get('Key')}", entry.text or ""
        elif name == "PhysicalAddresses":
            for entry in child:
                yield from _flatten_address(entry)
        elif name == "ExtendedProperty":
            yield from _flatten_extended(child)
        elif len(child) == 0:
            yield f"{'item' if name in _ITEM_ELEMENTS else 'contacts'}:{name}", child.text or ""


def _flatten_address(entry: Element) -> Iterator[tuple[str, str]]:
    for part in entry:
        yield f"contacts:PhysicalAddress:{local(part)}:{entry.get('Key')}", part.text or ""


def _flatten_extended(element: Element) -> Iterator[tuple[str, str]]:
    path, value = element.find(f"{T}ExtendedFieldURI"), element.findtext(f"{T}Value")
    if path is None or value is None:
        return
    tag = path.get("PropertyTag")
    if tag is not None:
        yield f"tag:0x{int(tag, 0):04X}", value
    elif path.get("PropertySetId", "").lower() == OWN_SET:
        yield f"own:{path.get('PropertyName')}", value


MARK_SHAPE = write_shape((CATEGORIES, RECORD))
"""Ids and marks alone: all that is asked of items that may be personal (A6)."""


def is_marked(item: Item) -> bool:
    """Whether an item is ours to read: it carries the category, or our own id property (docs/decisions/0005)."""
    return item.record is not None or _has_category(item.categories)


def has_mark(element: Element) -> bool:
    """The same of an item element that shows its marks alone."""
    own = any(
        name == RECORD and text for e in element.iterfind(f"{T}ExtendedProperty") for name, text in _flatten_extended(e)
    )
    return own or _has_category(read_categories(element))


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
        return None if message.code in ITEM_GONE else message
    found = next(children(message.element, f"{M}Items"), None)
    reading = read_item(found, wanted, inside, feed=False) if found is not None else None
    return reading.item if reading else Message("ErrorInvalidItem", "it is no contact any more")
