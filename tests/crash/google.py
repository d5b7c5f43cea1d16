"""Bob at Gmail: the words of the scenarios at Google, with Google's own client library."""

from collections.abc import Mapping, Sequence
from typing import Any

from mailsync.mailbox.google.adapter import CAPABILITIES
from mailsync.ports.mailbox import Capabilities
from tests.crash.places import Place
from tests.e2e.gmail import GmailPerson, labels_of, typed
from tests.e2e.people import FOLDER

NAMES = {"FirstName": "givenName", "LastName": "familyName"}
JOB = {"Title": "title", "Department": "department", "Company": "name"}
PHONES = {"Phone": "work", "MobilePhone": "mobile"}
SINGLE = {"Email": ("emailAddresses", "work", "value"), "City": ("addresses", "work", "city")}
SINGLE |= {n: ("phoneNumbers", kind, "value") for n, kind in PHONES.items()}
SINGLE |= {"AssistantName": ("relations", "assistant", "person")}


class GooglePerson:
    """A person at Gmail: being in the folder and being marked are one thing, the label."""

    user = "bob"
    can: Capabilities = CAPABILITIES

    def __init__(self, url: str) -> None:
        self._url = url
        self._own = GmailPerson.log_in(url, "bob")
        self._label = ""

    def settings(self) -> str:
        return (
            '[users.bob]\nsalesforce_token = "sandbox-bob"\nmailbox = "google"\naddress = "bob@acme.example"\n'
            f'[users.bob.google]\nurl = "{self._url}"\ntoken = "sandbox-bob"\n'
        )

    def create(self, name: str, place: Place = Place.FOLDER, **values: str) -> None:
        given, _, family = name.partition(" ")
        values = {"FirstName": given, "LastName": family} | values
        labels = [self._folder] if self._is_inside(place) else []
        self._own.create("", "", *labels, **write_fields({}, values))

    def edit(self, name: str, place: Place = Place.FOLDER, **values: str) -> None:
        contact = self._get(name, place)
        self._own.edit(contact, **write_fields(contact, values))

    def values(self, name: str, place: Place = Place.FOLDER) -> Mapping[str, str]:
        contact = self._get(name, place)
        found = {n: _first(contact, "names").get(part) for n, part in NAMES.items()}
        found |= {n: _first(contact, "organizations").get(part) for n, part in JOB.items()}
        found |= {n: next(iter(typed(contact, "phoneNumbers", kind)), "") for n, kind in PHONES.items()}
        for name_, (field, kind, part) in SINGLE.items():
            found[name_] = next((e.get(part) for e in contact.get(field, ()) if e.get("type") == kind), "")
        return {n: v for n, v in found.items() if v}

    def names(self, place: Place = Place.FOLDER) -> Sequence[str]:
        return sorted(_shown(c) for c in self._all(place))

    def mark(self, name: str, place: Place = Place.PERSONAL) -> None:
        self._own.put_on(self._get(name, place)["resourceName"], self._folder)

    def unmark(self, name: str, place: Place = Place.FOLDER) -> None:
        self._own.take_off(self._get(name, place)["resourceName"], self._folder)

    def move(self, name: str, source: Place, target: Place) -> None:
        contact = self._get(name, source)["resourceName"]
        change = self._own.put_on if self._is_inside(target) else self._own.take_off
        change(contact, self._folder)

    def copy(self, name: str, target: Place) -> None:
        raise AssertionError(CAPABILITIES.copies.reason)

    def trash(self, name: str, place: Place = Place.FOLDER) -> None:
        self._own.delete(self._get(name, place)["resourceName"])

    def delete(self, name: str, place: Place = Place.FOLDER) -> None:
        self.trash(name, place)

    def seclude(self, name: str, *, private: bool = True) -> None:
        raise AssertionError(CAPABILITIES.private.reason)

    def make_folder(self) -> None:
        self._label = self._own.new_label(FOLDER)

    def rename_folder(self, name: str) -> None:
        self._own.rename_label(self._folder, name)

    def trash_folder(self) -> None:
        raise AssertionError(CAPABILITIES.folder_trash.reason)

    def delete_folder(self) -> None:
        self._own.delete_label(self._folder)
        self._label = ""

    def lose_cursor(self) -> Mapping[str, Any]:
        return {"vendor": "google", "operation": "connections.list", "kind": "expire_cursor", "times": 1}

    @staticmethod
    def other_ids(url: str, ids: Sequence[str]) -> Mapping[str, str]:
        return {}

    def close(self) -> None:
        """Closes the connections."""
        self._own.service.close()

    @property
    def _folder(self) -> str:
        """The label, by its name now and by its id from then on."""
        self._label = self._label or self._own.label()
        return self._label

    def _is_inside(self, place: Place) -> bool:
        match place:
            case Place.FOLDER:
                return True
            case Place.PERSONAL:
                return False
            case Place.BELOW:
                raise AssertionError(CAPABILITIES.sub_folders.reason)
            case Place.BIN:
                raise AssertionError(CAPABILITIES.trash.reason)

    def _all(self, place: Place) -> list[dict[str, Any]]:
        inside = self._is_inside(place)
        label = self._own.labels.get(FOLDER) if not self._label else self._label
        return [c for c in self._own.contacts() if (label in labels_of(c)) is inside]

    def _get(self, name: str, place: Place) -> dict[str, Any]:
        found = [c for c in self._all(place) if _shown(c) == name]
        assert len(found) == 1, f"{len(found)} contacts named {name}"
        return found[0]


def write_fields(contact: Mapping[str, Any], values: Mapping[str, str]) -> dict[str, list[dict[str, Any]]]:
    """Whole fields of Google's for values; entries of other types stay."""
    assert not set(values) - {*NAMES, *JOB, *SINGLE}, values
    fields: dict[str, list[dict[str, Any]]] = {}
    for field, parts in (("names", NAMES), ("organizations", JOB)):
        mine = {parts[n]: v for n, v in values.items() if n in parts}
        if mine:
            known = {k: v for k, v in _first(contact, field).items() if k in parts.values()}
            kept = {k: v for k, v in (known | mine).items() if v}
            fields[field] = [kept] if kept else []
    for name in set(values) & set(SINGLE):
        field, kind, part = SINGLE[name]
        entries = fields.get(field, [_typed_alone(e) for e in contact.get(field, ())])
        mine = [{"type": kind, part: values[name]}] if values[name] else []
        fields[field] = [*mine, *(e for e in entries if e.get("type") != kind)]
    return fields


def _typed_alone(entry: Mapping[str, Any]) -> dict[str, Any]:
    derived = ("metadata", "formattedType", "formattedValue", "canonicalForm")
    return {k: v for k, v in entry.items() if k not in derived}


def _first(contact: Mapping[str, Any], field: str) -> Mapping[str, Any]:
    return next(iter(contact.get(field, ())), {})


def _shown(contact: Mapping[str, Any]) -> str:
    return str(_first(contact, "names").get("displayName", ""))
