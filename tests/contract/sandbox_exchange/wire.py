"""SOAP for the tests: requests as text, answers as elements."""

import base64
from dataclasses import dataclass

from lxml import etree

from mailsync.sandbox.exchange import Exchange
from mailsync.sandbox.vendor import Answer, Request
from tests.contract.sandbox_exchange.oracle import check_valid

MESSAGES = "http://schemas.microsoft.com/exchange/services/2006/messages"
TYPES = "http://schemas.microsoft.com/exchange/services/2006/types"
NS = {"m": MESSAGES, "t": TYPES, "s": "http://schemas.xmlsoap.org/soap/envelope/"}
SET = "6b1f0c9e-52a4-4d0b-9f0e-3c7d5a8e2f41"
OWN_ID = f'<t:ExtendedFieldURI PropertySetId="{SET}" PropertyName="SalesforceId" PropertyType="String"/>'


def envelope(content: str, header: str = "") -> bytes:
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n'
        f'<s:Envelope xmlns:s="{NS["s"]}" xmlns:m="{MESSAGES}" xmlns:t="{TYPES}">'
        f'<s:Header><t:RequestServerVersion Version="Exchange2016"/>{header}</s:Header>'
        f"<s:Body>{content}</s:Body></s:Envelope>"
    ).encode()


def basic(login: str, password: str = "sandbox") -> dict[str, str]:
    return {"authorization": "Basic " + base64.b64encode(f"{login}:{password}".encode()).decode()}


def request(content: str, login: str = "ann@acme.example", header: str = "") -> Request:
    return Request("POST", "/EWS/Exchange.asmx", "", basic(login), envelope(content, header))


def uri(path: str) -> str:
    if path.startswith("<"):
        return path
    field, _, index = path.partition("/")
    if index:
        return f'<t:IndexedFieldURI FieldURI="{field}" FieldIndex="{index}"/>'
    return f'<t:FieldURI FieldURI="{field}"/>'


def tag(number: str, kind: str = "String") -> str:
    return f'<t:ExtendedFieldURI PropertyTag="{number}" PropertyType="{kind}"/>'


def extended(path: str, value: str) -> str:
    return f"<t:ExtendedProperty>{path}<t:Value>{value}</t:Value></t:ExtendedProperty>"


def shape(*paths: str, base: str = "IdOnly", what: str = "Item", extra: str = "") -> str:
    more = f"<t:AdditionalProperties>{''.join(map(uri, paths))}</t:AdditionalProperties>" if paths else ""
    return f"<m:{what}Shape><t:BaseShape>{base}</t:BaseShape>{extra}{more}</m:{what}Shape>"


def set_field(path: str, content: str, kind: str = "Contact", action: str = "SetItemField") -> str:
    return f"<t:{action}>{uri(path)}<t:{kind}>{content}</t:{kind}></t:{action}>"


def delete_field(path: str) -> str:
    return f"<t:DeleteItemField>{uri(path)}</t:DeleteItemField>"


def folder_ref(folder: str) -> str:
    return f'<t:FolderId Id="{folder}"/>' if len(folder) > 60 else f'<t:DistinguishedFolderId Id="{folder}"/>'


@dataclass(frozen=True)
class Ref:
    id: str
    key: str

    @property
    def xml(self) -> str:
        return f'<t:ItemId Id="{self.id}" ChangeKey="{self.key}"/>'


def texts(element: etree._Element, path: str) -> list[str | None]:
    return [each.text for each in element.iterfind(path, NS)]


def text(element: etree._Element, path: str) -> str | None:
    found = element.find(path, NS)
    return None if found is None else found.text


def read_ref(element: etree._Element) -> Ref:
    found = element if element.tag == f"{{{TYPES}}}ItemId" else element.find(".//t:ItemId", NS)
    assert found is not None
    return Ref(found.get("Id"), found.get("ChangeKey") or "")


class Mailbox:
    """One person at the sandbox."""

    def __init__(self, exchange: Exchange, user: str) -> None:
        self.exchange, self.login = exchange, f"{user}@acme.example"

    def post(self, content: str, header: str = "") -> Answer:
        return self.exchange.answer(request(content, self.login, header))

    def ask(self, content: str) -> list[etree._Element]:
        """The response messages of a request that must not end in a fault."""
        check_valid(envelope(content))
        answer = self.post(content)
        root = check_valid(answer.body)
        assert answer.status == 200, answer.body.decode()
        assert root.find("s:Header/{*}ServerVersionInfo", NS) is not None
        return list(root.find(".//m:ResponseMessages", NS))

    def ask_one(self, content: str) -> etree._Element:
        """The one message of a request, which must have succeeded."""
        (message,) = self.ask(content)
        assert text(message, "m:ResponseCode") == "NoError", etree.tostring(message).decode()
        return message

    def codes(self, content: str) -> list[str | None]:
        return [text(message, "m:ResponseCode") for message in self.ask(content)]

    def fault(self, content: str, header: str = "") -> tuple[str | None, etree._Element]:
        """The code of a request's fault, and the fault."""
        answer = self.post(content, header)
        root = check_valid(answer.body)
        assert answer.status == 500
        found = root.find("s:Body/s:Fault", NS)
        return text(found, "detail/{*}ResponseCode"), found

    def create(self, content: str, folder: str = "contacts", kind: str = "Contact") -> Ref:
        return read_ref(self.ask_one(create_item(content, folder, kind)))

    def create_folder(self, name: str, parent: str = "contacts") -> str:
        return self.ask_one(create_folder(name, parent)).find(".//t:FolderId", NS).get("Id")

    def get(self, ref: Ref, *paths: str, base: str = "IdOnly", extra: str = "") -> etree._Element:
        message = self.ask_one(
            f"<m:GetItem>{shape(*paths, base=base, extra=extra)}<m:ItemIds>{ref.xml}</m:ItemIds></m:GetItem>"
        )
        return message.find("m:Items", NS)[0]

    def update(self, ref: Ref, *updates: str, resolution: str = "NeverOverwrite") -> Ref:
        return read_ref(self.ask_one(update_item(ref, *updates, resolution=resolution)))

    def update_code(self, ref: Ref, *updates: str, resolution: str = "NeverOverwrite") -> str | None:
        (code,) = self.codes(update_item(ref, *updates, resolution=resolution))
        return code

    def move(self, ref: Ref, folder: str) -> Ref:
        return read_ref(self.ask_one(move_item(ref, folder)))

    def delete(self, ref: Ref, disposal: str = "MoveToDeletedItems") -> None:
        self.ask_one(f'<m:DeleteItem DeleteType="{disposal}"><m:ItemIds>{ref.xml}</m:ItemIds></m:DeleteItem>')

    def find(self, folder: str, restriction: str = "", *paths: str) -> list[etree._Element]:
        return list(self.ask_one(find_item(folder, restriction, *paths)).find(".//t:Items", NS))


def create_item(content: str, folder: str = "contacts", kind: str = "Contact", count: int = 1) -> str:
    items = f"<t:{kind}>{content}</t:{kind}>" * count
    return (
        f"<m:CreateItem><m:SavedItemFolderId>{folder_ref(folder)}</m:SavedItemFolderId>"
        f"<m:Items>{items}</m:Items></m:CreateItem>"
    )


def create_folder(name: str, parent: str = "contacts", folder_class: str = "IPF.Contact", extra: str = "") -> str:
    return (
        f"<m:CreateFolder><m:ParentFolderId>{folder_ref(parent)}</m:ParentFolderId><m:Folders><t:ContactsFolder>"
        f"<t:FolderClass>{folder_class}</t:FolderClass><t:DisplayName>{name}</t:DisplayName>{extra}</t:ContactsFolder>"
        f"</m:Folders></m:CreateFolder>"
    )


def update_item(ref: Ref, *updates: str, resolution: str = "NeverOverwrite") -> str:
    return (
        f'<m:UpdateItem ConflictResolution="{resolution}"><m:ItemChanges><t:ItemChange>{ref.xml}'
        f"<t:Updates>{''.join(updates)}</t:Updates></t:ItemChange></m:ItemChanges></m:UpdateItem>"
    )


def move_item(ref: Ref, folder: str, operation: str = "MoveItem") -> str:
    target = f"<m:ToFolderId>{folder_ref(folder)}</m:ToFolderId>"
    return f"<m:{operation}>{target}<m:ItemIds>{ref.xml}</m:ItemIds></m:{operation}>"


def find_item(folder: str, restriction: str = "", *paths: str, view: str = "", order: str = "") -> str:
    wanted = f"<m:Restriction>{restriction}</m:Restriction>" if restriction else ""
    folders = "".join(map(folder_ref, folder.split()))
    return (
        f'<m:FindItem Traversal="Shallow">{shape(*paths)}{view}{wanted}{order}'
        f"<m:ParentFolderIds>{folders}</m:ParentFolderIds></m:FindItem>"
    )


def sync_items(folder: str, state: str = "", maximum: int = 512, *paths: str) -> str:
    known = f"<m:SyncState>{state}</m:SyncState>" if state else ""
    return (
        f"<m:SyncFolderItems>{shape(*paths)}<m:SyncFolderId>{folder_ref(folder)}</m:SyncFolderId>{known}"
        f"<m:MaxChangesReturned>{maximum}</m:MaxChangesReturned></m:SyncFolderItems>"
    )


def sort_by(path: str) -> str:
    return f'<m:SortOrder><t:FieldOrder Order="Ascending">{uri(path)}</t:FieldOrder></m:SortOrder>'


def phone(label: str, number: str) -> str:
    return f'<t:PhoneNumbers><t:Entry Key="{label}">{number}</t:Entry></t:PhoneNumbers>'


def contacts_of(address: str) -> str:
    mailbox = f"<t:Mailbox><t:EmailAddress>{address}</t:EmailAddress></t:Mailbox>"
    return f'<t:DistinguishedFolderId Id="contacts">{mailbox}</t:DistinguishedFolderId>'


def equals(path: str, value: str, name: str = "IsEqualTo") -> str:
    return f'<t:{name}>{uri(path)}<t:FieldURIOrConstant><t:Constant Value="{value}"/></t:FieldURIOrConstant></t:{name}>'
