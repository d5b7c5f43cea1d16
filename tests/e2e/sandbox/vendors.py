"""The vendors through a small client of our own: just enough requests to see on the wire what a fault does."""

from dataclasses import dataclass
from typing import Any
from xml.sax.saxutils import escape

import requests
from lxml import etree

from mailsync.sandbox.server import RunningSandbox

LIMIT = 10.0  # seconds
_MESSAGES = "http://schemas.microsoft.com/exchange/services/2006/messages"
_TYPES = "http://schemas.microsoft.com/exchange/services/2006/types"
NS = {"m": _MESSAGES, "t": _TYPES, "s": "http://schemas.xmlsoap.org/soap/envelope/"}
REST = "/services/data/v68.0"
VENDORS = ("salesforce", "exchange", "google")
NAMES = ("Ada", "Ben", "Cleo", "Dan", "Eve")
WORLD: dict[str, Any] = {
    "salesforce": {
        "organisation": {"largest_page": 2},
        "records": {"Contact": [{"LastName": name, "OwnerId": "ann"} for name in NAMES]},
    },
    "exchange": {"mailboxes": [{"user": "ann", "items": [{"Surname": name, "DisplayName": name} for name in NAMES]}]},
    "google": {
        "propagation_seconds": 0,
        "mailboxes": [{"user": "ann", "contacts": [{"names": [{"familyName": name}]} for name in NAMES]}],
    },
}


@dataclass(frozen=True)
class Desk:
    """Ann at a sandbox, with a fault to be let stand for either vendor."""

    box: RunningSandbox
    vendor: str

    def fail(self, kind: str, **details: Any) -> None:
        """Lets a fault stand for this vendor."""
        self.box.sandbox.add_fault({"vendor": self.vendor, "kind": kind, **details})

    def read(self, **options: Any) -> requests.Response:
        """Reads two contacts: a query, or a sync from the beginning."""
        if self.vendor == "salesforce":
            return self.query("/query?q=SELECT+Id,LastName+FROM+Contact+ORDER+BY+LastName+LIMIT+2", **options)
        if self.vendor == "google":
            return self.connections(**options)
        return self.sync(**options)

    def create(self, **options: Any) -> requests.Response:
        """Creates one contact by itself."""
        if self.vendor == "salesforce":
            return self.rest("POST", "/sobjects/Contact", {"LastName": "New"}, **options)
        if self.vendor == "google":
            return self.people("POST", "people:createContact", body={"names": [{"familyName": "New"}]}, **options)
        return self.create_items(["New"], **options)

    def count(self) -> int:
        """How many contacts the vendor holds."""
        world = self.box.sandbox.dump()
        if self.vendor == "salesforce":
            return len(world["salesforce"]["records"]["Contact"])
        if self.vendor == "google":
            return len(world["google"]["mailboxes"][0]["contacts"])
        return len(world["exchange"]["mailboxes"][0]["items"])

    def rest(self, method: str, path: str, body: Any = None, **options: Any) -> requests.Response:
        """One Salesforce request; a path without the API's beginning gets it."""
        url = self.box.url + (path if path.startswith("/services/") else REST + path)
        settings: dict[str, Any] = {"headers": {"Authorization": "Bearer sandbox-ann"}, **options}
        timeout = settings.pop("timeout", LIMIT)
        return requests.request(method, url, json=body, timeout=timeout, **settings)

    def people(self, method: str, path: str, body: Any = None, **options: Any) -> requests.Response:
        """One request of the People API."""
        settings: dict[str, Any] = {"headers": {"Authorization": "Bearer sandbox-ann"}, **options}
        timeout = settings.pop("timeout", LIMIT)
        return requests.request(method, f"{self.box.url}/v1/{path}", json=body, timeout=timeout, **settings)

    def connections(self, query: str = "", **options: Any) -> requests.Response:
        """A page of two connections, with a sync token at the end."""
        asked = f"personFields=names&pageSize=2&requestSyncToken=true{query}"
        return self.people("GET", f"people/me/connections?{asked}", **options)

    def query(self, path: str = "", **options: Any) -> requests.Response:
        """A page of the query for all contacts by name: the first, or that of a nextRecordsUrl."""
        return self.rest("GET", path or "/query?q=SELECT+Id,LastName+FROM+Contact+ORDER+BY+LastName", **options)

    def compose(self, *parts: tuple[str, str, Any], all_or_none: bool = False) -> list[Any]:
        """The results of a composite of (method, path, body)."""
        listed = [
            {"method": method, "url": REST + path, "referenceId": f"r{at}", **({} if body is None else {"body": body})}
            for at, (method, path, body) in enumerate(parts)
        ]
        answer = self.rest("POST", "/composite", {"allOrNone": all_or_none, "compositeRequest": listed})
        return answer.json()["compositeResponse"]

    def ews(self, operation: str, **options: Any) -> requests.Response:
        """One EWS request of ann's."""
        envelope = (
            f'<s:Envelope xmlns:s="{NS["s"]}" xmlns:m="{_MESSAGES}" xmlns:t="{_TYPES}"><s:Header>'
            f'<t:RequestServerVersion Version="Exchange2016"/></s:Header><s:Body>{operation}</s:Body></s:Envelope>'
        )
        headers = {"Content-Type": "text/xml; charset=utf-8"}
        settings: dict[str, Any] = {"auth": ("ann@acme.example", "sandbox"), "headers": headers, **options}
        timeout = settings.pop("timeout", LIMIT)
        return requests.post(f"{self.box.url}/EWS/Exchange.asmx", data=envelope.encode(), timeout=timeout, **settings)

    def create_items(self, names: list[str], **options: Any) -> requests.Response:
        """CreateItem of contacts of these surnames."""
        items = "".join(f"<t:Contact><t:Surname>{escape(name)}</t:Surname></t:Contact>" for name in names)
        return self.ews(f"<m:CreateItem><m:Items>{items}</m:Items></m:CreateItem>", **options)

    def sync(self, state: str = "", most: int = 2, **options: Any) -> requests.Response:
        """SyncFolderItems of Contacts."""
        given = f"<m:SyncState>{state}</m:SyncState>" if state else ""
        shape = (
            "<m:ItemShape><t:BaseShape>IdOnly</t:BaseShape><t:AdditionalProperties>"
            '<t:FieldURI FieldURI="contacts:Surname"/></t:AdditionalProperties></m:ItemShape>'
        )
        folder = '<m:SyncFolderId><t:DistinguishedFolderId Id="contacts"/></m:SyncFolderId>'
        most_of = f"<m:MaxChangesReturned>{most}</m:MaxChangesReturned>"
        return self.ews(f"<m:SyncFolderItems>{shape}{folder}{given}{most_of}</m:SyncFolderItems>", **options)

    def find(self, offset: int = 0) -> requests.Response:
        """FindItem of two contacts from an offset."""
        return self.ews(
            '<m:FindItem Traversal="Shallow"><m:ItemShape><t:BaseShape>IdOnly</t:BaseShape></m:ItemShape>'
            f'<m:IndexedPageItemView MaxEntriesReturned="2" Offset="{offset}" BasePoint="Beginning"/>'
            '<m:ParentFolderIds><t:DistinguishedFolderId Id="contacts"/></m:ParentFolderIds></m:FindItem>'
        )


def find_ids(answer: requests.Response) -> list[str]:
    """The ids of the items in an EWS answer, in order."""
    return [str(element.get("Id")) for element in etree.fromstring(answer.content).iterfind(".//t:ItemId", NS)]


def texts(answer: requests.Response, path: str) -> list[str]:
    """The texts of an EWS answer's elements of that path, in order."""
    return [element.text or "" for element in etree.fromstring(answer.content).iterfind(f".//{path}", NS)]


def codes(answer: requests.Response) -> list[str]:
    """The response codes of an EWS answer, one per input."""
    return texts(answer, "m:ResponseCode")
