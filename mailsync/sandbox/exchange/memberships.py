"""Members of a distribution list: each is kept as one text of five parts, and known by a key that its parts make.

Exchange's keys are base64 of the member's entry id (MS-OXOCNTC 2.2.2.2.1); these are base64 of what stands for it here.
"""

import base64
from dataclasses import dataclass
from typing import Final

from mailsync.sandbox.exchange.properties import MEMBERS
from mailsync.sandbox.exchange.records import Item
from mailsync.sandbox.exchange.soap import Element, escape, find_child, get_children, get_text, quote

KINDS: Final = ("OneOff", "Mailbox", "Contact", "PrivateDL", "PublicDL", "Unknown")


@dataclass(frozen=True, slots=True)
class Member:
    """A member; `item_id` is that of the contact or list it stands for, '' for a mere address."""

    name: str
    address: str
    routing: str = "SMTP"
    kind: str = "OneOff"
    item_id: str = ""

    @property
    def key(self) -> str:
        """What an index of distributionlist:Members:Member names it by."""
        return base64.b64encode((self.item_id or f"{self.routing}:{self.address}").encode()).decode()


def pack(member: Member) -> str:
    """The text that a store keeps."""
    parts = (member.name, member.address, member.routing, member.kind, member.item_id)
    return "\t".join(part.replace("\t", " ") for part in parts)


def unpack(text: str) -> Member:
    """The member in a kept text."""
    return Member(*text.split("\t"))


def list_members(item: Item) -> list[Member]:
    """The members of a list, in order."""
    value = item.properties.get(MEMBERS, ())
    return [unpack(text) for text in value] if isinstance(value, tuple) else []


def read_mailbox(element: Element) -> Member:
    """The member in a Mailbox element; what stands for an item without saying of which kind is a contact."""
    address = get_text(find_child(element, "EmailAddress")).strip()
    item = find_child(element, "ItemId")
    item_id = (item.get("Id") or "") if item is not None else ""
    name = get_text(find_child(element, "Name")) or address
    routing = get_text(find_child(element, "RoutingType")) or ("MAPIPDL" if item_id and not address else "SMTP")
    kind = get_text(find_child(element, "MailboxType")) or ("Contact" if item_id else "OneOff")
    return Member(name, address, routing, kind if kind in KINDS else "Unknown", item_id)


def read_members(element: Element) -> tuple[str, ...]:
    """The kept texts of a Members element; one that comes twice is kept once."""
    mailboxes = [find_child(member, "Mailbox") for member in get_children(element)]
    members = {member.key: pack(member) for member in (read_mailbox(each) for each in mailboxes if each is not None)}
    return tuple(members.values())


def write_mailbox(name: str, member: Member) -> str:
    """A mailbox element of that name (t:Mailbox) for a member."""
    address = f"<t:EmailAddress>{escape(member.address)}</t:EmailAddress>" if member.address else ""
    item = f"<t:ItemId Id={quote(member.item_id)}/>" if member.item_id else ""
    return (
        f"<{name}><t:Name>{escape(member.name)}</t:Name>{address}<t:RoutingType>{escape(member.routing)}"
        f"</t:RoutingType><t:MailboxType>{member.kind}</t:MailboxType>{item}</{name}>"
    )


def write_members(item: Item) -> str:
    """The item's Members element, '' for a list without any."""
    content = "".join(
        f"<t:Member Key={quote(member.key)}>{write_mailbox('t:Mailbox', member)}<t:Status>Normal</t:Status></t:Member>"
        for member in list_members(item)
    )
    return f"<t:Members>{content}</t:Members>" if content else ""


def drop_member(texts: tuple[str, ...], key: str) -> tuple[str, ...]:
    """The kept texts without the member of that key."""
    return tuple(text for text in texts if unpack(text).key != key)
