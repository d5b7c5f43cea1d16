"""ExpandDL: the members of a distribution list, of a person's own ones by item or address (EXD expanddl-operation)."""

from mailsync.sandbox.exchange.context import Context, write_error, write_success
from mailsync.sandbox.exchange.errors import Failed
from mailsync.sandbox.exchange.ids import check_item_id
from mailsync.sandbox.exchange.memberships import Member, list_members, read_mailbox, write_mailbox
from mailsync.sandbox.exchange.properties import EMAILS
from mailsync.sandbox.exchange.records import Item
from mailsync.sandbox.exchange.soap import Element, find_child
from mailsync.sandbox.exchange.store import find_item
from mailsync.sandbox.exchange.values import get_display_name, get_stored


def expand_list(context: Context, operation: Element) -> list[str]:
    """ExpandDL, one level deep, as Exchange expands: a list inside the list is one member."""
    try:
        found = _find_list(context, operation)
        members = [_show(context, member) for member in list_members(found)]
    except Failed as failed:
        return [write_error("ExpandDL", failed)]
    content = "".join(write_mailbox("t:Mailbox", member) for member in members)
    return [
        write_success(
            "ExpandDL",
            f'<m:DLExpansion TotalItemsInView="{len(members)}" IncludesLastItemInRange="true">{content}'
            f"</m:DLExpansion>",
        )
    ]


def _find_list(context: Context, operation: Element) -> Item:
    element = find_child(operation, "Mailbox")
    assert element is not None, "the schema check lets no ExpandDL without a mailbox through"
    wanted = read_mailbox(element)
    if wanted.item_id:
        check_item_id(wanted.item_id)
        item = find_item(context.box, wanted.item_id)
        if item is None:
            raise Failed("ErrorItemNotFound")
        if item.kind != "DistributionList":
            raise Failed("ErrorInvalidItemForOperationExpandDL")
        return item
    name = (wanted.address or wanted.name).casefold()
    contacts = context.box.folders[context.box.distinguished["contacts"]]
    for item in contacts.items.values():
        if item.kind == "DistributionList" and name and get_display_name(item).casefold() == name:
            return item
    raise Failed("ErrorNameResolutionNoResults")


def _show(context: Context, member: Member) -> Member:
    """A member that stands for an item, with the item's present name and first address."""
    item = find_item(context.box, member.item_id) if member.item_id else None
    if item is None:
        return member
    addresses = [address for address in (get_stored(item, keys[0]) for keys in EMAILS.values()) if address]
    kind = "PrivateDL" if item.kind == "DistributionList" else "Contact"
    routing = "MAPIPDL" if kind == "PrivateDL" else "SMTP"
    return Member(get_display_name(item), (addresses or [member.address])[0], routing, kind, item.id)
