"""Ann at Outlook: the words of the scenarios on Exchange, with exchangelib."""

from collections.abc import Mapping, Sequence
from typing import Any

from exchangelib.indexed_properties import EmailAddress, PhoneNumber, PhysicalAddress
from exchangelib.items import Contact

from mailsync.mailbox.exchange.adapter import CAPABILITIES
from mailsync.ports.mailbox import Capabilities
from tests.crash.places import Place
from tests.e2e.people import FOLDER, MailboxPerson

PLAIN = {
    "FirstName": "given_name",
    "LastName": "surname",
    "Title": "job_title",
    "Department": "department",
    "Company": "company_name",
    "AssistantName": "assistant_name",
}
PHONES = {"Phone": "BusinessPhone", "MobilePhone": "MobilePhone"}
SHOWN = ("FirstName", "LastName")


class ExchangePerson:
    """A person in an Exchange mailbox."""

    user = "ann"
    can: Capabilities = CAPABILITIES

    def __init__(self, url: str) -> None:
        self._url = url
        self._own = MailboxPerson.log_in(url, "ann@acme.example")

    def settings(self) -> str:
        return (
            '[users.ann]\nsalesforce_token = "sandbox-ann"\nmailbox = "exchange"\naddress = "ann@acme.example"\n'
            f'[users.ann.exchange]\nurl = "{self._url}/EWS/Exchange.asmx"\nusername = "ann@acme.example"\n'
            'password = "sandbox"\nauth = "basic"\n'
        )

    def create(self, name: str, place: Place = Place.FOLDER, **values: str) -> None:
        given, _, family = name.partition(" ")
        values = {"FirstName": given, "LastName": family} | values
        Contact(folder=self._folder(place), display_name=name, **self._fields(Contact(), values)).save()

    def edit(self, name: str, place: Place = Place.FOLDER, **values: str) -> None:
        contact = self._own.get(name, self._folder(place))
        fields = self._fields(contact, values)
        if set(SHOWN) & set(values):
            named = [values.get(n, getattr(contact, PLAIN[n])) for n in SHOWN]
            fields["display_name"] = " ".join(filter(None, named))
        self._own.edit(contact, **fields)

    def values(self, name: str, place: Place = Place.FOLDER) -> Mapping[str, str]:
        contact = self._own.get(name, self._folder(place))
        found = {n: getattr(contact, attribute) for n, attribute in PLAIN.items()}
        found |= {n: _pick(contact.phone_numbers, label, "phone_number") for n, label in PHONES.items()}
        found["Email"] = _pick(contact.email_addresses, "EmailAddress1", "email")
        found["City"] = _pick(contact.physical_addresses, "Business", "city")
        return {n: v for n, v in found.items() if v}

    def names(self, place: Place = Place.FOLDER) -> Sequence[str]:
        return sorted(str(i.display_name) for i in self._own.all_in(self._folder(place)))

    def mark(self, name: str, place: Place = Place.PERSONAL) -> None:
        self._own.mark(self._own.get(name, self._folder(place)))

    def unmark(self, name: str, place: Place = Place.FOLDER) -> None:
        self._own.unmark(self._own.get(name, self._folder(place)))

    def move(self, name: str, source: Place, target: Place) -> None:
        self._own.get(name, self._folder(source)).move(self._folder(target))

    def copy(self, name: str, target: Place) -> None:
        self._own.get(name, self._own.folder).copy(self._folder(target))

    def trash(self, name: str, place: Place = Place.FOLDER) -> None:
        self._own.trash(self._own.get(name, self._folder(place)))

    def delete(self, name: str, place: Place = Place.FOLDER) -> None:
        self._own.get(name, self._folder(place)).delete()

    def seclude(self, name: str, *, private: bool = True) -> None:
        contact = self._own.get(name, self._own.folder)
        self._own.edit(contact, sensitivity="Private" if private else "Normal")

    def make_folder(self) -> None:
        self._own.new_folder(FOLDER)

    def rename_folder(self, name: str) -> None:
        folder = self._own.folder
        folder.name = name
        folder.save(update_fields=["name"])

    def trash_folder(self) -> None:
        self._own.folder.move(self._own.account.trash)

    def delete_folder(self) -> None:
        self._own.folder.delete()

    def lose_cursor(self) -> Mapping[str, Any]:
        return {"vendor": "exchange", "operation": "SyncFolderItems", "kind": "invalid_sync_state"}

    @staticmethod
    def other_ids(url: str, ids: Sequence[str]) -> Mapping[str, str]:
        return {}

    def close(self) -> None:
        """Closes the connections."""
        self._own.account.protocol.close()

    def _folder(self, place: Place) -> Any:
        match place:
            case Place.FOLDER:
                return self._own.folder
            case Place.PERSONAL:
                return self._own.contacts
            case Place.BIN:
                return self._own.account.trash
            case Place.BELOW:
                folder = self._own.folder
                return next((f for f in folder.children), None) or self._own.new_folder("Berlin", folder)

    def _fields(self, contact: Contact, values: Mapping[str, str]) -> dict[str, Any]:
        """exchangelib's attributes for values; indexed ones keep their other entries."""
        fields: dict[str, Any] = {PLAIN[n]: v or None for n, v in values.items() if n in PLAIN}
        phones = {PHONES[n]: v for n, v in values.items() if n in PHONES}
        if phones:
            rest = [p for p in contact.phone_numbers or [] if p.label not in phones]
            fields["phone_numbers"] = [*rest, *(PhoneNumber(label=n, phone_number=v) for n, v in phones.items() if v)]
        if "Email" in values:
            rest = [e for e in contact.email_addresses or [] if e.label != "EmailAddress1"]
            mine = [EmailAddress(label="EmailAddress1", email=values["Email"])] if values["Email"] else []
            fields["email_addresses"] = [*rest, *mine]
        if "City" in values:
            fields["physical_addresses"] = [PhysicalAddress(label="Business", city=values["City"])]
        assert not set(values) - {*PLAIN, *PHONES, "Email", "City"}, values
        return fields


def _pick(entries: Any, label: str, attribute: str) -> str:
    return next((str(getattr(e, attribute) or "") for e in entries or [] if e.label == label), "")
