"""ConvertId and ResolveNames."""

import base64
import binascii
from typing import Final
from urllib.parse import quote as quote_url
from urllib.parse import unquote as unquote_url

from mailsync.sandbox.exchange.context import Context, answer_each, list_inputs, write_error, write_success
from mailsync.sandbox.exchange.errors import Failed
from mailsync.sandbox.exchange.ids import read_id
from mailsync.sandbox.exchange.properties import EMAILS
from mailsync.sandbox.exchange.records import Item
from mailsync.sandbox.exchange.rendering import make_writers, write_item, write_item_id
from mailsync.sandbox.exchange.shapes import Shape
from mailsync.sandbox.exchange.soap import Element, escape, find_child, get_local_name, get_text, quote
from mailsync.sandbox.exchange.validation import Violation
from mailsync.sandbox.exchange.values import get_display_name, get_stored

MAX_RESOLUTIONS: Final = 100  # types.xsd ArrayOfResolutionType
SCOPES: Final = ("ActiveDirectory", "ActiveDirectoryContacts", "Contacts", "ContactsActiveDirectory")


def convert_ids(context: Context, operation: Element) -> list[str]:
    """ConvertId between the formats of an id; ids of folders and items alike."""
    target = operation.get("DestinationFormat") or ""

    def convert(element: Element) -> str:
        if get_local_name(element) != "AlternateId":
            raise Failed("ErrorInvalidIdMalformed")
        raw = _read_raw(element.get("Format") or "", element.get("Id") or "")
        mailbox = element.get("Mailbox") or context.box.address
        return (
            f'<m:AlternateId xsi:type="t:AlternateIdType" Format="{target}" Id={quote(_write_raw(target, raw))} '
            f"Mailbox={quote(mailbox)}/>"
        )

    return answer_each("ConvertId", list_inputs(operation), convert)


def _read_raw(form: str, identifier: str) -> bytes:
    try:
        if form == "HexEntryId":
            identifier = base64.b64encode(bytes.fromhex(identifier)).decode()
        elif form == "OwaId":
            identifier = unquote_url(identifier)
    except (ValueError, binascii.Error):
        raise Failed("ErrorInvalidIdMalformed") from None
    return read_id(identifier)


def _write_raw(form: str, raw: bytes) -> str:
    if form == "HexEntryId":
        return raw.hex().upper()
    text = base64.b64encode(raw).decode()
    return quote_url(text, safe="") if form == "OwaId" else text


def resolve_names(context: Context, operation: Element) -> list[str]:
    """ResolveNames among the organisation's mailboxes and the caller's contacts, in the order of SearchScope."""
    scope = operation.get("SearchScope") or "ActiveDirectoryContacts"
    if scope not in SCOPES:
        raise Violation(operation, f"The 'SearchScope' attribute is invalid - The value '{scope}' is invalid.")
    entry = get_text(find_child(operation, "UnresolvedEntry")).removeprefix("smtp:").strip().casefold()
    if not entry:
        raise Violation(operation, "The element 'UnresolvedEntry' is invalid: it must not be empty.")
    with_contact = operation.get("ReturnFullContactData") in ("true", "1")
    people = _resolve_people(context, entry)
    contacts = _resolve_contacts(context, entry, with_contact)
    orders = {
        "ActiveDirectory": people,
        "Contacts": contacts,
        "ContactsActiveDirectory": contacts + people,
        "ActiveDirectoryContacts": people + contacts,
    }
    found = orders[scope]
    if not found:
        return [write_error("ResolveNames", Failed("ErrorNameResolutionNoResults"))]
    shown = found[:MAX_RESOLUTIONS]
    complete = "true" if len(shown) == len(found) else "false"
    content = (
        f'<m:ResolutionSet TotalItemsInView="{len(shown)}" IncludesLastItemInRange="{complete}">'
        f"{''.join(shown)}</m:ResolutionSet>"
    )
    if len(found) == 1:
        return [write_success("ResolveNames", content)]
    several = Failed("ErrorNameResolutionMultipleResults")
    return [
        f'<m:ResolveNamesResponseMessage ResponseClass="Warning"><m:MessageText>{several.text}</m:MessageText>'
        f"<m:ResponseCode>{several.code}</m:ResponseCode><m:DescriptiveLinkKey>0</m:DescriptiveLinkKey>{content}"
        f"</m:ResolveNamesResponseMessage>"
    ]


def _resolve_people(context: Context, entry: str) -> list[str]:
    return [
        f"<t:Resolution>{_write_mailbox(box.user, box.address, 'Mailbox', '')}</t:Resolution>"
        for box in context.boxes.values()
        if box.user.casefold().startswith(entry) or box.address.casefold().startswith(entry)
    ]


def _resolve_contacts(context: Context, entry: str, with_contact: bool) -> list[str]:
    folder = context.box.folders[context.box.distinguished["contacts"]]
    writers = make_writers(Shape("Default", (), "Best", listing=True, long_times=False), "Contact", context.box)
    found: list[str] = []
    for item in folder.items.values():
        address = _match(item, entry)
        if address:
            mailbox = _write_mailbox(get_display_name(item), address, "Contact", write_item_id(item))
            contact = write_item(item, writers) if with_contact else ""
            found.append(f"<t:Resolution>{mailbox}{contact}</t:Resolution>")
    return found


def _match(item: Item, entry: str) -> str:
    """The item's first address if a name or address of it starts with the entry, else ''."""
    addresses = [address for address in (get_stored(item, keys[0]) for keys in EMAILS.values()) if address]
    words = [*get_display_name(item).casefold().split(), get_display_name(item).casefold()]
    starts = any(text.startswith(entry) for text in [*words, *(address.casefold() for address in addresses)])
    return addresses[0] if item.kind == "Contact" and addresses and starts else ""


def _write_mailbox(name: str, address: str, kind: str, item_id: str) -> str:
    return (
        f"<t:Mailbox><t:Name>{escape(name)}</t:Name><t:EmailAddress>{escape(address)}</t:EmailAddress>"
        f"<t:RoutingType>SMTP</t:RoutingType><t:MailboxType>{kind}</t:MailboxType>{item_id}</t:Mailbox>"
    )
