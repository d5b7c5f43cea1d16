"""Persons by id, 200 a request: the only way in which values of a contact are ever asked for (A6)."""

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field

from mailsync.errors import AnswerBroken
from mailsync.mailbox.google.answers import as_error, read_status
from mailsync.mailbox.google.channel import Channel
from mailsync.mailbox.google.login import VENDOR
from mailsync.mailbox.google.properties import SOURCES
from mailsync.mailbox.google.reading import Person, read_etag
from mailsync.mailbox.google.told import as_table, as_tables

AT_ONCE = 200
"""Persons of one request, reading and writing (vendors/mailbox.md D1)."""

_KEPT = 2000
"""Persons remembered as read, so that a change of them needs no second reading; 4 kB each."""


def is_name(text: str) -> bool:
    """Whether a text can be the resource name of a person; ids of other mailboxes are none."""
    return re.fullmatch(r"people/[A-Za-z0-9_-]+", text) is not None


def get_persons(channel: Channel, names: Iterable[str], fields: Sequence[str]) -> dict[str, Person | None]:
    """Persons by the names asked for; None where Google itself says that there is none of that name any more.

    Raises VendorError and its kinds.
    """
    asked = sorted(set(names))
    found: dict[str, Person | None] = {n: None for n in asked if not is_name(n)}
    asked = [n for n in asked if n not in found]
    for start in range(0, len(asked), AT_ONCE):
        part = asked[start : start + AT_ONCE]
        request = channel.people.getBatchGet(resourceNames=part, personFields=",".join(fields), sources=[SOURCES])
        found |= _read_answer(as_tables(channel.ask(request).get("responses")), part)
    return found


def _read_answer(responses: Collection[Person], asked: Sequence[str]) -> dict[str, Person | None]:
    found: dict[str, Person | None] = {}
    for response in responses:
        fault = read_status(as_table(response.get("status")))
        person = as_table(response.get("person"))
        name = str(response.get("requestedResourceName") or person.get("resourceName", ""))
        if fault.status == 404 or response.get("httpStatusCode") == 404:
            found[name] = None
        elif fault.code not in ("0", "OK"):
            raise as_error(fault, {})
        elif not person.get("resourceName"):
            # Neither a contact nor a word why not proves nothing (D7).
            raise AnswerBroken(VENDOR, "Google says nothing of a contact that it was asked for", code="INCOMPLETE")
        else:
            # A contact under another name is no longer this one: as if it had been moved.
            found[name] = person if person["resourceName"] == name else None
    if set(found) != set(asked):
        raise AnswerBroken(
            VENDOR, f"Google answered {len(found)} of {len(asked)} parts of a request", code="INCOMPLETE"
        )
    return found


@dataclass(slots=True)
class Shelf:
    """Persons as they were last read or written in this session, whole."""

    persons: dict[str, Person] = field(default_factory=dict[str, Person])

    def put(self, persons: Iterable[Person | None]) -> None:
        """Remembers persons; the eldest go first."""
        for person in persons:
            if person:
                name = str(person.get("resourceName", ""))
                self.persons.pop(name, None)
                self.persons[name] = person
        while len(self.persons) > _KEPT:
            self.persons.pop(next(iter(self.persons)))

    def take(self, name: str, version: str) -> Person | None:
        """A person as it is at that version; None where it is not at hand."""
        person = self.persons.get(name)
        return person if person is not None and read_etag(person) == version else None

    def drop(self, names: Iterable[str]) -> None:
        """Forgets persons."""
        for name in names:
            self.persons.pop(name, None)
