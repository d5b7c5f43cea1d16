"""A person's doings in a mailbox of Microsoft 365 by Graph's plain requests, written from its documents; what no API
does (dragging in Outlook) is an act of the sandbox.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import requests

from tests.contract.mailbox.port.vocabulary import Card, Names

LIMIT = 10.0  # seconds
OWN_SET = "{6b1f0c9e-52a4-4d0b-9f0e-3c7d5a8e2f41}"
OWN = tuple(f"String {OWN_SET} Name {name}" for name in ("SalesforceId", "CorrelationKey"))
PAGER = "String 0x3A21"
SENSITIVITY = "Integer 0x36"
_MAPPED = frozenset(
    {
        *("givenName", "middleName", "surname", "generation", "title", "jobTitle", "department", "companyName"),
        *("mobilePhone", "assistantName", "businessAddress", "otherAddress", "birthday", "businessHomePage"),
        *("categories", "id", "changeKey", "lastModifiedDateTime", "createdDateTime", "parentFolderId"),
        *("primaryEmailAddress", "fileAs"),
    }
)
_ARRAYS = ("emailAddresses", "businessPhones", "homePhones")


class GraphPerson:
    """A person at Graph. Items have their immutable ids."""

    def __init__(self, url: str, user: str) -> None:
        self.url = url
        self.user = user

    def ask(self, method: str, path: str, body: Mapping[str, Any] | None = None, **headers: str) -> Any:
        """The JSON that a request is answered with, None for none; fails unless Graph carries it out."""
        whole = {"Authorization": f"Bearer sandbox-{self.user}", "Prefer": 'IdType="ImmutableId"', **headers}
        url = path if path.startswith("http") else f"{self.url}/v1.0/me{path}"
        answer = requests.request(method, url, json=body, headers=whole, timeout=LIMIT)
        assert answer.ok, f"{method} {path}: {answer.status_code} {answer.text}"
        return answer.json() if answer.content else None

    def act(self, op: str, as_user: str | None = None, **details: Any) -> Any:
        """An act of the sandbox."""
        body = {"as": as_user or self.user, "op": op, **details}
        answer = requests.post(f"{self.url}/sandbox/act", json=body, timeout=LIMIT)
        assert answer.ok, answer.text
        return answer.json()

    def get_contact(self, item: str, *extended: str) -> Any:
        """A contact with all of its properties, and these extended ones."""
        wanted = " or ".join(f"id eq '{e}'" for e in extended)
        query = f"?$expand=singleValueExtendedProperties($filter={wanted})" if wanted else ""
        return self.ask("GET", f"/contacts/{item}{query}")

    def list_contacts(self, folder: str = "contacts") -> list[Any]:
        """All contacts of a folder."""
        found: list[Any] = []
        path = f"/contactFolders/{folder}/contacts?$top=500"
        while path:
            page = self.ask("GET", path)
            found += page["value"]
            path = page.get("@odata.nextLink", "")
        return found

    def create_contact(self, card: Card, folder: str | None = None) -> str:
        return self.create(write_card(card), folder)

    def create(self, body: Mapping[str, Any], folder: str | None = None) -> str:
        """Creates a contact; its id."""
        return self.ask("POST", f"/contactFolders/{folder or 'contacts'}/contacts", body)["id"]

    def create_contacts(self, cards: Sequence[Card], folder: str | None = None) -> list[str]:
        return [self.create_contact(card, folder) for card in cards]

    def create_list(self, name: str, folder: str) -> str:
        raise AssertionError("Graph knows no distribution lists")

    def names_of(self, item: str) -> Names:
        found = self.get_contact(item)
        (address,) = found["emailAddresses"]
        return Names(
            found["displayName"], found["fileAs"], address["address"], address["name"], tuple(found["categories"])
        )

    def unmapped(self, item: str) -> Mapping[str, object]:
        found = self.get_contact(item, PAGER)
        rest = {a: found[a][1:] for a in _ARRAYS}
        plain = {n: v for n, v in found.items() if n not in _MAPPED and n not in _ARRAYS and "@" not in n}
        return {**plain, **rest}

    def edit_contact(self, item: str, **fields: Any) -> None:
        """Changes properties by Graph's names."""
        self.ask("PATCH", f"/contacts/{item}", fields)

    def rename_contact(self, item: str, given_name: str) -> None:
        self.edit_contact(item, givenName=given_name)

    def categorise_contact(self, item: str, *categories: str) -> None:
        self.edit_contact(item, categories=list(categories))

    def put_photo(self, item: str) -> None:
        """Gives a contact a photo."""
        headers = {"Authorization": f"Bearer sandbox-{self.user}", "Content-Type": "image/jpeg"}
        url = f"{self.url}/v1.0/me/contacts/{item}/photo/$value"
        answer = requests.put(url, data=b"\xff\xd8\xff\xe0photo", headers=headers, timeout=LIMIT)
        assert answer.ok, answer.text

    def move_contact(self, item: str, folder: str | None = None) -> str:
        self.act("move_contact", item=item, folder=folder or "contacts")
        return item

    def copy_contact(self, item: str, folder: str) -> str:
        found = self.get_contact(item, *OWN)
        extended = found.get("singleValueExtendedProperties", [])
        names = ("givenName", "surname", "displayName", "categories", "emailAddresses")
        plain = {n: found[n] for n in names if found.get(n)}
        return self.create({**plain, "singleValueExtendedProperties": extended}, folder)

    def delete_contact(self, item: str, *, for_good: bool = False) -> None:
        if for_good:
            self.ask("POST", f"/contacts/{item}/permanentDelete")
        else:
            self.ask("DELETE", f"/contacts/{item}")

    def create_folder(self, name: str, parent: str | None = None) -> str:
        path = f"/contactFolders/{parent}/childFolders" if parent else "/contactFolders"
        return self.ask("POST", path, {"displayName": name})["id"]

    def rename_folder(self, folder: str, name: str) -> None:
        self.ask("PATCH", f"/contactFolders/{folder}", {"displayName": name})

    def move_folder(self, folder: str, parent: str | None = None) -> None:
        self.act("move_folder", folder=folder, parent=parent or "contacts")

    def delete_folder(self, folder: str, *, for_good: bool = False) -> None:
        if for_good:
            self.ask("POST", f"/contactFolders/{folder}/permanentDelete")
        else:
            self.ask("DELETE", f"/contactFolders/{folder}")


def write_card(card: Card) -> dict[str, Any]:
    """A card as Graph's JSON."""
    emails = [card.email] if card.email else []
    emails += ["two@x.example", "three@x.example"] if card.rich else []
    body: dict[str, Any] = {
        "surname": card.surname or None,
        "givenName": card.given_name or None,
        "displayName": f"{card.given_name} {card.surname}".strip() or "Nobody",
        "emailAddresses": [{"address": e, "name": e.partition("@")[0]} for e in emails],
        "businessPhones": [card.phone] if card.phone else [],
        "categories": list(card.categories),
    }
    if card.street:
        body["businessAddress"] = {"street": card.street}
    extended = [{"id": SENSITIVITY, "value": "2"}] if card.private else []
    if card.rich:
        body |= {
            "homePhones": ["5", "6"],
            "homeAddress": {"street": "1 Home St", "city": "Home"},
            "nickName": "Richie",
            "spouseName": "Sam",
            "personalNotes": "a long note",
            "imAddresses": ["sip:rich@x.example"],
            "children": ["Kit"],
            "manager": "Max",
            "profession": "Smith",
        }
        extended.append({"id": PAGER, "value": "3"})
    return {**body, "singleValueExtendedProperties": extended} if extended else body
