"""Bob at Gmail, with Google's own client library, and the stage of his scenes."""

from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from google.oauth2.credentials import Credentials
from googleapiclient.discovery import build
from googleapiclient.errors import HttpError

from mailsync.sandbox.server import running_sandbox
from tests.e2e.people import FOLDER, OrgPerson
from tests.e2e.stage import Stage

CONTACTS = "contactGroups/myContacts"
ERROR = "Sync Error"
FIELDS = (
    "addresses,biographies,birthdays,clientData,emailAddresses,events,imClients,memberships,metadata,names,nicknames,"
    "organizations,phoneNumbers,relations,urls,userDefined"
)


@dataclass
class GmailPerson:
    """A person at contacts.google.com. Contacts are dicts as Google shows them, found by display name."""

    service: Any

    @classmethod
    def log_in(cls, url: str, name: str) -> "GmailPerson":
        credentials = Credentials(f"sandbox-{name}")
        return cls(build("people", "v1", credentials=credentials, client_options={"api_endpoint": url}))

    @property
    def labels(self) -> dict[str, str]:
        """The person's labels, name by resource name."""
        groups = self.service.contactGroups().list(pageSize=1000).execute()["contactGroups"]
        return {g["name"]: g["resourceName"] for g in groups if g["groupType"] == "USER_CONTACT_GROUP"}

    def label(self, name: str = FOLDER) -> str:
        return self.labels[name]

    def new_label(self, name: str) -> str:
        return self.service.contactGroups().create(body={"contactGroup": {"name": name}}).execute()["resourceName"]

    def rename_label(self, label: str, name: str) -> None:
        self.service.contactGroups().update(resourceName=label, body={"contactGroup": {"name": name}}).execute()

    def delete_label(self, label: str, *, with_contacts: bool = False) -> None:
        self.service.contactGroups().delete(resourceName=label, deleteContacts=with_contacts).execute()

    def create(self, given: str = "", family: str = "", *labels: str, email: str = "", **fields: Any) -> str:
        """A new contact; its resource name."""
        body: dict[str, Any] = {
            "memberships": [_member(g) for g in (CONTACTS, *labels)],
            **({"names": [{"givenName": given, "familyName": family}]} if given or family else {}),
            **({"emailAddresses": [{"value": email, "type": "work"}]} if email else {}),
            **fields,
        }
        return self.service.people().createContact(body=body, personFields="metadata").execute()["resourceName"]

    def contacts(self, label: str | None = None) -> list[dict[str, Any]]:
        """All contacts, or those of a label, read one by one: a list may lag."""
        if label is not None:
            group = self.service.contactGroups().get(resourceName=label, maxMembers=1000).execute()
            names = group.get("memberResourceNames", ())
        else:
            people = self.service.people().connections()
            found = people.list(resourceName="people/me", personFields="metadata", pageSize=1000).execute()
            names = [p["resourceName"] for p in found.get("connections", ())]
        return [found for n in names if (found := self.look(n)) is not None]

    def look(self, name: str) -> dict[str, Any] | None:
        """The contact of a resource name; None if there is none."""
        try:
            return self.service.people().get(resourceName=name, personFields=FIELDS).execute()
        except HttpError as error:
            if error.status_code == 404:
                return None
            raise

    def find(self, shown: str, label: str | None = None) -> dict[str, Any] | None:
        """The contact of that display name; AssertionError if there are several."""
        found = [c for c in self.contacts(label) if c.get("names", [{}])[0].get("displayName") == shown]
        assert len(found) < 2, f"{len(found)} contacts named {shown}"
        return found[0] if found else None

    def get(self, shown: str, label: str | None = None) -> dict[str, Any]:
        contact = self.find(shown, label)
        assert contact is not None, f"no contact named {shown}"
        return contact

    def edit(self, contact: Mapping[str, Any], **fields: list[dict[str, Any]]) -> dict[str, Any]:
        """Replaces whole fields, as Google does."""
        body = {"etag": contact["etag"], "metadata": contact["metadata"], **fields}
        request = self.service.people().updateContact(
            resourceName=contact["resourceName"], updatePersonFields=",".join(fields), personFields=FIELDS, body=body
        )
        return request.execute()

    def rename(self, contact: Mapping[str, Any], given: str, family: str) -> dict[str, Any]:
        return self.edit(contact, names=[{"givenName": given, "familyName": family}])

    def employ(self, contact: Mapping[str, Any], **parts: str) -> dict[str, Any]:
        """Changes the first employment."""
        known = {k: v for k, v in contact.get("organizations", [{}])[0].items() if k != "metadata"}
        return self.edit(contact, organizations=[{**known, **parts}])

    def put_on(self, contact: str, label: str) -> None:
        self._modify(label, resourceNamesToAdd=[contact])

    def take_off(self, contact: str, label: str) -> None:
        self._modify(label, resourceNamesToRemove=[contact])

    def _modify(self, label: str, **changes: list[str]) -> None:
        self.service.contactGroups().members().modify(resourceName=label, body=changes).execute()

    def delete(self, contact: str) -> None:
        self.service.people().deleteContact(resourceName=contact).execute()


def _member(group: str) -> dict[str, Any]:
    return {"contactGroupMembership": {"contactGroupResourceName": group}}


def labels_of(contact: Mapping[str, Any]) -> set[str]:
    """The resource names of a contact's labels, My Contacts left out."""
    found = {m["contactGroupMembership"]["contactGroupResourceName"] for m in contact["memberships"]}
    return found - {CONTACTS}


def own_of(contact: Mapping[str, Any]) -> dict[str, str]:
    """A contact's client data; of two entries with one key the first counts."""
    return {e["key"]: e["value"] for e in reversed(contact.get("clientData", ()))}


def typed(contact: Mapping[str, Any], field: str, kind: str) -> list[str]:
    """The values of one type."""
    return [e["value"] for e in contact.get(field, ()) if e.get("type") == kind]


@dataclass
class GmailStage(Stage):
    """A stage with bob."""

    user: str = "bob"

    @cached_property
    def bob(self) -> GmailPerson:
        return GmailPerson.log_in(self.url, "bob")

    @cached_property
    def org(self) -> OrgPerson:
        """Bob in Salesforce."""
        return OrgPerson.log_in(self.url, "bob")

    @property
    def label(self) -> str:
        return self.bob.label()

    def configure(self, **defaults: str) -> None:
        self.settings.update({k.replace("__", "."): v for k, v in defaults.items()})
        lines = "".join(f'"{k}" = "{v}"\n' for k, v in self.settings.items())
        self.config.write_text(
            f'{self.store}[defaults]\n{lines}\n[salesforce]\nurl = "{self.url}"\napi_version = "68.0"\n\n[users.bob]\n'
            'salesforce_token = "sandbox-bob"\nmailbox = "google"\naddress = "bob@acme.example"\n\n'
            f'[users.bob.google]\nurl = "{self.url}"\ntoken = "sandbox-bob"\n'
        )

    def assert_settled(self, *, floor: bool = True) -> None:
        """L1: one more session writes nothing on either side, and the one after it is at the floor of requests."""
        super().assert_settled()
        if not floor:
            return
        self.forget_requests()
        report = self.sync(None)
        assert self.writes() == []
        assert report["requests"] == {"salesforce": 1, "mailbox": 1}, self.requests()

    def operations(self, vendor: str = "google") -> list[str]:
        return [r["operation"] for r in self.requests(vendor=vendor)]

    def sessions_operations(self, status: str | None = "done") -> tuple[dict[str, Any], list[str]]:
        """One session: its report, and what it asked of Google."""
        self.forget_requests()
        report = self.sync(status)
        return report, self.operations()


@contextmanager
def gmail_stage(home: Path, world: str | Mapping[str, Any] = "empty", **settings: str) -> Generator[GmailStage]:
    """A stage that stands while the context lasts."""
    with running_sandbox(world) as box:
        scene = GmailStage(box, home)
        scene.configure(**settings)
        yield scene
