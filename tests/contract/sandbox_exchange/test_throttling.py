"""Budgets as a world sets them: balance and back-off, concurrency, find count, subscriptions."""

from dataclasses import replace

import pytest

from mailsync.sandbox.exchange import Exchange
from mailsync.sandbox.vendor import Answer, Clock, Refused
from tests.contract.sandbox_exchange.test_notifications import pull
from tests.contract.sandbox_exchange.wire import NS, Mailbox, envelope, find_item, request, text

GET = "<m:GetFolder><m:FolderShape><t:BaseShape>IdOnly</t:BaseShape></m:FolderShape><m:FolderIds>" + (
    '<t:DistinguishedFolderId Id="contacts"/></m:FolderIds></m:GetFolder>'
)


def make(clock: Clock, **throttling: int) -> Exchange:
    exchange = Exchange(clock)
    exchange.load({"mailboxes": [{"user": "ann"}], "throttling": throttling})
    assert exchange.dump()["throttling"] == throttling
    return exchange


def post(exchange: Exchange, connection: int = 1, content: str = GET) -> Answer:
    return exchange.answer(replace(request(content), connection=connection))


def test_a_spent_budget_says_how_long_to_wait(clock: Clock) -> None:
    exchange = make(clock, EWSMaxBurst=100, EWSRechargeRate=3_600_000, EWSCutoffBalance=200, RequestMilliseconds=1000)
    assert [post(exchange).status for _ in range(2)] == [200, 500]
    busy = post(exchange).body.decode()
    assert "ErrorServerBusy" in busy
    wait = int(busy.partition('Name="BackOffMilliseconds">')[2].partition("<")[0])
    assert 800 < wait <= 901
    clock.advance(wait / 1000)
    assert post(exchange).status == 200


def test_busy_connections_are_counted(clock: Clock) -> None:
    exchange = make(clock, EWSMaxConcurrency=2, RequestMilliseconds=5000)
    assert [post(exchange, each).status for each in (1, 2, 1, 2)] == [200] * 4
    assert b"ErrorExceededConnectionCount" in post(exchange, 3).body
    clock.advance(6)
    assert post(exchange, 3).status == 200


def test_large_answers_are_paged_or_refused_by_schema(clock: Clock) -> None:
    ann = Mailbox(make(clock, EWSFindCountLimit=3), "ann")
    for _ in range(5):
        ann.create("<t:GivenName>Jo</t:GivenName>")
    page = ann.ask_one(find_item("contacts")).find("m:RootFolder", NS)
    assert (len(page.find("t:Items", NS)), page.get("IncludesLastItemInRange")) == (3, "false")
    old = envelope(find_item("contacts")).replace(b'Version="Exchange2016"', b'Version="Exchange2010"')
    answer = ann.exchange.answer(replace(request(""), body=old))
    assert b"ErrorExceededFindCountLimit" in answer.body


def test_subscriptions_are_counted(clock: Clock) -> None:
    ann = Mailbox(make(clock, EWSMaxSubscriptions=1), "ann")
    assert [ann.codes(pull())[0] for _ in range(2)] == ["NoError", "ErrorExceededSubscriptionCount"]
    clock.advance(11 * 60)
    assert text(ann.ask(pull())[0], "m:ResponseCode") == "NoError"


@pytest.mark.parametrize(
    ("throttling", "key"), [({"Speed": 1}, "Speed"), ({"EWSMaxBurst": -1}, "EWSMaxBurst"), ([], "throttling")]
)
def test_wrong_limits_are_refused_by_their_key(clock: Clock, throttling: object, key: str) -> None:
    with pytest.raises(Refused, match=key):
        Exchange(clock).load({"mailboxes": [], "throttling": throttling})
