"""GetStreamingEvents: one answer that stays open, in which each notification is an envelope of its own.

The first envelope says that the connection is open, others follow with events or as heartbeats, the last one says that
it is closed. All times are the vendors' clock (EXD getstreamingevents-operation).
"""

from collections.abc import Callable, Generator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from mailsync.sandbox.exchange.context import Context, write_error, write_success
from mailsync.sandbox.exchange.errors import Failed
from mailsync.sandbox.exchange.notifications import find_subscription, list_events, write_event
from mailsync.sandbox.exchange.soap import Element, escape, find_child, get_children, get_text, write_answer
from mailsync.sandbox.exchange.subscriptions import Subscription
from mailsync.sandbox.exchange.validation import Violation

NAME: Final = "GetStreamingEvents"
HEARTBEAT: Final = timedelta(seconds=45)
LONGEST: Final = 30  # minutes; types.xsd StreamingSubscriptionConnectionTimeoutType


@dataclass(frozen=True, slots=True)
class Stream:
    """One open connection: the subscriptions it tells of, each with the number of its stream, and when it ends."""

    subscriptions: tuple[tuple[Subscription, int], ...]
    until: datetime


def open_stream(
    context: Context, operation: Element, tell_time: Callable[[], datetime]
) -> tuple[bytes, Generator[bytes] | None]:
    """The first envelope, and the generator of the others; None where the request was refused.

    Raises Violation for a ConnectionTimeout that the schema doesn't allow.
    """
    minutes = _read_timeout(operation)
    listed = find_child(operation, "SubscriptionIds")
    identifiers = [get_text(child).strip() for child in get_children(listed)] if listed is not None else []
    wrong: list[str] = []
    found: list[Subscription] = []
    failure = Failed("ErrorInvalidSubscription")
    for identifier in identifiers:
        try:
            found.append(find_subscription(context, identifier, "streaming"))
        except Failed as failed:
            wrong.append(identifier)
            failure = failed
    if wrong:
        return _write_refusal(failure, wrong), None
    open_now = context.hub.streams.get(context.caller, 0)
    if open_now >= context.policy.hanging_connections:
        return _write_refusal(Failed("ErrorExceededConnectionCount"), []), None
    for subscription in found:
        subscription.stream += 1
    stream = Stream(tuple((each, each.stream) for each in found), context.now + timedelta(minutes=minutes))
    pieces = _follow(context, stream, tell_time)
    return next(pieces), pieces


def _read_timeout(operation: Element) -> int:
    element = find_child(operation, "ConnectionTimeout")
    text = get_text(element).strip()
    if not text.isdecimal() or not 1 <= int(text) <= LONGEST:
        where = operation if element is None else element
        raise Violation(where, f"The 'ConnectionTimeout' element is invalid - The value '{text}' is invalid.")
    return int(text)


def _write(content: str) -> bytes:
    return write_answer(NAME, [write_success(NAME, content)])


def _write_status(status: str) -> bytes:
    return _write(f"<m:ConnectionStatus>{status}</m:ConnectionStatus>")


def _write_refusal(failed: Failed, identifiers: list[str]) -> bytes:
    """An error with the ids that it is about; the connection is closed by it."""
    listed = "".join(f"<t:SubscriptionId>{escape(each)}</t:SubscriptionId>" for each in identifiers)
    about = f"<m:ErrorSubscriptionIds>{listed}</m:ErrorSubscriptionIds>" if listed else ""
    message = write_error(NAME, failed)
    end = f"</m:{NAME}ResponseMessage>"
    closed = "<m:ConnectionStatus>Closed</m:ConnectionStatus>"
    return write_answer(NAME, [message.removesuffix(end) + about + closed + end])


def _follow(context: Context, stream: Stream, tell_time: Callable[[], datetime]) -> Generator[bytes]:
    hub, user = context.hub, context.caller
    hub.streams[user] = hub.streams.get(user, 0) + 1
    try:
        beaten = context.now
        yield _write_status("OK")
        while True:
            now = tell_time()
            end = _find_end(context, stream, now)
            if end:
                yield end
                return
            told = _tell(context, stream, now)
            if not told and now - beaten >= HEARTBEAT:
                told = _write_status("OK")
            beaten = now if told else beaten
            yield told
    finally:
        hub.streams[user] -= 1


def _find_end(context: Context, stream: Stream, now: datetime) -> bytes:
    """The last envelope, if the time is up, or a subscription has ended or gone to a newer connection; b"" if not."""
    gone = [each.id for each, _ in stream.subscriptions if context.hub.subscriptions.get(each.id) is not each]
    if gone:
        return _write_refusal(Failed("ErrorSubscriptionUnsubscribed"), gone)
    taken = [each.id for each, number in stream.subscriptions if each.stream != number]
    if taken:
        return _write_refusal(Failed("ErrorNewEventStreamConnectionOpened"), taken)
    return _write_status("Closed") if now >= stream.until else b""


def _tell(context: Context, stream: Stream, now: datetime) -> bytes:
    """The envelope with what happened since the last one; b"" for nothing. Being streamed keeps subscriptions alive."""
    notifications = ""
    for subscription, _ in stream.subscriptions:
        box = context.boxes[subscription.address]
        events = list_events(box, subscription, subscription.told)
        subscription.used, subscription.told = now, box.told
        if events:
            content = "".join(write_event(box, event, watermarked=False) for event in events)
            notifications += (
                f"<t:Notification><t:SubscriptionId>{subscription.id}</t:SubscriptionId>"
                f"<t:MoreEvents>false</t:MoreEvents>{content}</t:Notification>"
            )
    return _write(f"<m:Notifications>{notifications}</m:Notifications>") if notifications else b""
