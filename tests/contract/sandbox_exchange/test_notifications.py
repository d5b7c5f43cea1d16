"""Being told of changes: pull subscriptions, their watermarks and ends, and streams."""

import pytest

from mailsync.sandbox.exchange import Exchange
from mailsync.sandbox.vendor import Answer, Clock
from tests.contract.sandbox_exchange.oracle import check_valid
from tests.contract.sandbox_exchange.wire import (
    NS,
    Mailbox,
    contacts_of,
    folder_ref,
    move_item,
    request,
    set_field,
    text,
    texts,
)

ALL = ("CopiedEvent", "CreatedEvent", "DeletedEvent", "ModifiedEvent", "MovedEvent")


def pull(folder: str = "contacts", kinds: tuple[str, ...] = ALL, minutes: int = 10, watermark: str = "") -> str:
    types = "".join(f"<t:EventType>{kind}</t:EventType>" for kind in kinds)
    known = f"<t:Watermark>{watermark}</t:Watermark>" if watermark else ""
    return (
        f"<m:Subscribe><m:PullSubscriptionRequest><t:FolderIds>{folder_ref(folder)}</t:FolderIds><t:EventTypes>{types}"
        f"</t:EventTypes>{known}<t:Timeout>{minutes}</t:Timeout></m:PullSubscriptionRequest></m:Subscribe>"
    )


def streaming(folder: str = "contacts") -> str:
    types = "".join(f"<t:EventType>{kind}</t:EventType>" for kind in ALL)
    return (
        f"<m:Subscribe><m:StreamingSubscriptionRequest><t:FolderIds>{folder_ref(folder)}</t:FolderIds>"
        f"<t:EventTypes>{types}</t:EventTypes></m:StreamingSubscriptionRequest></m:Subscribe>"
    )


def get_events(identifier: str, watermark: str) -> str:
    return (
        f"<m:GetEvents><m:SubscriptionId>{identifier}</m:SubscriptionId><m:Watermark>{watermark}</m:Watermark>"
        f"</m:GetEvents>"
    )


def get_stream(*identifiers: str, minutes: int = 1) -> str:
    listed = "".join(f"<t:SubscriptionId>{each}</t:SubscriptionId>" for each in identifiers)
    return (
        f"<m:GetStreamingEvents><m:SubscriptionIds>{listed}</m:SubscriptionIds>"
        f"<m:ConnectionTimeout>{minutes}</m:ConnectionTimeout></m:GetStreamingEvents>"
    )


def open_subscription(ann: Mailbox, content: str) -> tuple[str, str]:
    message = ann.ask_one(content)
    return text(message, "m:SubscriptionId") or "", text(message, "m:Watermark") or ""


def list_kinds(ann: Mailbox, identifier: str, watermark: str) -> tuple[list[str], str]:
    """The names of the events with what they are of, and the last watermark."""
    notification = ann.ask_one(get_events(identifier, watermark)).find("m:Notification", NS)
    assert text(notification, "t:PreviousWatermark") == watermark
    events = [each for each in notification if each.tag.endswith("Event")]
    names = []
    for event in events:
        what = next((name for name in ("ItemId", "FolderId") if event.find(f"t:{name}", NS) is not None), "")
        names.append(f"{event.tag.rpartition('}')[2]} {what}".strip())
    return names, text(events[-1], "t:Watermark") or ""


def test_a_life_of_contacts_is_told_of_in_order(ann: Mailbox) -> None:
    other = ann.create_folder("Other")
    identifier, watermark = open_subscription(ann, pull())
    one = ann.create("<t:GivenName>Jo</t:GivenName>")
    one = ann.update(one, set_field("contacts:Surname", "<t:Surname>Doe</t:Surname>"))
    moved = ann.move(one, other)
    events, _ = list_kinds(ann, identifier, watermark)
    assert events == [
        "CreatedEvent ItemId",
        "ModifiedEvent FolderId",
        "ModifiedEvent ItemId",
        "MovedEvent ItemId",
        "ModifiedEvent FolderId",  # the folder it came to lies in the watched one
        "ModifiedEvent FolderId",
    ]
    notification = ann.ask_one(get_events(identifier, watermark)).find("m:Notification", NS)
    gone = notification.find("t:MovedEvent", NS)
    assert gone.find("t:ItemId", NS).get("Id") == moved.id
    assert gone.find("t:OldItemId", NS).get("Id") == one.id
    assert gone.find("t:ParentFolderId", NS).get("Id") == other


def test_watermarks_go_on_and_back(ann: Mailbox) -> None:
    identifier, start = open_subscription(ann, pull(kinds=("CreatedEvent", "DeletedEvent", "CopiedEvent")))
    assert list_kinds(ann, identifier, start)[0] == ["StatusEvent"]
    ref = ann.create("<t:GivenName>Jo</t:GivenName>")
    events, middle = list_kinds(ann, identifier, start)
    assert events == ["CreatedEvent ItemId"]
    ann.ask_one(move_item(ref, "contacts", "CopyItem"))
    for _ in range(2):
        ref_copy = ann.find("contacts")[0].find("t:ItemId", NS).get("Id")
        ann.ask_one(
            f'<m:DeleteItem DeleteType="HardDelete"><m:ItemIds><t:ItemId Id="{ref_copy}"/></m:ItemIds></m:DeleteItem>'
        )
    # What is deleted for good is moved to where nobody looks.
    assert list_kinds(ann, identifier, middle)[0] == ["CopiedEvent ItemId"]
    assert list_kinds(ann, identifier, start)[0] == ["CreatedEvent ItemId", "CopiedEvent ItemId"]
    _, again = open_subscription(ann, pull(watermark=middle))
    assert again == middle


def test_many_events_come_in_pages(ann: Mailbox) -> None:
    identifier, watermark = open_subscription(ann, pull(kinds=("CreatedEvent",)))
    for _ in range(130):
        ann.create("<t:GivenName>Jo</t:GivenName>")
    first = ann.ask_one(get_events(identifier, watermark)).find("m:Notification", NS)
    assert text(first, "t:MoreEvents") == "true"
    events, watermark = list_kinds(ann, identifier, watermark)
    rest, _ = list_kinds(ann, identifier, watermark)
    assert (len(events), len(rest)) == (100, 30)


def test_subscriptions_that_can_not_be(ann: Mailbox, exchange: Exchange, clock: Clock) -> None:
    eve = Mailbox(exchange, "eve")
    identifier, watermark = open_subscription(ann, pull(minutes=5))
    stream, _ = open_subscription(ann, streaming())
    assert eve.codes(get_events(identifier, watermark)) == ["ErrorSubscriptionAccessDenied"]
    assert ann.codes(get_events("nonsense", watermark)) == ["ErrorInvalidSubscription"]
    assert ann.codes(get_events(stream, watermark)) == ["ErrorInvalidPullSubscriptionId"]
    assert ann.codes(get_events(identifier, "nonsense")) == ["ErrorInvalidWatermark"]
    assert ann.codes(pull(watermark="AAAA")) == ["ErrorInvalidWatermark"]
    both = pull().replace("<m:PullSubscriptionRequest>", '<m:PullSubscriptionRequest SubscribeToAllFolders="true">')
    assert ann.codes(both) == ["ErrorInvalidSubscriptionRequest"]
    foreign = pull().replace(folder_ref("contacts"), contacts_of("eve@acme.example"))
    assert ann.codes(foreign) == ["ErrorAccessDenied"]
    assert ann.fault(pull(minutes=1441))[0] == "ErrorSchemaValidation"
    clock.advance(6 * 60)
    assert ann.codes(get_events(identifier, watermark)) == ["ErrorExpiredSubscription"]
    assert ann.codes(get_events(identifier, watermark)) == ["ErrorSubscriptionNotFound"]
    end = f"<m:Unsubscribe><m:SubscriptionId>{stream}</m:SubscriptionId></m:Unsubscribe>"
    assert ann.codes(end) == ["NoError"]
    assert ann.codes(end) == ["ErrorSubscriptionNotFound"]


def open_answer(ann: Mailbox, content: str) -> Answer:
    answer = ann.post(content)
    assert answer.stream is not None
    assert text(check_valid(answer.body), ".//m:ConnectionStatus") == "OK"
    return answer


def test_a_stream_tells_beats_and_closes_by_the_vendors_clock(ann: Mailbox, clock: Clock) -> None:
    identifier, _ = open_subscription(ann, streaming())
    ann.create("<t:GivenName>Before</t:GivenName>")
    stream = open_answer(ann, get_stream(identifier, minutes=2)).stream
    first = check_valid(next(stream))
    assert texts(first, ".//t:Notification/t:SubscriptionId") == [identifier]
    assert first.find(".//t:CreatedEvent/t:ItemId", NS) is not None
    assert first.find(".//t:Watermark", NS) is None
    assert next(stream) == b""
    clock.advance(46)
    assert text(check_valid(next(stream)), ".//m:ConnectionStatus") == "OK"
    ref = ann.create("<t:GivenName>During</t:GivenName>")
    told = check_valid(next(stream)).find(".//t:CreatedEvent/t:ItemId", NS)
    assert told.get("Id") == ref.id
    clock.advance(75)
    assert text(check_valid(next(stream)), ".//m:ConnectionStatus") == "Closed"
    assert list(stream) == []


def test_streams_end_for_a_reason(ann: Mailbox) -> None:
    identifier, _ = open_subscription(ann, streaming())
    older = open_answer(ann, get_stream(identifier)).stream
    newer = open_answer(ann, get_stream(identifier)).stream
    ended = check_valid(next(older))
    assert text(ended, ".//m:ResponseCode") == "ErrorNewEventStreamConnectionOpened"
    ann.ask_one(f"<m:Unsubscribe><m:SubscriptionId>{identifier}</m:SubscriptionId></m:Unsubscribe>")
    ended = check_valid(next(newer))
    assert text(ended, ".//m:ResponseCode") == "ErrorSubscriptionUnsubscribed"
    assert texts(ended, ".//m:ErrorSubscriptionIds/t:SubscriptionId") == [identifier]
    refused = ann.post(get_stream(identifier))
    assert refused.stream is None
    assert text(check_valid(refused.body), ".//m:ResponseCode") == "ErrorSubscriptionNotFound"
    assert ann.fault(get_stream(identifier, minutes=31))[0] == "ErrorSchemaValidation"


def test_a_user_has_ten_streams_at_most(ann: Mailbox) -> None:
    identifiers = [open_subscription(ann, streaming())[0] for _ in range(11)]
    streams = [open_answer(ann, get_stream(each)).stream for each in identifiers[:10]]
    refused = check_valid(ann.post(get_stream(identifiers[10])).body)
    assert text(refused, ".//m:ResponseCode") == "ErrorExceededConnectionCount"
    streams[0].close()  # the client went away
    open_answer(ann, get_stream(identifiers[10]))


def test_folders_are_told_of(ann: Mailbox) -> None:
    identifier, watermark = open_subscription(ann, pull("msgfolderroot"))
    folder = ann.create_folder("Clients", "msgfolderroot")
    ann.ask_one(
        f'<m:DeleteFolder DeleteType="MoveToDeletedItems"><m:FolderIds>{folder_ref(folder)}</m:FolderIds>'
        f"</m:DeleteFolder>"
    )
    events, _ = list_kinds(ann, identifier, watermark)
    assert events == ["CreatedEvent FolderId", "MovedEvent FolderId"]


@pytest.mark.parametrize(("header", "cookie"), [({"x-preferserveraffinity": "true"}, True), ({}, False)])
def test_affinity_is_given_to_who_asks_for_it(exchange: Exchange, header: dict[str, str], cookie: bool) -> None:
    asked = request(pull())
    answer = exchange.answer(type(asked)(asked.method, asked.path, "", {**asked.headers, **header}, asked.body))
    assert ("X-BackEndOverrideCookie=" in answer.headers.get("set-cookie", "")) is cookie
