"""Properties of a person by name, as the mapping table writes them, and the names that are this program's own.

"names.givenName", "phoneNumbers[work].value" (the entry of that type), "organizations.title" (the present one).
"""

import re
from dataclasses import dataclass
from functools import cache

RECORD = "salesforceId"
KEY = "mailsyncKey"
EXCLUDED = "mailsyncExcluded"
PROBLEM = "mailsyncProblem"  # what a "Sync Error" is about (C1): Gmail has the one label alone
FURTHER = "mailsyncFurther"  # entries that are the person's own, though they could be read as ours
"""Keys in a person's clientData, which no one sees and other programs' entries share (vendors/mailbox.md D1)."""

MARK = "mailsyncInstallation"
"""The key in our label's clientData: installation:generation (A1)."""

WEB_PAGE = "urls[Salesforce].value"
ADDRESS_PARTS = ("streetAddress", "city", "region", "postalCode", "country")

CONTACTS = "contactGroups/myContacts"
"""A contact must be in some group, and is listed among the person's contacts only if it is in this one."""

SYSTEM_GROUPS = frozenset({"myContacts", "starred", "all", "friends", "family", "coworkers", "blocked", "chatBuddies"})
"""Google's own groups, which are no labels of the person's."""

SOURCES = "READ_SOURCE_TYPE_CONTACT"
"""Only what the person wrote: else profiles of other people are mixed in."""

MARKS = ("clientData", "memberships", "metadata", "urls")
"""What is read of a contact that was ours and may be personal by now: our marks and our link, no value of it (A6)."""


@dataclass(frozen=True, slots=True)
class Slot:
    """Where a property lies: a field of the person, the type of its entry ("": whichever leads), a part of that."""

    field: str
    type: str
    part: str


@cache
def find_slot(name: str) -> Slot:
    """The place of a property. Raises ValueError for no name of one."""
    found = re.fullmatch(r"(\w+)(?:\[(\w+)\])?\.(\w+)", name)
    if found is None:
        raise ValueError(name)
    return Slot(found[1], found[2] or "", found[3])


class Unfit(ValueError):
    """A value that Google has no way to take; `name` is its property."""

    def __init__(self, name: str, message: str) -> None:
        super().__init__(message)
        self.name = name
