"""O365 2.1, unmodified, over its protocol's own address: create, list with paging, update, delete, folders."""

from typing import Any

import pytest
import requests
from O365 import Account, MSGraphProtocol
from O365.address_book import ContactFolder
from O365.connection import Connection

from mailsync.sandbox.server import running_sandbox


class Protocol(MSGraphProtocol):
    """The protocol at the sandbox's address, which O365 lets one override."""

    def __init__(self, url: str) -> None:
        self._protocol_url = f"{url}/"
        super().__init__(api_version="v1.0", timezone="UTC")


def open_account(url: str, monkeypatch: pytest.MonkeyPatch) -> Any:
    session = requests.Session()
    session.trust_env = False
    session.headers["Authorization"] = "Bearer sandbox-cem"
    monkeypatch.setattr(Connection, "get_session", lambda *_args, **_options: session)
    monkeypatch.setattr(Connection, "get_naive_session", lambda *_args, **_options: session)
    account = Account(("client", "secret"), protocol=Protocol(url))
    monkeypatch.setattr(account.con, "session", session, raising=False)
    return account


def test_a_whole_life_of_contacts(monkeypatch: pytest.MonkeyPatch) -> None:
    with running_sandbox({"microsoft": {"mailboxes": [{"user": "cem"}]}}) as box:
        book = open_account(box.url, monkeypatch).address_book()
        for at in range(7):
            contact = book.new_contact()
            contact.name, contact.surname, contact.title = f"n{at}", "Hall", "Mr."
            contact.emails.add(f"n{at}@overlook.example")
            contact.business_phones.append("(303) 555-0100")
            assert contact.save()
        found = list(book.get_contacts(limit=None, batch=3))
        assert sorted(contact.name for contact in found) == [f"n{at}" for at in range(7)]
        one = next(contact for contact in found if contact.name == "n3")
        one.job_title = "Cook"
        assert one.save()
        assert next(c for c in book.get_contacts(limit=50) if c.name == "n3").job_title == "Cook"
        assert one.delete()
        assert len(list(book.get_contacts(limit=50))) == 6
        assert book.create_child_folder("Salesforce Contacts")
        (found,) = book.get_folders()  # O365 takes folders that a book gives for the book itself; made anew it does not
        told = {"id": found.folder_id, "displayName": found.name}
        folder = ContactFolder(parent=book, **{book._cloud_data_key: told})
        place = f"{box.url}/v1.0/me/contactFolders/{folder.folder_id}/contacts"  # O365 saves new ones by default only
        assert book.con.post(place, data={"givenName": "Zoe"}).status_code == 201
        assert [contact.name for contact in folder.get_contacts()] == ["Zoe"]
        assert folder.name == "Salesforce Contacts"
        assert folder.delete()
        assert list(book.get_folders()) == []
