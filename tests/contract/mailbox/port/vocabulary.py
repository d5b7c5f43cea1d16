"""What a person does in their mailbox, whatever its kind: the words in which the port's suite acts.

Items and folders are named by the vendor's ids. Each kind of mailbox has its own client that nobody here wrote, or the
vendor's plain requests, behind these words.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from mailsync.core.person import Value
from mailsync.ports.mailbox import Mailbox


@dataclass(frozen=True, slots=True)
class Card:
    """What a person types into a new contact. `street` is that of the business address."""

    surname: str = ""
    given_name: str = ""
    email: str = ""
    phone: str = ""
    street: str = ""
    categories: tuple[str, ...] = ()
    private: bool = False
    rich: bool = False  # everything that no mapping names is filled too


@dataclass(frozen=True, slots=True)
class Names:
    """How a contact is shown: in lists, in order, and beside its first address (A22)."""

    display_name: str
    file_as: str
    email: str
    email_name: str
    categories: tuple[str, ...]


class Person(Protocol):
    """The person at their mailbox. `folder` None is where contacts lie by default."""

    def create_contact(self, card: Card, folder: str | None = None) -> str: ...
    def create_contacts(self, cards: Sequence[Card], folder: str | None = None) -> list[str]: ...
    def create_list(self, name: str, folder: str) -> str: ...
    def names_of(self, item: str) -> Names: ...
    def unmapped(self, item: str) -> Mapping[str, object]:
        """Everything that an item holds and no mapping names, as the vendor shows it (L7)."""
        ...

    def rename_contact(self, item: str, given_name: str) -> None: ...
    def categorise_contact(self, item: str, *categories: str) -> None: ...
    def move_contact(self, item: str, folder: str | None = None) -> str: ...
    def copy_contact(self, item: str, folder: str) -> str: ...
    def delete_contact(self, item: str, *, for_good: bool = False) -> None: ...
    def create_folder(self, name: str, parent: str | None = None) -> str: ...
    def rename_folder(self, folder: str, name: str) -> None: ...
    def move_folder(self, folder: str, parent: str | None = None) -> None: ...
    def delete_folder(self, folder: str, *, for_good: bool = False) -> None: ...


@dataclass(frozen=True, slots=True)
class Figures:
    """What a kind of mailbox takes at once (vendors/mailbox.md E), and what it can't hold."""

    idle: int  # requests of a reading that finds nothing new
    create_requests: int  # for 250 new items
    first: int  # requests of a first reading: 250 items in the folder, 300 marked ones in another
    longest: int  # characters of a street
    unfit: tuple[tuple[str, Value], ...]  # a field and a value that no item can hold


@dataclass(frozen=True, slots=True)
class Place:
    """A mailbox of one kind, its person, and a way to open it once more as a new process would."""

    person: Person
    open: Callable[[], Mailbox]
    figures: Figures
    clean: Callable[[], None] = field(default=lambda: None)
