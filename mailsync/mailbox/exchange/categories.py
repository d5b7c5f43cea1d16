"""The mailbox's master category list: names and colours that Outlook shows (MS-OXOCFG 2.2.5.2).

It is the XML of the configuration "CategoryList" on the calendar. Ours are added; everything else, known or not,
stays as it is.
"""

import base64
import binascii
import uuid

from lxml import etree

from mailsync.core.policy import CATEGORY, ERROR_CATEGORY
from mailsync.errors import VendorError
from mailsync.mailbox.exchange.channel import Channel, Effect, Operation
from mailsync.mailbox.exchange.soap import M, T, local, text_of
from mailsync.mailbox.exchange.tree import write_known

COLOURS = {CATEGORY: "7", ERROR_CATEGORY: "0"}
"""Blue and red, by Outlook's own numbers."""


def ensure_categories(channel: Channel) -> None:
    """Adds what is missing. A server or mailbox without such a list has none to keep: a category works unlisted."""
    name = f'<t:UserConfigurationName Name="CategoryList">{write_known(channel, "calendar")}</t:UserConfigurationName>'
    shown = name.replace("t:UserConfigurationName", "m:UserConfigurationName")
    xml = (
        f"<m:GetUserConfiguration>{shown}<m:UserConfigurationProperties>XmlData</m:UserConfigurationProperties>"
        f"</m:GetUserConfiguration>"
    )
    (message,) = channel.ask(Operation("GetUserConfiguration", xml))
    if not message.good or message.element is None:
        return
    present = text_of(message.element, f"{M}UserConfiguration/{T}XmlData")
    wanted = add_categories(present)
    if wanted is None:
        return
    change = (
        f"<m:UpdateUserConfiguration><m:UserConfiguration>{name}<t:XmlData>{wanted}</t:XmlData>"
        f"</m:UserConfiguration></m:UpdateUserConfiguration>"
    )
    channel.ask(Operation("UpdateUserConfiguration", change, effect=Effect.CHANGE))


def try_categories(channel: Channel) -> None:
    """The same, where the list is only beside the point: what the server says against it is no failure."""
    try:
        ensure_categories(channel)
    except VendorError as error:
        if not error.code.startswith("Error"):
            raise


def add_categories(encoded: str) -> str | None:
    """The list in base64 with our categories; None where they are there, or the list can't be understood.

    Names are compared without regard to case, as Outlook does.
    """
    try:
        parser = etree.XMLParser(resolve_entities=False, load_dtd=False, no_network=True, strip_cdata=False)
        root = etree.fromstring(base64.b64decode(encoded, validate=True), parser)
    except (binascii.Error, etree.XMLSyntaxError, ValueError):
        return None
    if local(root) != "categories":
        return None
    names = {(e.get("name") or "").casefold() for e in root.iterchildren("{*}category")}
    missing = [name for name in COLOURS if name.casefold() not in names]
    for name in missing:
        added = etree.SubElement(root, root.tag.replace("categories", "category"))
        for key, value in _describe(name).items():
            added.set(key, value)
    whole = etree.tostring(root.getroottree(), xml_declaration=True, encoding="utf-8")
    return base64.b64encode(whole).decode() if missing else None


def _describe(name: str) -> dict[str, str]:
    """The attributes that MS-OXOCFG requires of a category; it was never used yet."""
    never = "1601-01-01T00:00:00.000"
    return {
        "name": name,
        "color": COLOURS[name],
        "keyboardShortcut": "0",
        "usageCount": "0",
        "lastTimeUsedNotes": never,
        "lastTimeUsedJournal": never,
        "lastTimeUsedContacts": never,
        "lastTimeUsedTasks": never,
        "lastTimeUsedCalendar": never,
        "lastTimeUsedMail": never,
        "lastTimeUsed": never,
        "lastSessionUsed": "0",
        "guid": f"{{{str(uuid.uuid4()).upper()}}}",
    }
