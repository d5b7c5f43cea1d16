"""People at their own programs with a contact that has everything filled in, for `test_round_trip.py`."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from exchangelib import ExtendedProperty
from exchangelib.indexed_properties import EmailAddress, PhoneNumber, PhysicalAddress
from exchangelib.items import Contact

from tests.contract.mailbox.port.graph import GraphPerson
from tests.e2e.gmail import GmailPerson
from tests.e2e.people import FOLDER, MailboxPerson

USERS = {"exchange": "ann", "google": "bob", "microsoft": "cem"}
STREETS = ("Street", "City", "State", "PostalCode", "Country")
FULL: Mapping[str, Any] = {
    "FirstName": "Zoë",
    "MiddleName": "Ana-María",
    "LastName": "Quiñones 山田",
    "Suffix": "Jr.",
    "Salutation": "Dr.",
    "Title": "Head of R&D <Rockets>",
    "Department": "R&D",
    "Company": "Acme Rockets",
    "Email": "Zoe.Quinones@x.example",
    "Phone": "+1 415 555 0101",
    "MobilePhone": "+1 415 555 0102",
    "HomePhone": "+1 415 555 0103",
    "OtherPhone": "+1 415 555 0104",
    "Fax": "+1 415 555 0105",
    "AssistantPhone": "+1 415 555 0106",
    "AssistantName": "Al O'Neill",
    "MailingAddress": ("1 Main St\nFloor 2", "San Francisco", "CA", "94105", "United States"),
    "OtherAddress": ("Hauptstraße 5", "Köln", "NRW", "50667", "Germany"),
    "Birthdate": date(1980, 2, 29),
}
"""Every mapped field that flows, by the names of the tables. `Description` is off in all of them."""
NOT_HELD: Mapping[str, Mapping[str, str]] = {"exchange": {}, "google": {}, "microsoft": {}}
"""The fields that a kind of mailbox has not, with its reason: there are none by now."""


class Prefix(ExtendedProperty):
    property_tag = 0x3A45  # PidTagDisplayNamePrefix, which EWS has no name for
    property_type = "String"


if "name_prefix" not in [f.name for f in Contact.FIELDS]:
    Contact.register("name_prefix", Prefix)


class Ann:
    """At Outlook."""

    PLAIN: Mapping[str, str] = {
        "FirstName": "given_name",
        "MiddleName": "middle_name",
        "LastName": "surname",
        "Suffix": "generation",
        "Title": "job_title",
        "Department": "department",
        "Company": "company_name",
        "AssistantName": "assistant_name",
        "Salutation": "name_prefix",
    }
    PHONES: Mapping[str, str] = {
        "Phone": "BusinessPhone",
        "MobilePhone": "MobilePhone",
        "HomePhone": "HomePhone",
        "OtherPhone": "OtherTelephone",
        "Fax": "BusinessFax",
        "AssistantPhone": "AssistantPhone",
    }
    PARTS = ("street", "city", "state", "zipcode", "country")

    def __init__(self, url: str) -> None:
        self._own = MailboxPerson.log_in(url, "ann@acme.example")

    def create(self) -> str:
        addresses = {"Business": "MailingAddress", "Other": "OtherAddress"}
        contact = Contact(
            folder=self._own.folder,
            display_name="Zoë Quiñones",
            **{attribute: FULL[n] for n, attribute in self.PLAIN.items()},
            birthday=FULL["Birthdate"],
            email_addresses=[
                EmailAddress(label="EmailAddress1", email=FULL["Email"]),
                EmailAddress(label="EmailAddress2", email="second@x.example"),
            ],
            phone_numbers=[
                *(PhoneNumber(label=label, phone_number=FULL[n]) for n, label in self.PHONES.items()),
                PhoneNumber(label="Pager", phone_number="3"),
            ],
            physical_addresses=[
                *(
                    PhysicalAddress(label=label, **dict(zip(self.PARTS, FULL[n], strict=True)))
                    for label, n in addresses.items()
                ),
                PhysicalAddress(label="Home", street="1 Home St", city="Home"),
            ],
            nickname="Zed",
            spouse_name="Sam",
            children=["Kit"],
            manager="Max",
            profession="Smith",
            body="a long note\r\nof two lines",
        )
        return str(contact.save().id)

    def values(self) -> Mapping[str, Any]:
        (found,) = self._own.account.fetch(ids=self._own.all_in())
        values = {n: getattr(found, attribute) for n, attribute in self.PLAIN.items()}
        numbers = {p.label: p.phone_number for p in found.phone_numbers}
        places = {p.label: tuple(getattr(p, part) for part in self.PARTS) for p in found.physical_addresses}
        return {
            **values,
            **{n: numbers.get(label) for n, label in self.PHONES.items()},
            "Email": next(e.email for e in found.email_addresses if e.label == "EmailAddress1"),
            "MailingAddress": places["Business"],
            "OtherAddress": places["Other"],
            "Birthdate": date(found.birthday.year, found.birthday.month, found.birthday.day),
        }

    def rest(self, world: Mapping[str, Any]) -> Any:
        return _rest_at_exchange(world["exchange"])


class Bob:
    """At Gmail."""

    NAMES: Mapping[str, str] = {
        "FirstName": "givenName",
        "MiddleName": "middleName",
        "LastName": "familyName",
        "Suffix": "honorificSuffix",
        "Salutation": "honorificPrefix",
    }
    JOB: Mapping[str, str] = {"Title": "title", "Department": "department", "Company": "name"}
    PHONES: Mapping[str, str] = {
        "Phone": "work",
        "MobilePhone": "mobile",
        "HomePhone": "home",
        "OtherPhone": "other",
        "Fax": "workFax",
        "AssistantPhone": "Assistant",
    }
    PARTS = ("streetAddress", "city", "region", "postalCode", "country")
    PLACES: Mapping[str, str] = {"MailingAddress": "work", "OtherAddress": "other"}

    def __init__(self, url: str) -> None:
        self._own = GmailPerson.log_in(url, "bob")

    def create(self) -> str:
        born: date = FULL["Birthdate"]
        return self._own.create(
            "",
            "",
            self._own.label(),
            names=[{part: FULL[n] for n, part in self.NAMES.items()}],
            organizations=[{part: FULL[n] for n, part in self.JOB.items()}],
            emailAddresses=[{"value": FULL["Email"], "type": "work"}, {"value": "second@x.example", "type": "home"}],
            phoneNumbers=[
                *({"value": FULL[n], "type": kind} for n, kind in self.PHONES.items()),
                {"value": "3", "type": "pager"},
            ],
            addresses=[
                *({"type": kind, **dict(zip(self.PARTS, FULL[n], strict=True))} for n, kind in self.PLACES.items()),
                {"type": "home", "streetAddress": "1 Home St", "city": "Home"},
            ],
            relations=[{"person": FULL["AssistantName"], "type": "assistant"}, {"person": "Sam", "type": "spouse"}],
            birthdays=[{"date": {"year": born.year, "month": born.month, "day": born.day}}],
            nicknames=[{"value": "Zed"}],
            biographies=[{"value": "a long note\nof two lines", "contentType": "TEXT_PLAIN"}],
            userDefined=[{"key": "shoe size", "value": "44"}],
            imClients=[{"username": "zed", "protocol": "jabber"}],
            events=[{"type": "anniversary", "date": {"year": 2001, "month": 2, "day": 3}}],
        )

    def values(self) -> Mapping[str, Any]:
        (found,) = self._own.contacts(self._own.label())
        numbers = {p["type"]: p["value"] for p in found["phoneNumbers"]}
        places = {a["type"]: tuple(a.get(part) for part in self.PARTS) for a in found["addresses"]}
        born = found["birthdays"][0]["date"]
        return {
            **{n: found["names"][0].get(part) for n, part in self.NAMES.items()},
            **{n: found["organizations"][0].get(part) for n, part in self.JOB.items()},
            **{n: numbers.get(kind) for n, kind in self.PHONES.items()},
            **{n: places.get(kind) for n, kind in self.PLACES.items()},
            "AssistantName": next(r["person"] for r in found["relations"] if r["type"] == "assistant"),
            "Email": found["emailAddresses"][0]["value"],
            "Birthdate": date(born["year"], born["month"], born["day"]),
        }

    def rest(self, world: Mapping[str, Any]) -> Any:
        """As Google shows it: what the store holds is its own affair (addresses get a formattedValue by themselves)."""
        (contact,) = self._own.contacts(self._own.label())
        mapped = {"names", "organizations", "birthdays", "clientData", "urls", "memberships", "etag", "metadata"}
        shown = {k: v for k, v in contact.items() if k not in mapped}
        for entries in (v for v in shown.values() if isinstance(v, list)):
            for entry in entries:
                entry.pop("metadata", None)
        held = {"phoneNumbers": {*self.PHONES.values()}, "addresses": {*self.PLACES.values()}}
        held |= {"relations": {"assistant"}, "emailAddresses": {"work"}}
        return shown | {f: [e for e in shown.get(f, []) if e.get("type") not in kinds] for f, kinds in held.items()}


class Cem:
    """At Microsoft 365."""

    PLAIN: Mapping[str, str] = {
        "FirstName": "givenName",
        "MiddleName": "middleName",
        "LastName": "surname",
        "Suffix": "generation",
        "Salutation": "title",
        "Title": "jobTitle",
        "Department": "department",
        "Company": "companyName",
        "MobilePhone": "mobilePhone",
        "AssistantName": "assistantName",
    }
    TAGS: Mapping[str, str] = {
        "OtherPhone": "String 0x3A1F",
        "Fax": "String 0x3A24",
        "AssistantPhone": "String 0x3A2E",
    }
    PARTS = ("street", "city", "state", "postalCode", "countryOrRegion")
    PLACES: Mapping[str, str] = {"MailingAddress": "businessAddress", "OtherAddress": "otherAddress"}

    def __init__(self, url: str) -> None:
        self._own = GraphPerson(url, "cem")

    def create(self) -> str:
        pager = {"id": "String 0x3A21", "value": "3"}
        body = {
            **{prop: FULL[n] for n, prop in self.PLAIN.items()},
            **{prop: dict(zip(self.PARTS, FULL[n], strict=True)) for n, prop in self.PLACES.items()},
            "displayName": "Zoë Quiñones",
            "emailAddresses": [
                {"address": FULL["Email"], "name": "Zoë"},
                {"address": "second@x.example", "name": "Two"},
            ],
            "businessPhones": [FULL["Phone"], "8"],
            "homePhones": [FULL["HomePhone"], "9"],
            "birthday": f"{FULL['Birthdate'].isoformat()}T11:59:00Z",
            "homeAddress": {"street": "1 Home St", "city": "Home"},
            "nickName": "Zed",
            "spouseName": "Sam",
            "personalNotes": "a long note\r\nof two lines",
            "imAddresses": ["sip:zed@x.example"],
            "children": ["Kit"],
            "manager": "Max",
            "profession": "Smith",
            "singleValueExtendedProperties": [*({"id": t, "value": FULL[n]} for n, t in self.TAGS.items()), pager],
        }
        return self._own.create(body, self._folder)

    @property
    def _folder(self) -> str:
        return self._own.ask("GET", f"/contactFolders?$filter=displayName eq '{FOLDER}'")["value"][0]["id"]

    def values(self) -> Mapping[str, Any]:
        (shown,) = self._own.list_contacts(self._folder)
        found = self._own.get_contact(shown["id"], *self.TAGS.values())
        extended = {e["id"].lower(): e["value"] for e in found["singleValueExtendedProperties"]}
        return {
            **{n: found[prop] for n, prop in self.PLAIN.items()},
            **{n: extended.get(tag.lower()) for n, tag in self.TAGS.items()},
            **{n: tuple(found[prop].get(part) for part in self.PARTS) for n, prop in self.PLACES.items()},
            "Email": found["emailAddresses"][0]["address"],
            "Phone": found["businessPhones"][0],
            "HomePhone": found["homePhones"][0],
            "Birthdate": date.fromisoformat(found["birthday"][:10]),
        }

    def rest(self, world: Mapping[str, Any]) -> Any:
        return _rest_at_exchange(world["microsoft"])


_OWN = ("{6b1f0c9e-52a4-4d0b-9f0e-3c7d5a8e2f41}",)
_PASSING = frozenset({"Id", "ChangeKey", "FolderId", "LastModifiedTime", "Categories", "BusinessHomePage", "FileAs"})
_MARKS = frozenset({"FileAsMapping", "DisplayName"})


def _rest_at_exchange(vendor: Mapping[str, Any]) -> Any:
    """The item as the store holds it: all of it, the agent's own properties, marks and names of A22 left out."""
    (box,) = vendor["mailboxes"]
    (item,) = next(f for f in box["folders"] if f["name"] == FOLDER)["items"]
    shown = {k: v for k, v in item.items() if k not in _PASSING | _MARKS}
    extended = {k: v for k, v in item.get("ExtendedProperties", {}).items() if not k.startswith(_OWN)}
    return shown | {"ExtendedProperties": extended}


PEOPLE: Mapping[str, Callable[[str], Any]] = {"exchange": Ann, "google": Bob, "microsoft": Cem}
