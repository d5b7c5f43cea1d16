"""Writing items: per shape a list of writers, one per element in schema order, each from an item to text.

The text is put together directly, because a page of 512 items must take milliseconds.
"""

from collections.abc import Callable
from typing import Final, TypeAlias

from mailsync.sandbox.exchange.attachmentshapes import write_attachments
from mailsync.sandbox.exchange.memberships import write_members
from mailsync.sandbox.exchange.paths import PLAIN, Path
from mailsync.sandbox.exchange.properties import (
    ADDRESSES,
    BODY_HTML,
    BODY_TEXT,
    DICTIONARIES,
    EMAILS,
    ENUMERATION_NAMES,
    ENUMERATIONS,
    GENERATION,
    GIVEN_NAME,
    HAS_ATTACHMENTS,
    HAS_PICTURE,
    INITIALS,
    LISTS,
    MIDDLE_NAME,
    NICKNAME,
    SINGLE,
    SURNAME,
    TITLE,
)
from mailsync.sandbox.exchange.records import Item, Mailbox
from mailsync.sandbox.exchange.shapes import CUT, Shape, list_elements, list_entries
from mailsync.sandbox.exchange.soap import escape, quote
from mailsync.sandbox.exchange.values import (
    get_body_text,
    get_full_name,
    get_list,
    get_size,
    get_stored,
    get_value,
    write_long_time,
    write_time,
)

Writer: TypeAlias = Callable[[Item], str]

RIGHTS: Final = (
    "<t:EffectiveRights><t:CreateAssociated>true</t:CreateAssociated><t:CreateContents>true</t:CreateContents>"
    "<t:CreateHierarchy>true</t:CreateHierarchy><t:Delete>true</t:Delete><t:Modify>true</t:Modify>"
    "<t:Read>true</t:Read><t:ViewPrivateItems>true</t:ViewPrivateItems></t:EffectiveRights>"
)
# Elements that are the same for every contact and list.
CONSTANT: Final = {
    "IsSubmitted": "false",
    "IsDraft": "false",
    "IsFromMe": "false",
    "IsResend": "false",
    "IsUnmodified": "false",
    "IsAssociated": "false",
}
COMPLETE_NAME: Final = (
    ("Title", TITLE),
    ("FirstName", GIVEN_NAME),
    ("MiddleName", MIDDLE_NAME),
    ("LastName", SURNAME),
    ("Suffix", GENERATION),
    ("Initials", INITIALS),
)


def make_writers(shape: Shape, kind: str, box: Mailbox) -> list[Writer]:
    """The writers of a shape for one kind of item; elements this store never holds are left out."""
    writers = (_make_writer(name, shape, box) for name in list_elements(shape, kind))
    return [writer for writer in writers if writer is not None]


def write_item(item: Item, writers: list[Writer]) -> str:
    """The item's element."""
    return f"<t:{item.kind}>{''.join([writer(item) for writer in writers])}</t:{item.kind}>"


def write_item_id(item: Item) -> str:
    """The item's ItemId element."""
    return f'<t:ItemId Id="{item.id}" ChangeKey="{item.change_key}"/>'


def _make_writer(name: str, shape: Shape, box: Mailbox) -> Writer | None:
    if name in LISTS:
        return _make_list_writer(name, LISTS[name])
    if name in SINGLE:
        return _make_single_writer(name, CUT if shape.listing else None)
    if name in PLAIN:
        return _make_text_writer(name, f"element:{name}", None)
    if name in CONSTANT:
        constant = f"<t:{name}>{CONSTANT[name]}</t:{name}>"
        return lambda _: constant
    if name in DICTIONARIES:
        return _make_dictionary_writer(name, shape)
    return _make_special_writer(name, shape, box)


def _make_special_writer(name: str, shape: Shape, box: Mailbox) -> Writer | None:
    write_moment = write_long_time if shape.long_times else write_time
    special: dict[str, Writer] = {
        "ItemId": write_item_id,
        "ParentFolderId": lambda item: _write_parent(item, box),
        "Body": lambda item: _write_body(item, shape.body),
        "TextBody": lambda item: f'<t:TextBody BodyType="Text">{escape(get_body_text(item))}</t:TextBody>',
        "Size": lambda item: f"<t:Size>{get_size(item)}</t:Size>",
        "DateTimeReceived": lambda item: f"<t:DateTimeReceived>{write_moment(item.created)}</t:DateTimeReceived>",
        "DateTimeCreated": lambda item: f"<t:DateTimeCreated>{write_moment(item.created)}</t:DateTimeCreated>",
        "LastModifiedTime": lambda item: f"<t:LastModifiedTime>{write_moment(item.modified)}</t:LastModifiedTime>",
        "LastModifiedName": lambda _: f"<t:LastModifiedName>{escape(box.user)}</t:LastModifiedName>",
        "EffectiveRights": lambda _: RIGHTS,
        "ExtendedProperty": _make_extended_writer(shape),
        "CompleteName": _write_complete_name,
        "EmailAddresses": _make_email_writer(shape),
        "PhysicalAddresses": _make_address_writer(shape),
        "Members": write_members,
        "Attachments": write_attachments,
        "HasAttachments": lambda item: _write_flag("HasAttachments", item, HAS_ATTACHMENTS),
        "HasPicture": lambda item: _write_flag("HasPicture", item, HAS_PICTURE),
    }
    return special.get(name)


def _cut(text: str, limit: int | None) -> str:
    return text if limit is None or len(text) <= limit else text[:limit]


def _make_text_writer(name: str, key: str, limit: int | None) -> Writer:
    def write(item: Item) -> str:
        value = get_value(item, key)
        return f"<t:{name}>{escape(_cut(value, limit))}</t:{name}>" if isinstance(value, str) else ""

    return write


def _make_single_writer(name: str, limit: int | None) -> Writer:
    key = SINGLE[name]
    if name not in ENUMERATIONS:
        return _make_text_writer(name, key, limit)
    names = ENUMERATION_NAMES[name]

    def write(item: Item) -> str:
        word = names.get(str(get_value(item, key)))
        return f"<t:{name}>{word}</t:{name}>" if word else ""

    return write


def _make_list_writer(name: str, key: str) -> Writer:
    def write(item: Item) -> str:
        strings = "".join([f"<t:String>{escape(text)}</t:String>" for text in get_list(item, key)])
        return f"<t:{name}>{strings}</t:{name}>" if strings else ""

    return write


def _make_dictionary_writer(name: str, shape: Shape) -> Writer:
    entries = list_entries(shape, name)
    indexes = None if entries is None else {index for _, index in entries}
    slots = [(slot, key) for slot, key in DICTIONARIES[name].items() if indexes is None or slot in indexes]
    limit = CUT if shape.listing else None

    def write(item: Item) -> str:
        stored = item.properties
        content = "".join(
            [
                f'<t:Entry Key="{slot}">{escape(_cut(str(stored[key]), limit))}</t:Entry>'
                for slot, key in slots
                if stored.get(key)
            ]
        )
        return f"<t:{name}>{content}</t:{name}>" if content else ""

    return write


def _make_email_writer(shape: Shape) -> Writer:
    entries = list_entries(shape, "EmailAddresses")
    indexes = None if entries is None else {index for _, index in entries}
    slots = [(slot, keys) for slot, keys in EMAILS.items() if indexes is None or slot in indexes]

    def write(item: Item) -> str:
        content = "".join([_write_email(item, slot, keys) for slot, keys in slots if get_stored(item, keys[0])])
        return f"<t:EmailAddresses>{content}</t:EmailAddresses>" if content else ""

    return write


def _write_email(item: Item, slot: str, keys: tuple[str, str, str]) -> str:
    address, name, kind = (get_stored(item, key) for key in keys)
    return (
        f'<t:Entry Key="{slot}" Name={quote(name or address)} RoutingType={quote(kind or "SMTP")} '
        f'MailboxType="Contact">{escape(address)}</t:Entry>'
    )


def _make_address_writer(shape: Shape) -> Writer:
    entries = list_entries(shape, "PhysicalAddresses")
    slots = [
        (kind, [(part, key) for part, key in parts.items() if entries is None or (part, kind) in entries])
        for kind, parts in ADDRESSES.items()
    ]

    def write(item: Item) -> str:
        content = ""
        for kind, parts in slots:
            texts = [(part, get_stored(item, key)) for part, key in parts]
            filled = "".join([f"<t:{part}>{escape(text)}</t:{part}>" for part, text in texts if text])
            content += f'<t:Entry Key="{kind}">{filled}</t:Entry>' if filled else ""
        return f"<t:PhysicalAddresses>{content}</t:PhysicalAddresses>" if content else ""

    return write


def _make_extended_writer(shape: Shape) -> Writer:
    paths, limit = shape.extended, CUT if shape.listing else None
    if shape.listing:
        paths = tuple(path for path in paths if path.key not in (BODY_TEXT, BODY_HTML))

    def write(item: Item) -> str:
        return "".join([write_extended(path, item, limit) for path in paths])

    return write


def write_extended(path: Path, item: Item, limit: int | None) -> str:
    """The ExtendedProperty element of one path; '' where the item has no such value."""
    value = get_value(item, path.key)
    if value is None:
        return ""
    if isinstance(value, tuple):
        content = "".join([f"<t:Value>{escape(text)}</t:Value>" for text in value])
        return f"<t:ExtendedProperty>{path.xml}<t:Values>{content}</t:Values></t:ExtendedProperty>"
    return f"<t:ExtendedProperty>{path.xml}<t:Value>{escape(_cut(value, limit))}</t:Value></t:ExtendedProperty>"


def _write_parent(item: Item, box: Mailbox) -> str:
    folder = box.folders[item.folder_id]
    return f'<t:ParentFolderId Id="{folder.id}" ChangeKey="{folder.change_key}"/>'


def _write_body(item: Item, wanted: str) -> str:
    """The body as stored, or in the form asked for; without a body an empty one, as GetItem gives it."""
    stored_html = get_stored(item, BODY_HTML)
    if wanted == "HTML" or (wanted == "Best" and stored_html):
        text = stored_html or f"<html><body>{escape(get_stored(item, BODY_TEXT))}</body></html>"
        return f'<t:Body BodyType="HTML">{escape(text)}</t:Body>'
    return f'<t:Body BodyType="Text">{escape(get_body_text(item))}</t:Body>'


def _write_flag(name: str, item: Item, key: str) -> str:
    return f"<t:{name}>{get_value(item, key)}</t:{name}>"


def _write_complete_name(item: Item) -> str:
    parts = [(part, get_stored(item, key)) for part, key in COMPLETE_NAME]
    parts += [("FullName", get_full_name(item)), ("Nickname", get_stored(item, NICKNAME))]
    content = "".join([f"<t:{part}>{escape(text)}</t:{part}>" for part, text in parts if text])
    return f"<t:CompleteName>{content}</t:CompleteName>" if content else ""
