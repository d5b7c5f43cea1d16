"""Cem at Microsoft 365: the words of the scenarios by plain requests; dragging is an act of the sandbox."""

from collections.abc import Mapping, Sequence
from typing import Any

from mailsync.mailbox.microsoft.adapter import CAPABILITIES
from mailsync.ports.mailbox import Capabilities
from tests.contract.mailbox.port.graph import SENSITIVITY, GraphPerson
from tests.crash.places import Place
from tests.e2e.people import CATEGORY, FOLDER

PLAIN = {
    "FirstName": "givenName",
    "LastName": "surname",
    "Title": "jobTitle",
    "Department": "department",
    "Company": "companyName",
    "AssistantName": "assistantName",
    "MobilePhone": "mobilePhone",
}
SHOWN = ("FirstName", "LastName")


class MicrosoftPerson:
    """A person in a mailbox of Microsoft 365."""

    user = "cem"
    can: Capabilities = CAPABILITIES

    def __init__(self, url: str) -> None:
        self._url = url
        self._own = GraphPerson(url, "cem")

    def settings(self) -> str:
        return (
            '[users.cem]\nsalesforce_token = "sandbox-cem"\nmailbox = "microsoft"\naddress = "cem@acme.example"\n'
            f'[users.cem.microsoft]\nurl = "{self._url}"\ntoken = "sandbox-cem"\n'
        )

    def create(self, name: str, place: Place = Place.FOLDER, **values: str) -> None:
        given, _, family = name.partition(" ")
        values = {"FirstName": given, "LastName": family} | values
        self._own.create({"displayName": name} | write_fields({}, values), self._folder(place))

    def edit(self, name: str, place: Place = Place.FOLDER, **values: str) -> None:
        contact = self._get(name, place)
        fields = write_fields(contact, values)
        if set(SHOWN) & set(values):
            named = [values.get(n, contact[PLAIN[n]]) for n in SHOWN]
            fields["displayName"] = " ".join(filter(None, named))
        self._own.edit_contact(contact["id"], **fields)

    def values(self, name: str, place: Place = Place.FOLDER) -> Mapping[str, str]:
        contact = self._get(name, place)
        found = {n: contact[p] for n, p in PLAIN.items()}
        found["Phone"] = next(iter(contact["businessPhones"]), "")
        found["Email"] = next((e["address"] for e in contact["emailAddresses"]), "")
        found["City"] = (contact["businessAddress"] or {}).get("city", "")
        return {n: v for n, v in found.items() if v}

    def names(self, place: Place = Place.FOLDER) -> Sequence[str]:
        return sorted(str(c["displayName"]) for c in self._own.list_contacts(self._folder(place)))

    def mark(self, name: str, place: Place = Place.PERSONAL) -> None:
        contact = self._get(name, place)
        self._own.categorise_contact(contact["id"], *contact["categories"], CATEGORY)

    def unmark(self, name: str, place: Place = Place.FOLDER) -> None:
        contact = self._get(name, place)
        self._own.categorise_contact(contact["id"], *(c for c in contact["categories"] if c != CATEGORY))

    def move(self, name: str, source: Place, target: Place) -> None:
        self._own.move_contact(self._get(name, source)["id"], self._folder(target))

    def copy(self, name: str, target: Place) -> None:
        self._own.copy_contact(self._get(name, Place.FOLDER)["id"], self._folder(target))

    def trash(self, name: str, place: Place = Place.FOLDER) -> None:
        self._own.delete_contact(self._get(name, place)["id"])

    def delete(self, name: str, place: Place = Place.FOLDER) -> None:
        self._own.delete_contact(self._get(name, place)["id"], for_good=True)

    def seclude(self, name: str, *, private: bool = True) -> None:
        value = [{"id": SENSITIVITY, "value": "2" if private else "0"}]
        self._own.edit_contact(self._get(name, Place.FOLDER)["id"], singleValueExtendedProperties=value)

    def make_folder(self) -> None:
        self._own.create_folder(FOLDER)

    def rename_folder(self, name: str) -> None:
        self._own.rename_folder(self._folder(Place.FOLDER), name)

    def trash_folder(self) -> None:
        self._own.delete_folder(self._folder(Place.FOLDER))

    def delete_folder(self) -> None:
        self._own.delete_folder(self._folder(Place.FOLDER), for_good=True)

    def lose_cursor(self) -> Mapping[str, Any]:
        return {"vendor": "microsoft", "operation": "changes", "kind": "expire_cursor", "times": 1}

    @staticmethod
    def other_ids(url: str, ids: Sequence[str]) -> Mapping[str, str]:
        """The immutable ids of what the world names by EWS ids."""
        items = [i for i in ids if len(i) > len("AAMk") and i.startswith("AAMk")]
        body = {"inputIds": items, "sourceIdType": "ewsId", "targetIdType": "restImmutableEntryId"}
        told = GraphPerson(url, "cem").ask("POST", "/translateExchangeIds", body)["value"] if items else []
        return {t["sourceId"]: t["targetId"] for t in told if t.get("targetId")}

    def _folder(self, place: Place) -> str:
        match place:
            case Place.FOLDER:
                query = f"/contactFolders?$filter=displayName eq '{FOLDER}'"
                return str(self._own.ask("GET", query)["value"][0]["id"])
            case Place.PERSONAL:
                return "contacts"
            case Place.BIN:
                return "deleteditems"
            case Place.BELOW:
                folder = self._folder(Place.FOLDER)
                below = self._own.ask("GET", f"/contactFolders/{folder}/childFolders")["value"]
                return str(below[0]["id"]) if below else self._own.create_folder("Berlin", folder)

    def _get(self, name: str, place: Place) -> Mapping[str, Any]:
        found = [c for c in self._own.list_contacts(self._folder(place)) if c["displayName"] == name]
        assert len(found) == 1, f"{len(found)} contacts named {name}"
        return found[0]


def write_fields(contact: Mapping[str, Any], values: Mapping[str, str]) -> dict[str, Any]:
    """Graph's properties for values; arrays keep their other entries."""
    assert not set(values) - {*PLAIN, "Phone", "Email", "City"}, values
    fields: dict[str, Any] = {PLAIN[n]: v or None for n, v in values.items() if n in PLAIN}
    if "Phone" in values:
        rest = list(contact.get("businessPhones", ()))[1:]
        fields["businessPhones"] = [*([values["Phone"]] if values["Phone"] else []), *rest]
    if "Email" in values:
        rest = list(contact.get("emailAddresses", ()))[1:]
        mine = [{"address": values["Email"], "name": values["Email"]}] if values["Email"] else []
        fields["emailAddresses"] = [*mine, *rest]
    if "City" in values:
        fields["businessAddress"] = {**(contact.get("businessAddress") or {}), "city": values["City"]}
    return fields
