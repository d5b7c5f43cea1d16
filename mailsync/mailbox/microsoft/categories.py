"""The mailbox's master category list: names and colours that Outlook shows (GRD resources/outlookcategory)."""

from mailsync.core.policy import CATEGORY, ERROR_CATEGORY
from mailsync.mailbox.microsoft.answers import as_list, as_object, as_text
from mailsync.mailbox.microsoft.channel import Channel, Effect, Part

COLOURS = {CATEGORY: "preset7", ERROR_CATEGORY: "preset0"}
"""Blue and red."""


def ensure_categories(channel: Channel) -> None:
    """Adds what is missing; nothing of what is there is changed, and names are unique without regard to case. A log-in
    that may not read or write the list (MailboxSettings.ReadWrite) goes without colours: a category works unlisted.
    """
    path = f"{channel.root}/outlook/masterCategories"
    answer = channel.ask(Part("GET", f"{path}?$top=999"))
    if not answer.good:
        return
    present = {as_text(as_object(e).get("displayName")).casefold() for e in as_list(answer.body.get("value"))}
    missing = [n for n in COLOURS if n.casefold() not in present]
    parts = [Part("POST", path, {"displayName": n, "color": COLOURS[n]}) for n in missing]
    if parts:
        channel.batch(parts, Effect.WRITE)
