"""Writing attachments, in the order of the schema."""

import base64

from mailsync.sandbox.exchange.ids import make_attachment_id
from mailsync.sandbox.exchange.records import Attachment, Item
from mailsync.sandbox.exchange.soap import escape, quote
from mailsync.sandbox.exchange.values import write_time


def write_attachments(item: Item) -> str:
    """The item's Attachments element without contents, '' for an item without any."""
    content = "".join(write_attachment(item, attachment) for attachment in item.attachments)
    return f"<t:Attachments>{content}</t:Attachments>" if content else ""


def write_attachment(item: Item, attachment: Attachment, *, whole: bool = False) -> str:
    """A FileAttachment; `whole` = with its content, as GetAttachment gives it."""
    texts = (
        ("ContentType", attachment.content_type),
        ("ContentId", attachment.content_id),
        ("ContentLocation", attachment.content_location),
    )
    optional = "".join(f"<t:{name}>{escape(text)}</t:{name}>" for name, text in texts if text)
    content = f"<t:Content>{base64.b64encode(attachment.content).decode()}</t:Content>" if whole else ""
    return (
        f"<t:FileAttachment><t:AttachmentId Id={quote(make_attachment_id(item.id, attachment.number))}/>"
        f"<t:Name>{escape(attachment.name)}</t:Name>{optional}<t:Size>{len(attachment.content)}</t:Size>"
        f"<t:LastModifiedTime>{write_time(attachment.modified)}</t:LastModifiedTime>"
        f"<t:IsInline>{'true' if attachment.inline else 'false'}</t:IsInline>"
        f"<t:IsContactPhoto>{'true' if attachment.photo else 'false'}</t:IsContactPhoto>{content}</t:FileAttachment>"
    )


def write_attachment_id(item: Item, attachment: Attachment) -> str:
    """What CreateAttachment answers: the id, and the item as it is now."""
    return (
        f"<t:FileAttachment><t:AttachmentId Id={quote(make_attachment_id(item.id, attachment.number))} "
        f"RootItemId={quote(item.id)} RootItemChangeKey={quote(item.change_key)}/></t:FileAttachment>"
    )
