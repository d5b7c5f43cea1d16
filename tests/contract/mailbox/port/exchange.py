"""Exchange's own way to act: exchangelib, on the sandbox or on the server that MAILSYNC_EWS_URL names."""

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import Any

import pytest
from exchangelib import Account, ExtendedProperty
from exchangelib.errors import ErrorFolderNotFound, ErrorItemNotFound
from exchangelib.indexed_properties import EmailAddress, PhoneNumber, PhysicalAddress
from exchangelib.items import Contact
from exchangelib.protocol import close_connections

from mailsync.mailbox.exchange import ExchangeLogin, open_exchange, provision, tree
from mailsync.mailbox.exchange.channel import Channel
from mailsync.mailbox.exchange.transport import Transport
from mailsync.mapping.table import load
from mailsync.sandbox.server import running_sandbox
from tests.contract.mailbox import person
from tests.contract.mailbox.port.vocabulary import Card, Figures, Names, Place

ANN = "ann@acme.example"
WORLD = {"exchange": {"mailboxes": [{"user": "ann", "address": ANN}]}}
PATIENCE = 2.0  # seconds
FIGURES = Figures(
    idle=3,
    create_requests=3,
    first=5,  # GetFolder, SyncFolderHierarchy, SyncFolderItems, FindItem twice
    longest=2000,
    unfit=(("Birthdate", "1600-12-31"), ("Birthdate", "soon")),
)
_UNMAPPED = (
    *("nickname", "spouse_name", "body", "surname", "display_name", "initials", "office", "profession", "manager"),
    *("children", "companies", "mileage", "im_addresses", "wedding_anniversary"),
)


class EmailName(ExtendedProperty):
    """PidLidEmail1DisplayName: what Outlook's AutoComplete shows."""

    distinguished_property_set_id = "Address"
    property_id = 0x8080
    property_type = "String"


class ExchangePerson:
    """A person with exchangelib."""

    def __init__(self, account: Account) -> None:
        self._account = account

    def create_contact(self, card: Card, folder: str | None = None) -> str:
        return _fill(self._account, card, folder).save().id

    def create_contacts(self, cards: Sequence[Card], folder: str | None = None) -> list[str]:
        return person.create_contacts(self._account, [_fill(self._account, c, folder) for c in cards], folder)

    def create_list(self, name: str, folder: str) -> str:
        return person.create_list(self._account, name, folder)

    def names_of(self, item: str) -> Names:
        Contact.register("email_name", EmailName)
        try:
            found = person.get_contact(self._account, item)
        finally:
            Contact.deregister("email_name")
        (address,) = found.email_addresses
        return Names(found.display_name, found.file_as, address.email, found.email_name, tuple(found.categories or ()))

    def unmapped(self, item: str) -> Mapping[str, object]:
        found = person.get_contact(self._account, item)
        emails = {e.label: e.email for e in found.email_addresses or () if e.label != "EmailAddress1"}
        phones = {p.label: p.phone_number for p in found.phone_numbers or () if p.label in ("Pager", "CarPhone")}
        homes = [(a.street, a.city) for a in found.physical_addresses or () if a.label == "Home"]
        plain = {name: getattr(found, name) for name in _UNMAPPED}
        return {**plain, "emails": emails, "phones": phones, "homes": homes}

    def rename_contact(self, item: str, given_name: str) -> None:
        person.edit_contact(self._account, item, given_name=given_name)

    def categorise_contact(self, item: str, *categories: str) -> None:
        person.categorise_contact(self._account, item, *categories)

    def move_contact(self, item: str, folder: str | None = None) -> str:
        return person.move_contact(self._account, item, folder)

    def copy_contact(self, item: str, folder: str) -> str:
        return person.copy_contact(self._account, item, folder)

    def delete_contact(self, item: str, *, for_good: bool = False) -> None:
        person.delete_contact(self._account, item, for_good=for_good)

    def create_folder(self, name: str, parent: str | None = None) -> str:
        return person.create_folder(self._account, name, parent)

    def rename_folder(self, folder: str, name: str) -> None:
        person.rename_folder(self._account, folder, name)

    def move_folder(self, folder: str, parent: str | None = None) -> None:
        person.move_folder(self._account, folder, parent)

    def delete_folder(self, folder: str, *, for_good: bool = False) -> None:
        person.delete_folder(self._account, folder, for_good=for_good)


def _fill(account: Account, card: Card, folder: str | None) -> Contact:
    fields: dict[str, Any] = {
        "surname": card.surname or None,
        "given_name": card.given_name or None,
        "categories": list(card.categories) or None,
        "sensitivity": "Private" if card.private else "Normal",
    }
    short = {"email": card.email, "phone": card.phone, "street": card.street}
    made = person.make_contact(account, folder, **fields, **{k: v for k, v in short.items() if v})
    if card.rich:
        _enrich(made)
    return made


def _enrich(made: Contact) -> None:
    emails = [EmailAddress(label=f"EmailAddress{n}", email=f"{w}@x.example") for n, w in ((2, "two"), (3, "three"))]
    made.email_addresses = [*(made.email_addresses or ()), *emails]
    phones = [PhoneNumber(label=k, phone_number=v) for k, v in (("Pager", "3"), ("CarPhone", "4"))]
    made.phone_numbers = [*(made.phone_numbers or ()), *phones]
    made.physical_addresses = [
        PhysicalAddress(label="Home", street="1 Home St", city="Home"),
        PhysicalAddress(label="Business", street="1 Work St", city="Work"),
    ]
    made.nickname, made.spouse_name, made.body = "Richie", "Sam", "a long note"
    made.manager, made.profession = "Max", "Smith"


@contextmanager
def open_place(name: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Place]:
    """A mailbox of the sandbox, or the one that the environment names: MAILSYNC_EWS_URL, MAILSYNC_EWS_USER (an
    address), MAILSYNC_EWS_PASSWORD, MAILSYNC_EWS_AUTH. The folder has `name`; at the end none of that name is left.
    """
    monkeypatch.setattr(tree, "FOLDER", name)
    monkeypatch.setattr(provision, "FOLDER", name)
    with _find_login() as login:
        account = person.log_in(login.url, login.address, login.username, login.password, login.auth)
        yield Place(
            ExchangePerson(account),
            lambda: open_exchange(login, load(), patience=PATIENCE),
            FIGURES,
            lambda: _clean(login, account, name),
        )
        close_connections()


@contextmanager
def _find_login() -> Iterator[ExchangeLogin]:
    url = os.environ.get("MAILSYNC_EWS_URL")
    if url:
        user, auth = os.environ["MAILSYNC_EWS_USER"], os.environ.get("MAILSYNC_EWS_AUTH", "basic")
        yield ExchangeLogin(url, user, user, os.environ["MAILSYNC_EWS_PASSWORD"], auth)
        return
    with running_sandbox(WORLD) as box:
        yield ExchangeLogin(f"{box.url}/EWS/Exchange.asmx", ANN, ANN, "sandbox")


def _clean(login: ExchangeLogin, account: Account, name: str) -> None:
    channel = Channel(Transport(login), login.address, PATIENCE)
    roots, _ = tree.get_roots(channel)
    for folder in tree.find_tree(channel, roots).folders.values():
        if folder.name.startswith(name):
            with suppress(ErrorItemNotFound, ErrorFolderNotFound):
                person.delete_folder(account, folder.id, for_good=True)
    channel.close()
