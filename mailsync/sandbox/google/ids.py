"""Names and etags of resources: opaque to clients, told apart by their beginnings."""

import base64
import hashlib
import re
from typing import Final

_PERSON: Final = re.compile(r"people/c(\d{1,20})")


def name_person(number: int) -> str:
    """people/c…, the resource name of a contact."""
    return f"people/c{number}"


def name_other(number: int) -> str:
    """otherContacts/c…, the resource name of an other contact."""
    return f"otherContacts/c{number}"


def name_group(identifier: str) -> str:
    """contactGroups/…, the resource name of a group."""
    return f"contactGroups/{identifier}"


def read_person(name: str) -> int | None:
    """The contact's number in a resource name; None for any other name."""
    found = _PERSON.fullmatch(name)
    return int(found[1]) if found else None


def read_group(name: str) -> str | None:
    """The group's id in a resource name; None for any other name."""
    head, _, identifier = name.partition("/")
    return identifier if head == "contactGroups" and identifier and "/" not in identifier else None


def make_number(user: str, kind: str, place: int) -> int:
    """A number of 60 bits for what is made in that place: the same in each sandbox that does the same."""
    digest = hashlib.sha256(f"{user}/{kind}/{place}".encode()).digest()
    return int.from_bytes(digest[:8], "big") >> 4 | 1 << 59


def make_source_etag(number: int, revision: int) -> str:
    """The etag of a contact's own source."""
    return f"#{_digest(f'source/{number}/{revision}')}"


def make_person_etag(number: int, revision: int) -> str:
    """The etag of the whole person."""
    return f"%EgUBAi43PRoEAQIFByIM{_digest(f'person/{number}/{revision}')}"


def make_group_etag(identifier: str, number: int) -> str:
    """The etag of a group."""
    return _digest(f"group/{identifier}/{number}")


def _digest(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode()).digest()[:8]).decode()
