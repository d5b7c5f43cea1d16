"""What carries our marks outside the folder: one filter for each other contact folder. Graph itself picks what is ours;
values of personal contacts are never asked for (A6).
"""

from collections.abc import Iterable, Mapping

from mailsync.core.policy import CATEGORY
from mailsync.core.refs import ItemId
from mailsync.mailbox.microsoft.answers import as_error
from mailsync.mailbox.microsoft.channel import Channel, Part, escape, escape_literal
from mailsync.mailbox.microsoft.items import Reading, Wanted, is_marked, list_readings
from mailsync.mailbox.microsoft.pages import Pages
from mailsync.mailbox.microsoft.properties import RECORD, name_id
from mailsync.mailbox.microsoft.tree import folder_path

TOP = 100
"""Items of a page: whole ones, with their extended properties."""

_CATEGORY = f"categories/any(c:c eq '{escape_literal(CATEGORY)}')"
# Ids of Salesforce's standard objects begin with 0. A property that was taken off may stay as an empty text, so that
# asking for its presence alone would bring personal contacts (A6).
_RECORD = escape(f"singleValueExtendedProperties/Any(ep: ep/id eq '{name_id(RECORD)}' and startswith(ep/value,'0'))")
_BOTH = (f"{_CATEGORY}%20or%20{_RECORD}",)
_SPLIT = (_CATEGORY, _RECORD)


def list_filters(*, split: bool) -> tuple[str, ...]:
    """The filters that find what is marked: one, or two where a tenant does not take both in one."""
    return _SPLIT if split else _BOTH


def ask_outside(channel: Channel, folders: Iterable[str], wanted: Wanted, *, split: bool) -> dict[str, Part]:
    """The requests for all marked items of these folders, by a name for each."""
    return {
        f"outside {n} {folder}": Part(
            "GET", f"{folder_path(channel, folder)}/contacts?$filter={mark}&{wanted.query}&$top={TOP}"
        )
        for folder in folders
        for n, mark in enumerate(list_filters(split=split))
    }


def is_refused(pages: Mapping[str, Pages]) -> bool:
    """Whether a tenant does not take the filter: it has to be split."""
    return any(p.refused is not None and p.refused.status == 400 and not p.refused.absent for p in pages.values())


def take_outside(pages: Mapping[str, Pages], wanted: Wanted) -> dict[ItemId, Reading]:
    """What the filters found. A folder that went meanwhile counts as empty. Raises VendorError."""
    found: dict[ItemId, Reading] = {}
    for each in pages.values():
        if each.refused is not None and not each.refused.absent:
            raise as_error(each.refused)
        found |= list_readings(each.values, wanted, ())
    # A server that overlooks the filter would hand out personal contacts.
    return {i: r for i, r in found.items() if is_marked(r.item)}
