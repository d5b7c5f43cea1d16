"""People at their own programs: at Outlook (exchangelib), and in the organisation (simple-salesforce)."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import requests
from exchangelib import DELEGATE, Account, Build, Configuration, Credentials, EWSTimeZone, ExtendedProperty, Version
from exchangelib.folders import Contacts
from exchangelib.indexed_properties import EmailAddress, PhoneNumber, PhysicalAddress
from exchangelib.items import Contact, DistributionList
from requests import PreparedRequest, Response, Session
from requests.adapters import HTTPAdapter
from simple_salesforce.api import Salesforce as Client
from simple_salesforce.exceptions import SalesforceError as SalesforceError

FOLDER = "Salesforce Contacts"
CATEGORY = "Salesforce"


class SalesforceId(ExtendedProperty):
    property_set_id = "6b1f0c9e-52a4-4d0b-9f0e-3c7d5a8e2f41"
    property_name = "SalesforceId"
    property_type = "String"


for kind in (Contact, DistributionList):
    if "sf_id" not in [f.name for f in kind.FIELDS]:
        kind.register("sf_id", SalesforceId)


@dataclass
class MailboxPerson:
    """A person in the own mailbox. Contacts are found by display name; fields have exchangelib's names."""

    account: Account

    @classmethod
    def log_in(cls, url: str, address: str, password: str = "sandbox") -> "MailboxPerson":
        config = Configuration(
            service_endpoint=f"{url}/EWS/Exchange.asmx",
            credentials=Credentials(address, password),
            auth_type="basic",
            version=Version(Build(15, 2, 1748, 10)),
        )
        zone = EWSTimeZone("UTC")
        return cls(Account(address, config=config, access_type=DELEGATE, default_timezone=zone, locale="en_US"))

    @property
    def contacts(self) -> Contacts:
        """The default Contacts folder."""
        return self.account.contacts

    @property
    def folder(self) -> Contacts:
        """The synced folder, found by its name now."""
        return self.folder_named(FOLDER)

    def folder_named(self, name: str, parent: Any = None) -> Contacts:
        self.account.root.clear_cache()
        return (parent or self.contacts) / name

    def new_folder(self, name: str, parent: Any = None) -> Contacts:
        folder = Contacts(parent=parent or self.contacts, name=name)
        return folder.save()

    def create(
        self,
        folder: Any,
        given: str = "",
        family: str = "",
        *,
        email: str = "",
        phones: dict[str, str] | None = None,
        business: dict[str, str] | None = None,
        **fields: Any,
    ) -> Contact:
        """A new contact in a folder."""
        shown = fields.pop("display_name", f"{given} {family}".strip() or fields.get("company_name") or email or "-")
        if email:
            fields["email_addresses"] = [EmailAddress(email=email, label="EmailAddress1")]
        if phones:
            fields["phone_numbers"] = [PhoneNumber(label=k, phone_number=v) for k, v in phones.items()]
        if business:
            fields["physical_addresses"] = [PhysicalAddress(label="Business", **business)]
        names = {"given_name": given or None, "surname": family or None}
        return Contact(folder=folder, display_name=shown, **names, **fields).save()

    def all_in(self, folder: Any = None) -> list[Contact]:
        return [i for i in (folder or self.folder).all() if isinstance(i, Contact)]

    def find(self, name: str, folder: Any = None) -> Contact | None:
        """The contact of that display name, whole; None if there is none; AssertionError if there are several."""
        found = [i for i in self.all_in(folder) if i.display_name == name]
        assert len(found) < 2, f"{len(found)} contacts named {name}"
        return next(iter(self.account.fetch(ids=found))) if found else None

    def get(self, name: str, folder: Any = None) -> Contact:
        contact = self.find(name, folder)
        assert contact is not None, f"no contact named {name}"
        return contact

    def edit(self, contact: Contact, **fields: Any) -> Contact:
        for field, value in fields.items():
            setattr(contact, field, value)
        contact.save(update_fields=list(fields))
        return contact

    def set_phone(self, contact: Contact, label: str, number: str) -> Contact:
        rest = [p for p in contact.phone_numbers or [] if p.label != label]
        return self.edit(contact, phone_numbers=[*rest, PhoneNumber(label=label, phone_number=number)])

    def set_email(self, contact: Contact, email: str, label: str = "EmailAddress1") -> Contact:
        rest = [e for e in contact.email_addresses or [] if e.label != label]
        return self.edit(contact, email_addresses=[*rest, EmailAddress(label=label, email=email)])

    def mark(self, contact: Contact, category: str = CATEGORY) -> Contact:
        return self.edit(contact, categories=[*(contact.categories or []), category])

    def unmark(self, contact: Contact, category: str = CATEGORY) -> Contact:
        return self.edit(contact, categories=[c for c in contact.categories or [] if c != category] or None)

    def trash(self, contact: Contact) -> None:
        """Deletes as Outlook does: to Deleted Items."""
        contact.move_to_trash()

    @property
    def trashed(self) -> list[Contact]:
        return [i for i in self.account.trash.all() if isinstance(i, Contact)]


class Loopback(HTTPAdapter):
    """Sends what is meant for https://acme.my.salesforce.com to the sandbox on this machine."""

    def __init__(self, port: int) -> None:
        self._port = port
        super().__init__()

    def send(self, request: PreparedRequest, **options: Any) -> Response:  # type: ignore[override]
        split = urlsplit(str(request.url))
        request.headers["Host"] = split.netloc
        request.url = split._replace(scheme="http", netloc=f"127.0.0.1:{self._port}").geturl()
        return super().send(request, **options | {"timeout": (5, 30)})


@dataclass
class OrgPerson:
    """A person in the organisation, by name: ann, bob, cem or admin."""

    name: str
    url: str
    client: Client

    @classmethod
    def log_in(cls, url: str, name: str) -> "OrgPerson":
        session = Session()
        session.trust_env = False
        session.mount("https://", Loopback(urlsplit(url).port or 80))
        client = Client(
            session_id=f"sandbox-{name}",
            instance_url="https://acme.my.salesforce.com",
            session=session,
            version="68.0",
        )
        return cls(name, url, client)

    def create(self, kind: str = "Contact", **fields: Any) -> str:
        return getattr(self.client, kind).create(fields)["id"]

    def update(self, record: str, kind: str = "Contact", **fields: Any) -> None:
        getattr(self.client, kind).update(record, fields)

    def get(self, record: str, kind: str = "Contact") -> dict[str, Any]:
        return getattr(self.client, kind).get(record)

    def delete(self, record: str, kind: str = "Contact") -> None:
        getattr(self.client, kind).delete(record)

    def query(self, soql: str) -> list[dict[str, Any]]:
        return self.client.query_all(soql)["records"]

    def all(self, *fields: str) -> list[dict[str, Any]]:
        """All contacts that this person sees."""
        wanted = ", ".join(fields or ("Name", "LastName"))
        return self.query(f"SELECT Id, {wanted} FROM Contact ORDER BY Id")  # noqa: S608 - names of fields

    def named(self, last_name: str) -> dict[str, Any] | None:
        """The contact of that last name, whole; None if there is none; AssertionError if there are several."""
        found = [r["Id"] for r in self.all("LastName") if r["LastName"] == last_name]
        assert len(found) < 2, f"{len(found)} records named {last_name}"
        return self.get(found[0]) if found else None

    def merge(self, winner: str, *losers: str) -> None:
        merged = "".join(f"<recordToMergeIds>{loser}</recordToMergeIds>" for loser in losers)
        self._soap(
            "merge",
            f'<request><masterRecord xsi:type="sf:sObject"><sf:type>Contact</sf:type><sf:Id>{winner}</sf:Id>'
            f"</masterRecord>{merged}</request>",
        )

    def undelete(self, record: str) -> None:
        self._soap("undelete", f"<ids>{record}</ids>")

    def _soap(self, action: str, body: str) -> None:
        envelope = (
            '<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" '
            'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
            'xmlns:sf="urn:sobject.partner.soap.sforce.com" xmlns="urn:partner.soap.sforce.com">'
            f"<soapenv:Header><SessionHeader><sessionId>sandbox-{self.name}</sessionId></SessionHeader></soapenv:Header>"
            f"<soapenv:Body><{action}>{body}</{action}></soapenv:Body></soapenv:Envelope>"
        )
        answer = requests.post(
            f"{self.url}/services/Soap/u/68.0",
            data=envelope.encode(),
            headers={"Content-Type": "text/xml", "SOAPAction": action},
            timeout=10,
        )
        assert answer.status_code == 200, answer.text
        assert "<success>true</success>" in answer.text.replace("sf:", ""), answer.text
