"""Items by the values of an own property: Graph's filters, one for each value, 20 a request."""

from collections.abc import Collection, Iterable, Sequence

from mailsync.core.refs import ItemId
from mailsync.mailbox.microsoft.channel import Channel, Part, escape, escape_literal
from mailsync.mailbox.microsoft.items import Reading, Wanted, list_readings
from mailsync.mailbox.microsoft.pages import read_pages
from mailsync.mailbox.microsoft.properties import name_id
from mailsync.mailbox.microsoft.tree import folder_path


def write_filter(name: str, value: str) -> str:
    """The filter: an own property has this value. Graph compares it without regard to case."""
    head = escape(f"singleValueExtendedProperties/Any(ep: ep/id eq '{name_id(name)}' and ep/value eq '")
    return f"{head}{escape_literal(value)}')"


def find_values(
    channel: Channel,
    folders: Iterable[str],
    name: str,
    values: Collection[str],
    wanted: Wanted,
    inside: Collection[str],
) -> dict[ItemId, Reading]:
    """Items of these folders that have one of the values. A folder that is gone counts as empty. Raises VendorError."""
    listed: Sequence[str] = sorted(set(values))
    starts = {
        f"{n} {folder}": Part(
            "GET", f"{folder_path(channel, folder)}/contacts?$filter={write_filter(name, value)}&{wanted.query}"
        )
        for folder in folders
        for n, value in enumerate(listed)
    }
    found: dict[ItemId, Reading] = {}
    for pages in read_pages(channel, starts)[0].values() if starts else ():
        if pages.refused is None or not pages.refused.absent:
            found |= list_readings(pages.check().values, wanted, inside)
    return found
