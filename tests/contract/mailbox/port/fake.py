"""The fake mailbox, which the port's suite holds to the same as the vendors' (tests.fakes)."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial

import pytest

from mailsync.core.changes import Sensitivity
from mailsync.core.person import Address, text
from mailsync.core.refs import FieldName, ItemId
from mailsync.mapping.interpreter import mailbox_limits
from mailsync.mapping.table import load
from tests.contract.mailbox.port.vocabulary import Card, Figures, Names, Place
from tests.fakes.mailbox import FakeMailbox
from tests.fakes.post import CONTACTS, Post

FIGURES = Figures(
    idle=1, create_requests=3, first=1, longest=2000, unfit=(("Birthdate", "1600-12-31"), ("Birthdate", "soon"))
)


class FakePerson:
    """A person at a Post."""

    def __init__(self, post: Post) -> None:
        self._post = post

    def create_contact(self, card: Card, folder: str | None = None) -> str:
        values = {"LastName": card.surname, "FirstName": card.given_name, "Email": card.email, "Phone": card.phone}
        more = ("two@x.example", "three@x.example") if card.rich else ()
        return self._post.add(
            folder or CONTACTS,
            {**{FieldName(n): v for n, v in values.items()}, FieldName("MailingAddress"): Address(card.street)},
            categories=card.categories,
            sensitivity=Sensitivity.PRIVATE if card.private else Sensitivity.NORMAL,
            emails=more,
            body={"note": "a long note"} if card.rich else {},
            display_name=f"{card.given_name} {card.surname}".strip(),
        ).id

    def create_contacts(self, cards: Sequence[Card], folder: str | None = None) -> list[str]:
        return [self.create_contact(c, folder) for c in cards]

    def create_list(self, name: str, folder: str) -> str:
        return self._post.add(folder, {}, is_list=True, display_name=name).id

    def names_of(self, item: str) -> Names:
        found = self._post.items[ItemId(item)]
        email = text(found.values, "Email")
        return Names(found.display_name, found.file_as, email, found.display_name, found.categories)

    def unmapped(self, item: str) -> Mapping[str, object]:
        found = self._post.items[ItemId(item)]
        return {"body": found.body, "emails": found.emails, "shown": found.display_name}

    def rename_contact(self, item: str, given_name: str) -> None:
        self._post.edit(ItemId(item), {FieldName("FirstName"): given_name})

    def categorise_contact(self, item: str, *categories: str) -> None:
        self._post.mark(ItemId(item), categories)

    def move_contact(self, item: str, folder: str | None = None) -> str:
        moved = self._post.move(ItemId(item), folder or CONTACTS)
        assert moved is not None
        return moved.id

    def copy_contact(self, item: str, folder: str) -> str:
        return self._post.copy(ItemId(item), folder).id

    def delete_contact(self, item: str, *, for_good: bool = False) -> None:
        self._post.purge(ItemId(item)) if for_good else self._post.move(ItemId(item), "bin")

    def create_folder(self, name: str, parent: str | None = None) -> str:
        return self._post.add_folder(name, parent or CONTACTS)

    def rename_folder(self, folder: str, name: str) -> None:
        self._post.change_folder(folder, name=name)

    def move_folder(self, folder: str, parent: str | None = None) -> None:
        self._post.change_folder(folder, parent=parent or CONTACTS)

    def delete_folder(self, folder: str, *, for_good: bool = False) -> None:
        self._post.drop_folder(folder, for_good=for_good)


@contextmanager
def _open(keeps_ids: bool, name: str, _: pytest.MonkeyPatch) -> Iterator[Place]:
    table = load()
    fields = tuple(row.field.name for row in table.live)
    post = Post(fields, lambda: datetime(2026, 3, 2, 8, 0, tzinfo=UTC), keeps_ids)
    limits = mailbox_limits(table)
    yield Place(FakePerson(post), lambda: FakeMailbox(post, limits, name), FIGURES)


open_place = partial(_open, False)
open_with_lasting_ids = partial(_open, True)
