"""Google's own way to act: its client library as Google ships it, on the sandbox."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import pytest
from google.oauth2.credentials import Credentials
from googleapiclient.discovery import build

from mailsync.core.policy import CATEGORY
from mailsync.mailbox.google import GoogleLogin, labels, open_google
from mailsync.mapping.table import load
from mailsync.ports.bearer import FixedBearer
from mailsync.sandbox.server import running_sandbox
from tests.contract.mailbox.port.vocabulary import Card, Figures, Names, Place

WORLD = {"google": {"propagation_seconds": 0, "mailboxes": [{"user": "bob", "address": "bob@acme.example"}]}}
PATIENCE = 2.0  # seconds
FIGURES = Figures(
    idle=1,
    create_requests=2,
    first=4,  # the labels, the list of ids, 250 contacts in two readings
    longest=1000,
    unfit=(("Birthdate", "soon"), ("Birthdate", "1980-02-30")),
)
CONTACTS = "contactGroups/myContacts"
_UNMAPPED = ("nicknames", "biographies", "userDefined", "imClients", "events", "relations")
_FIELDS = "names,emailAddresses,phoneNumbers,addresses,memberships,metadata," + ",".join(_UNMAPPED)


def log_in(url: str, token: str = "sandbox-bob") -> Any:
    """The People service as a person's program uses it."""
    return build("people", "v1", credentials=Credentials(token), client_options={"api_endpoint": url})


class GooglePerson:
    """A person at contacts.google.com; `name` is that of our label."""

    def __init__(self, service: Any, name: str) -> None:
        self._people = service.people()
        self._groups = service.contactGroups()
        self._name = name

    def create_contact(self, card: Card, folder: str | None = None) -> str:
        return self._people.createContact(body=_fill(card, folder), personFields="metadata").execute()["resourceName"]

    def create_contacts(self, cards: Sequence[Card], folder: str | None = None) -> list[str]:
        made: list[str] = []
        for start in range(0, len(cards), 200):
            contacts = [{"contactPerson": _fill(c, folder)} for c in cards[start : start + 200]]
            answer = self._people.batchCreateContacts(body={"contacts": contacts, "readMask": "metadata"}).execute()
            made += [r["person"]["resourceName"] for r in answer["createdPeople"]]
        return made

    def create_list(self, name: str, folder: str) -> str:
        raise NotImplementedError("a label is the only list of contacts")

    def names_of(self, item: str) -> Names:
        found = self._get(item)
        (name,) = found["names"]
        (address,) = found["emailAddresses"]
        groups = {g["resourceName"]: g["name"] for g in self._groups.list().execute()["contactGroups"]}
        titles = [groups[g] for g in _groups_of(found)]
        return Names(
            name["displayName"],
            name["displayNameLastFirst"],
            address["value"],
            address.get("displayName", ""),
            tuple(CATEGORY if t == self._name else t for t in titles),
        )

    def unmapped(self, item: str) -> Mapping[str, object]:
        found = self._get(item)
        plain = {name: found.get(name) for name in _UNMAPPED}
        for entries in plain.values():
            for entry in entries or ():
                entry.pop("metadata", None)
        emails = [(e["value"], e.get("type")) for e in found.get("emailAddresses", ())[1:]]
        phones = [(p["value"], p["type"]) for p in found.get("phoneNumbers", ()) if p["type"] != "work"]
        homes = [(a["streetAddress"], a["city"]) for a in found.get("addresses", ()) if a["type"] == "home"]
        return {**plain, "emails": emails, "phones": phones, "homes": homes}

    def rename_contact(self, item: str, given_name: str) -> None:
        found = self._get(item)
        names = [{k: v for k, v in found["names"][0].items() if k == "familyName"} | {"givenName": given_name}]
        self._update(found, "names", names)

    def categorise_contact(self, item: str, *categories: str) -> None:
        raise NotImplementedError("a label is folder and category in one")

    def move_contact(self, item: str, folder: str | None = None) -> str:
        found = self._get(item)
        groups = (CONTACTS, *((folder,) if folder else ()))
        return self._update(found, "memberships", [_member(g) for g in groups])["resourceName"]

    def copy_contact(self, item: str, folder: str) -> str:
        """Nothing copies a contact; a person types it anew."""
        found = self._get(item)
        names = [{"givenName": found["names"][0].get("givenName", ""), "familyName": found["names"][0]["familyName"]}]
        body = {"names": names, "memberships": [_member(CONTACTS), _member(folder)]}
        return self._people.createContact(body=body, personFields="metadata").execute()["resourceName"]

    def delete_contact(self, item: str, *, for_good: bool = False) -> None:
        self._people.deleteContact(resourceName=item).execute()

    def create_folder(self, name: str, parent: str | None = None) -> str:
        return self._groups.create(body={"contactGroup": {"name": name}}).execute()["resourceName"]

    def rename_folder(self, folder: str, name: str) -> None:
        self._groups.update(resourceName=folder, body={"contactGroup": {"name": name}}).execute()

    def move_folder(self, folder: str, parent: str | None = None) -> None:
        raise NotImplementedError("labels are not nested")

    def delete_folder(self, folder: str, *, for_good: bool = False) -> None:
        self._groups.delete(resourceName=folder).execute()

    def _get(self, item: str) -> dict[str, Any]:
        return self._people.get(resourceName=item, personFields=_FIELDS).execute()

    def _update(self, found: Mapping[str, Any], field: str, entries: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
        body = {"etag": found["etag"], "metadata": found["metadata"], field: list(entries)}
        request = self._people.updateContact(
            resourceName=found["resourceName"], updatePersonFields=field, personFields="metadata", body=body
        )
        return request.execute()


def _member(group: str) -> dict[str, Any]:
    return {"contactGroupMembership": {"contactGroupResourceName": group}}


def _groups_of(person: Mapping[str, Any]) -> list[str]:
    return [m["contactGroupMembership"]["contactGroupResourceName"] for m in person["memberships"]]


def _fill(card: Card, folder: str | None) -> dict[str, Any]:
    emails = [{"value": card.email, "type": "work"}] if card.email else []
    phones = [{"value": card.phone, "type": "work"}] if card.phone else []
    homes: list[dict[str, str]] = []
    more: dict[str, Any] = {}
    if card.rich:
        emails += [{"value": "two@x.example", "type": "home"}, {"value": "three@x.example", "type": "other"}]
        phones += [{"value": "3", "type": "pager"}, {"value": "4", "type": "Car"}]
        homes = [{"type": "home", "streetAddress": "1 Home St", "city": "Home"}]
        more = {
            "nicknames": [{"value": "Richie"}],
            "biographies": [{"value": "a long note", "contentType": "TEXT_PLAIN"}],
            "userDefined": [{"key": "shoe size", "value": "44"}],
            "relations": [{"person": "Sam", "type": "spouse"}],
            "imClients": [{"username": "richie", "protocol": "jabber"}],
            "events": [{"type": "anniversary", "date": {"year": 2001, "month": 2, "day": 3}}],
        }
    return {
        "names": [{"familyName": card.surname, "givenName": card.given_name}],
        "emailAddresses": emails,
        "phoneNumbers": phones,
        "addresses": [*homes, *([{"type": "work", "streetAddress": card.street}] if card.street else [])],
        "memberships": [_member(g) for g in (CONTACTS, *((folder,) if folder else ()))],
        **more,
    }


@contextmanager
def open_place(name: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Place]:
    """A mailbox of the sandbox whose label has `name`."""
    monkeypatch.setattr(labels, "FOLDER", name)
    with running_sandbox(WORLD) as box:
        login = GoogleLogin(box.url, FixedBearer("sandbox-bob"))
        yield Place(
            GooglePerson(log_in(box.url), name),
            lambda: open_google(login, load("google"), patience=PATIENCE),
            FIGURES,
        )
