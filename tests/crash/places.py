"""What a person does in their mailbox, whatever its kind: the words of the scenarios.

Contacts are named as they are shown ("Zoe Quinn"), values by the names of the field table. A kind of mailbox joins the
suite with an implementation of `Person` and a line in `scene.KINDS`.
"""

from collections.abc import Mapping, Sequence
from enum import Enum
from typing import Any, Protocol

from mailsync.ports.mailbox import Capabilities


class Place(Enum):
    """Where a contact lies. Where a kind knows no other folders, PERSONAL is "not in the folder"."""

    FOLDER = "folder"
    BELOW = "below"  # a sub-folder of the folder, made when it is first spoken of
    PERSONAL = "personal"
    BIN = "bin"


class Person(Protocol):
    """A person at their own mailbox. AssertionError where a name fits no contact there, or several."""

    user: str
    can: Capabilities

    def settings(self) -> str:
        """The user's part of mailsync.toml."""
        ...

    def create(self, name: str, place: Place = Place.FOLDER, **values: str) -> None:
        """A new contact, its first and last name being the words of `name`."""
        ...

    def edit(self, name: str, place: Place = Place.FOLDER, **values: str) -> None:
        """Changes values; "" empties one. FirstName and LastName rename it, and what is shown with it."""
        ...

    def values(self, name: str, place: Place = Place.FOLDER) -> Mapping[str, str]:
        """The filled values."""
        ...

    def names(self, place: Place = Place.FOLDER) -> Sequence[str]:
        """Who lies there, sorted; a name as often as it is there."""
        ...

    def mark(self, name: str, place: Place = Place.PERSONAL) -> None:
        """Sets the category."""
        ...

    def unmark(self, name: str, place: Place = Place.FOLDER) -> None:
        """Takes the category off."""
        ...

    def move(self, name: str, source: Place, target: Place) -> None: ...
    def copy(self, name: str, target: Place) -> None:
        """A copy of a contact in the folder."""
        ...

    def trash(self, name: str, place: Place = Place.FOLDER) -> None:
        """Deletes as people do."""
        ...

    def delete(self, name: str, place: Place = Place.FOLDER) -> None:
        """Deletes for good."""
        ...

    def seclude(self, name: str, *, private: bool = True) -> None:
        """Makes a contact in the folder private, or normal again."""
        ...

    def make_folder(self) -> None:
        """A folder of the synced folder's name, by hand."""
        ...

    def rename_folder(self, name: str) -> None: ...
    def trash_folder(self) -> None: ...
    def delete_folder(self) -> None:
        """For good."""
        ...

    def lose_cursor(self) -> Mapping[str, Any]:
        """The sandbox's fault by which the next reading's cursor has become invalid."""
        ...

    @staticmethod
    def other_ids(url: str, ids: Sequence[str]) -> Mapping[str, str]:
        """Under which other id the agent knows what the sandbox's world names by these; those that have one."""
        ...
