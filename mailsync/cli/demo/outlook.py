"""Ann at Outlook: what a person does in a mailbox, as plain SOAP. It shares nothing with the program's own adapter."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias
from xml.sax.saxutils import escape, quoteattr

import requests
from lxml import etree

Element: TypeAlias = etree._Element  # pyright: ignore[reportPrivateUsage] - lxml has no public name for it

FOLDER = "Salesforce Contacts"
_NS = {
    "s": "http://schemas.xmlsoap.org/soap/envelope/",
    "m": "http://schemas.microsoft.com/exchange/services/2006/messages",
    "t": "http://schemas.microsoft.com/exchange/services/2006/types",
}
_DEFAULT = {"Contacts": "contacts", "Deleted Items": "deleteditems"}
_INDEXED = {
    "BusinessPhone": "contacts:PhoneNumber",
    "MobilePhone": "contacts:PhoneNumber",
    "EmailAddress1": "contacts:EmailAddress",
}
_LISTS = {"contacts:PhoneNumber": "PhoneNumbers", "contacts:EmailAddress": "EmailAddresses"}
_ORDER = ("DisplayName", "GivenName", "CompanyName", "EmailAddress1", "BusinessPhone", "MobilePhone", "JobTitle")
"""The order of a Contact's elements (types.xsd); Surname comes last."""


class Unexpected(Exception):
    """The server did not do what the demonstration asked of it."""


@dataclass(frozen=True, slots=True)
class Ref:
    """An item as a person points at it."""

    id: str
    key: str

    @property
    def xml(self) -> str:
        """As an ItemId element."""
        return f"<t:ItemId Id={quoteattr(self.id)} ChangeKey={quoteattr(self.key)}/>"


class Outlook:
    """One person's Outlook. Contacts are named as they are shown; folders by their names."""

    def __init__(self, url: str, address: str, password: str) -> None:
        self._url = f"{url}/EWS/Exchange.asmx"
        self._session = requests.Session()
        self._session.trust_env = False
        self._session.auth = (address, password)
        self._session.headers["Content-Type"] = "text/xml; charset=utf-8"

    def create(self, values: Mapping[str, str], folder: str = FOLDER) -> None:
        """A new contact, typed by hand. `values` by EWS element or index name."""
        content = "".join(_element(n, values[n]) for n in (*_ORDER, "Surname") if n in values)
        self._ask(
            f"<m:CreateItem><m:SavedItemFolderId>{self._folder_xml(folder)}</m:SavedItemFolderId>"
            f"<m:Items><t:Contact>{content}</t:Contact></m:Items></m:CreateItem>"
        )

    def edit(self, name: str, values: Mapping[str, str], folder: str = FOLDER) -> None:
        """Types other values into a contact; "" empties a field."""
        self._update(name, folder, [_change(n, v) for n, v in values.items()])

    def categorise(self, name: str, categories: Iterable[str], folder: str = "Contacts") -> None:
        """Gives a contact exactly these categories."""
        texts = "".join(f"<t:String>{escape(c)}</t:String>" for c in categories)
        uri = '<t:FieldURI FieldURI="item:Categories"/>'
        if texts:
            content = f"<t:Contact><t:Categories>{texts}</t:Categories></t:Contact>"
            self._update(name, folder, [f"<t:SetItemField>{uri}{content}</t:SetItemField>"])
        else:
            self._update(name, folder, [f"<t:DeleteItemField>{uri}</t:DeleteItemField>"])

    def move(self, name: str, source: str, target: str) -> None:
        """Drags a contact into another folder."""
        self._ask(
            f"<m:MoveItem><m:ToFolderId>{self._folder_xml(target)}</m:ToFolderId>"
            f"<m:ItemIds>{self._item(name, source).xml}</m:ItemIds></m:MoveItem>"
        )

    def delete(self, names: Iterable[str], folder: str = FOLDER) -> None:
        """Presses Delete: to Deleted Items."""
        known = self._items(folder)
        refs = "".join(_pick(known, name, folder).xml for name in names)
        self._ask(f'<m:DeleteItem DeleteType="MoveToDeletedItems"><m:ItemIds>{refs}</m:ItemIds></m:DeleteItem>')

    def delete_folder(self, folder: str, *, for_good: bool = False) -> None:
        """Deletes a whole folder: to Deleted Items, or for good."""
        kind = "HardDelete" if for_good else "MoveToDeletedItems"
        ids = f"<m:FolderIds>{self._folder_xml(folder)}</m:FolderIds>"
        self._ask(f'<m:DeleteFolder DeleteType="{kind}">{ids}</m:DeleteFolder>')

    def names(self, folder: str) -> list[str]:
        """The contacts of a folder by their display names."""
        return [name for name, _ in self._items(folder)]

    def has_folder(self, folder: str) -> bool:
        """Whether there is a contact folder of that name."""
        return folder in self._folders()

    def _update(self, name: str, folder: str, changes: Iterable[str]) -> None:
        self._ask(
            '<m:UpdateItem ConflictResolution="AutoResolve"><m:ItemChanges><t:ItemChange>'
            f"{self._item(name, folder).xml}<t:Updates>{''.join(changes)}</t:Updates>"
            "</t:ItemChange></m:ItemChanges></m:UpdateItem>"
        )

    def _item(self, name: str, folder: str) -> Ref:
        return _pick(self._items(folder), name, folder)

    def _items(self, folder: str) -> list[tuple[str, Ref]]:
        shape = _shape("Item", "contacts:DisplayName")
        answer = self._ask(
            f'<m:FindItem Traversal="Shallow">{shape}'
            f"<m:ParentFolderIds>{self._folder_xml(folder)}</m:ParentFolderIds></m:FindItem>"
        )
        return [(_text(c, "t:DisplayName"), _ref(c)) for c in answer.iterfind(".//t:Contact", _NS)]

    def _folder_xml(self, folder: str) -> str:
        if folder in _DEFAULT:
            return f'<t:DistinguishedFolderId Id="{_DEFAULT[folder]}"/>'
        known = self._folders()
        if folder not in known:
            raise Unexpected(f"the mailbox has no folder {folder}")
        return f"<t:FolderId Id={quoteattr(known[folder])}/>"

    def _folders(self) -> dict[str, str]:
        answer = self._ask(
            f'<m:FindFolder Traversal="Deep">{_shape("Folder", "folder:DisplayName")}'
            '<m:ParentFolderIds><t:DistinguishedFolderId Id="contacts"/></m:ParentFolderIds></m:FindFolder>'
        )
        found = answer.iterfind(".//t:ContactsFolder", _NS)
        return {_text(f, "t:DisplayName"): f.find("t:FolderId", _NS).get("Id", "") for f in found}  # pyright: ignore[reportOptionalMemberAccess] - FolderId is always there

    def _ask(self, content: str) -> Element:
        spaces = " ".join(f'xmlns:{prefix}="{uri}"' for prefix, uri in _NS.items())
        body = (
            f'<?xml version="1.0" encoding="utf-8"?><s:Envelope {spaces}><s:Header>'
            f'<t:RequestServerVersion Version="Exchange2016"/></s:Header><s:Body>{content}</s:Body></s:Envelope>'
        )
        answer = self._session.post(self._url, data=body.encode(), timeout=30)
        root = etree.fromstring(answer.content, etree.XMLParser(resolve_entities=False, no_network=True))
        bad = [e.text for e in root.iterfind(".//m:ResponseCode", _NS) if e.text != "NoError"]
        if answer.status_code != 200 or bad:
            raise Unexpected(f"Exchange answered {answer.status_code} {', '.join(filter(None, bad))}")
        return root


def _shape(kind: str, *fields: str) -> str:
    uris = "".join(f'<t:FieldURI FieldURI="{f}"/>' for f in fields)
    return (
        f"<m:{kind}Shape><t:BaseShape>IdOnly</t:BaseShape>"
        f"<t:AdditionalProperties>{uris}</t:AdditionalProperties></m:{kind}Shape>"
    )


def _element(name: str, value: str) -> str:
    if name in _INDEXED:
        outer = _LISTS[_INDEXED[name]]
        return f'<t:{outer}><t:Entry Key="{name}">{escape(value)}</t:Entry></t:{outer}>'
    return f"<t:{name}>{escape(value)}</t:{name}>"


def _change(name: str, value: str) -> str:
    if name in _INDEXED:
        uri = f'<t:IndexedFieldURI FieldURI="{_INDEXED[name]}" FieldIndex="{name}"/>'
    else:
        uri = f'<t:FieldURI FieldURI="contacts:{name}"/>'
    if not value:
        return f"<t:DeleteItemField>{uri}</t:DeleteItemField>"
    return f"<t:SetItemField>{uri}<t:Contact>{_element(name, value)}</t:Contact></t:SetItemField>"


def _pick(known: list[tuple[str, Ref]], name: str, folder: str) -> Ref:
    for shown, ref in known:
        if shown == name:
            return ref
    raise Unexpected(f"{folder} has no contact {name}")


def _ref(contact: Element) -> Ref:
    found: Any = contact.find("t:ItemId", _NS)
    return Ref(found.get("Id"), found.get("ChangeKey"))


def _text(element: Element, path: str) -> str:
    return element.findtext(path, "", _NS)
