"""What a stamp makes of an item's marks: categories, id property, exclusion (A7, A8, A9, A23, C1)."""

from collections.abc import Sequence
from dataclasses import dataclass

from mailsync.core.actions import Stamp
from mailsync.core.changes import Item
from mailsync.core.policy import CATEGORY, ERROR_CATEGORY


@dataclass(frozen=True, slots=True)
class Marks:
    """An item's marks as they shall be."""

    categories: tuple[str, ...]
    record: str  # "" none
    excluded: bool


def marks_of(item: Item) -> Marks:
    """The marks as they are."""
    return Marks(item.categories, item.record or "", item.excluded)


def apply(marks: Marks, stamp: Stamp) -> Marks:
    """The marks after a stamp. The user's own categories are never touched and keep their order (C1)."""
    categories = list(marks.categories)
    if stamp.error is not None:
        categories = [c for c in categories if not _is_error(c)]
    if stamp.category is not None:
        categories = [c for c in categories if c.casefold() != CATEGORY.casefold() or stamp.category]
    if stamp.category and not any(c.casefold() == CATEGORY.casefold() for c in categories):
        categories.append(CATEGORY)
    if stamp.error:
        categories += [ERROR_CATEGORY, f"{ERROR_CATEGORY}: {stamp.error}"]
    return Marks(
        tuple(categories),
        marks.record if stamp.record is None else stamp.record,
        marks.excluded if stamp.excluded is None else stamp.excluded,
    )


def _is_error(category: str) -> bool:
    return category == ERROR_CATEGORY or category.startswith(f"{ERROR_CATEGORY}: ")


def is_marked(categories: Sequence[str]) -> bool:
    """Whether these are the categories that a pair's item in the folder should bear: ours, and no error."""
    return any(c.casefold() == CATEGORY.casefold() for c in categories) and not any(map(_is_error, categories))


def change_nothing(stamps: Sequence[Stamp]) -> bool:
    """Whether an item already bears the marks that its stamps together make; nothing needs to be written then (L1)."""
    before = marks_of(stamps[0].item)
    after = before
    for stamp in stamps:
        after = apply(after, stamp)
    return (set(after.categories), after.record, after.excluded) == (
        set(before.categories),
        before.record,
        before.excluded,
    )
