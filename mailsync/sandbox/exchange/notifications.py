"""Subscribe, Unsubscribe, GetEvents, and what both they and streams tell (EXD notification-subscriptions).

Subscriptions live in the server's memory, as Exchange's do: a restart or a reset ends them.
"""

import base64
from datetime import timedelta
from typing import Final
from uuid import uuid4

from mailsync.sandbox.exchange.context import Context, answer_each, find_folder
from mailsync.sandbox.exchange.errors import Failed
from mailsync.sandbox.exchange.events import Event, read_watermark, write_watermark
from mailsync.sandbox.exchange.records import Mailbox
from mailsync.sandbox.exchange.soap import Element, find_child, get_children, get_local_name, get_text, quote
from mailsync.sandbox.exchange.subscriptions import Subscription, drop_expired
from mailsync.sandbox.exchange.validation import Violation
from mailsync.sandbox.exchange.values import write_time

EVENT_TYPES: Final = (
    "CopiedEvent",
    "CreatedEvent",
    "DeletedEvent",
    "ModifiedEvent",
    "MovedEvent",
    "NewMailEvent",
    "FreeBusyChangedEvent",
)
LONGEST_PULL: Final = 1440  # minutes; types.xsd SubscriptionTimeoutType
STREAMING_LIFE: Final = timedelta(minutes=30)  # without a connection that asks for it (EXD)
PAGE: Final = 100  # events of one GetEvents; more are told of by MoreEvents


def subscribe(context: Context, operation: Element) -> list[str]:
    """Subscribe for pull or streaming; nothing is ever pushed from here."""

    def create(element: Element) -> str:
        request = get_children(element)[0]
        kind = get_local_name(request)
        if kind == "PushSubscriptionRequest":
            raise Failed("ErrorInvalidPushSubscriptionUrl")
        folders = _read_folders(context, request)
        _check_count(context)
        told = context.box.told
        watermark = find_child(request, "Watermark")
        if watermark is not None:
            told = _read_position(context.box, get_text(watermark).strip())
        pull = kind == "PullSubscriptionRequest"
        life = timedelta(minutes=_read_timeout(request)) if pull else STREAMING_LIFE
        new = Subscription(
            _make_id(context),
            "pull" if pull else "streaming",
            context.caller,
            context.box.address.lower(),
            folders,
            _read_types(request),
            life,
            context.now,
            told,
        )
        context.hub.subscriptions[new.id] = new
        shown = write_watermark(context.box.guid, told)
        return f"<m:SubscriptionId>{new.id}</m:SubscriptionId>" + (
            f"<m:Watermark>{shown}</m:Watermark>" if pull else ""
        )

    return answer_each("Subscribe", [operation], create)


def _make_id(context: Context) -> str:
    server = b"sandbox-ex1." + context.box.address.partition("@")[2].encode()
    raw = len(server).to_bytes(2, "little") + server + b"\x10\x00\x00\x00" + uuid4().bytes
    return base64.b64encode(raw + context.box.guid.bytes).decode()


def _read_folders(context: Context, request: Element) -> frozenset[str] | None:
    """The ids of the folders to watch; None = all of the mailbox. One of the two must be asked for, not both."""
    listed = find_child(request, "FolderIds")
    everything = request.get("SubscribeToAllFolders") in ("true", "1", "True")
    if everything == (listed is not None):
        raise Failed("ErrorInvalidSubscriptionRequest")
    if listed is None:
        return None
    return frozenset(find_folder(context, element).id for element in get_children(listed))


def _read_types(request: Element) -> frozenset[str]:
    element = find_child(request, "EventTypes")
    children = get_children(element) if element is not None else []
    kinds = frozenset(get_text(child).strip() for child in children)
    if not kinds or kinds - set(EVENT_TYPES):
        raise Violation(request if element is None else element, "The 'EventTypes' element is invalid.")
    return kinds


def _read_timeout(request: Element) -> int:
    element = find_child(request, "Timeout")
    text = get_text(element).strip()
    if not text.isdecimal() or not 1 <= int(text) <= LONGEST_PULL:
        raise Violation(request, f"The 'Timeout' element is invalid - The value '{text}' is invalid.")
    return int(text)


def _check_count(context: Context) -> None:
    drop_expired(context.hub, context.now)
    own = sum(1 for each in context.hub.subscriptions.values() if each.owner == context.caller)
    if own >= context.policy.max_subscriptions:
        raise Failed("ErrorExceededSubscriptionCount")


def find_subscription(context: Context, identifier: str, kind: str = "") -> Subscription:
    """The caller's living subscription of that id.

    Raises Failed ErrorInvalidSubscription, ErrorSubscriptionNotFound, ErrorExpiredSubscription,
    ErrorSubscriptionAccessDenied, or ErrorInvalidPullSubscriptionId for one of the other kind.
    """
    found = context.hub.subscriptions.get(identifier)
    if found is None:
        raise Failed("ErrorSubscriptionNotFound" if _is_id(identifier) else "ErrorInvalidSubscription")
    if found.owner != context.caller:
        raise Failed("ErrorSubscriptionAccessDenied")
    if context.now - found.used > found.life:
        del context.hub.subscriptions[identifier]
        raise Failed("ErrorExpiredSubscription")
    if kind and found.kind != kind:
        raise Failed("ErrorInvalidPullSubscriptionId" if kind == "pull" else "ErrorInvalidSubscription")
    return found


def _is_id(text: str) -> bool:
    try:
        return b"sandbox-ex1." in base64.b64decode(text, validate=True)
    except ValueError:
        return False


def unsubscribe(context: Context, operation: Element) -> list[str]:
    """Unsubscribe; a stream that is open on it ends."""

    def end(element: Element) -> str:
        found = find_subscription(context, get_text(find_child(element, "SubscriptionId")).strip())
        del context.hub.subscriptions[found.id]
        return ""

    return answer_each("Unsubscribe", [operation], end)


def get_events(context: Context, operation: Element) -> list[str]:
    """GetEvents after a watermark, which may be an earlier one: the events are told again."""

    def get(element: Element) -> str:
        found = find_subscription(context, get_text(find_child(element, "SubscriptionId")).strip(), "pull")
        box = context.boxes[found.address]
        previous = get_text(find_child(element, "Watermark")).strip()
        waiting = list_events(box, found, _read_position(box, previous))
        shown = waiting[:PAGE]
        found.used = context.now
        found.told = shown[-1].number if shown else box.told
        events = "".join(write_event(box, event, watermarked=True) for event in shown)
        if not shown:
            events = f"<t:StatusEvent><t:Watermark>{write_watermark(box.guid, box.told)}</t:Watermark></t:StatusEvent>"
        more = "true" if len(waiting) > len(shown) else "false"
        return (
            f"<m:Notification><t:SubscriptionId>{found.id}</t:SubscriptionId><t:PreviousWatermark>{previous}"
            f"</t:PreviousWatermark><t:MoreEvents>{more}</t:MoreEvents>{events}</m:Notification>"
        )

    return answer_each("GetEvents", [operation], get)


def _read_position(box: Mailbox, watermark: str) -> int:
    """The number in a watermark. Raises Failed ErrorInvalidWatermark, for an old one ErrorMissedNotificationEvents."""
    number = read_watermark(box.guid, watermark)
    if number > box.told:
        raise Failed("ErrorInvalidWatermark")
    if box.events and number < box.events[0].number - 1:
        raise Failed("ErrorMissedNotificationEvents")
    return number


def list_events(box: Mailbox, subscription: Subscription, after: int) -> list[Event]:
    """The events that a subscription is to be told of, after the one of that number."""
    found: list[Event] = []
    for event in reversed(box.events):
        if event.number <= after:
            break
        if event.kind in subscription.events and _concerns(event, subscription.folders):
            found.append(event)
    return found[::-1]


def _concerns(event: Event, folders: frozenset[str] | None) -> bool:
    """An event is told to who watches its folder, the one that its object left, or the folder it is about."""
    if folders is None or event.parent_id in folders or event.old_parent_id in folders:
        return True
    return event.what == "FolderId" and event.id in folders


def write_event(box: Mailbox, event: Event, *, watermarked: bool) -> str:
    """The event's element, in the order of the schema. Streams carry no watermarks."""
    watermark = f"<t:Watermark>{write_watermark(box.guid, event.number)}</t:Watermark>" if watermarked else ""
    old = (
        f"<t:Old{event.what} Id={quote(event.old_id)}/><t:OldParentFolderId Id={quote(event.old_parent_id)}/>"
        if event.old_id
        else ""
    )
    return (
        f"<t:{event.kind}>{watermark}<t:TimeStamp>{write_time(event.time)}</t:TimeStamp>"
        f"<t:{event.what} Id={quote(event.id)} ChangeKey={quote(event.change_key)}/>"
        f"<t:ParentFolderId Id={quote(event.parent_id)}/>{old}</t:{event.kind}>"
    )
