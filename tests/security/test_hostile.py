"""Servers that lie: pages without end, links and redirects to other hosts, answers without measure.

A token stays with its vendor's host, requests are bounded, the session fails and says why, and nothing is deleted.
"""

import gzip
import json
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest

from mailsync import line
from mailsync.crm.salesforce import queries
from mailsync.crm.salesforce.connection import Connection
from mailsync.crm.salesforce.login import SalesforceLogin
from mailsync.errors import AnswerBroken
from mailsync.login import answers, device, web
from mailsync.login.apps import App, google_app
from mailsync.mailbox.exchange import feed as exchange_feed
from mailsync.mailbox.exchange import paging, search, tree
from mailsync.mailbox.exchange import transport as exchange_transport
from mailsync.mailbox.exchange.channel import Channel as ExchangeChannel
from mailsync.mailbox.exchange.items import make_wanted
from mailsync.mailbox.exchange.login import ExchangeLogin
from mailsync.mailbox.google import GoogleLogin, feed, labels
from mailsync.mailbox.google.channel import Channel as GoogleChannel
from mailsync.mailbox.microsoft import pages
from mailsync.mailbox.microsoft import transport as microsoft_transport
from mailsync.mailbox.microsoft.channel import Channel, Part
from mailsync.mailbox.microsoft.login import MicrosoftLogin
from mailsync.mapping.table import load
from mailsync.ports.bearer import FixedBearer
from mailsync.sandbox.server import running_sandbox
from tests.contract.crm.stub import stub
from tests.e2e.gmail import gmail_stage
from tests.e2e.graph_stage import graph_stage
from tests.e2e.stage import Stage, stage
from tests.faults.busy import skip_waits

STAGES: dict[str, Callable[[Path], AbstractContextManager[Stage]]] = {
    "salesforce": stage,
    "exchange": stage,
    "google": gmail_stage,
    "microsoft": graph_stage,
}
NOW = datetime(2026, 11, 27, tzinfo=UTC)
MOST_REQUESTS = 40
"""Of one session in which every answer of a vendor lies, all tries counted."""


@pytest.fixture(params=list(STAGES))
def scene(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[str, Stage]]:
    """A vendor that will lie, and three contacts that both sides hold by then."""
    with STAGES[request.param](tmp_path) as standing:
        for name in ("Ann", "Bea", "Cleo"):
            standing.org.create(FirstName=name, LastName="Kept", Email=f"{name.lower()}@x.example")
        standing.sync()
        yield request.param, standing


@pytest.fixture(autouse=True)
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    return skip_waits(monkeypatch)


def people(scene: Stage) -> dict[str, Any]:
    """What both vendors hold of contacts."""
    world = scene.box.sandbox.dump()
    return {vendor: world[vendor] for vendor in ("salesforce", "exchange", "google", "microsoft") if vendor in world}


def lie(vendor: str, scene: Stage, **fault: Any) -> dict[str, Any]:
    """The session in which the vendor lies; checks that it fails, changes nothing and comes to an end."""
    before = people(scene)
    scene.forget_requests()
    scene.fault(vendor=vendor, times=None, **fault)
    report = scene.sync(None)
    assert report["status"] == "failed", report
    assert report["reason"], report
    assert "internal error" not in report["reason"].lower(), report
    assert len(scene.requests()) <= MOST_REQUESTS
    assert scene.writes() == []
    scene.box.sandbox.lift_faults()
    assert people(scene) == before
    return report


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_no_token_follows_a_redirect(scene: tuple[str, Stage], status: int) -> None:
    vendor, standing = scene
    with running_sandbox() as other:
        lie(vendor, standing, kind="redirect", status=status, location=other.url + "/v1.0/me")
        assert other.sandbox.log.entries() == ()
    standing.sync()


def test_an_answer_without_measure_is_not_read_to_its_end(
    scene: tuple[str, Stage], monkeypatch: pytest.MonkeyPatch
) -> None:
    vendor, standing = scene
    with monkeypatch.context() as patch:
        patch.setattr(line, "LARGEST", 64)
        lie(vendor, standing, kind="delay", seconds=0)
    standing.sync()


ELSEWHERE = (
    "https://evil.example/v1.0/me/contacts",
    "https://graph.microsoft.com.evil.example/v1.0/me/contacts",
    "https://graph.microsoft.com@evil.example/v1.0/me/contacts",
    "https://graph.microsoft.com:99999/v1.0/me",
    "https://graph.microsoft.com:port/v1.0/me",
    "https://[graph.microsoft.com/v1.0/me",
    "http://graph.microsoft.com/v1.0/me/contacts",
    "//evil.example/v1.0/me",
    "/v1.0/me/contacts",
    "https://graph.microsoft.com/v1.0/../../admin",
    "https://graph.microsoft.com:8443/v1.0/me/contacts",
    "https://user@graph.microsoft.com/v1.0/me/contacts",
    "javascript:alert(1)",
    "",
)


@pytest.mark.parametrize("link", ELSEWHERE)
def test_graphs_links_are_followed_on_graph_alone(link: str) -> None:
    """Also those that are no addresses at all, which urlsplit says by a ValueError."""
    login = MicrosoftLogin("https://graph.microsoft.com", FixedBearer("t"))
    channel = Channel(microsoft_transport.Transport(login), login, 1.0)
    with pytest.raises(AnswerBroken):
        channel.relative(link)


@pytest.mark.parametrize("how", ["repeated", "loop", "zero"])
def test_pages_that_lead_in_a_circle_come_to_an_end(scene: tuple[str, Stage], how: str) -> None:
    """Every list of the session lies; whether there is more to read than it says can't be known, so nothing is done."""
    vendor, standing = scene
    lie(vendor, standing, kind="paging", how=how)
    standing.sync()


def answer_each(make: Callable[[int], tuple[str, bytes]]) -> Callable[[BaseHTTPRequestHandler], None]:
    """Answers with 200 and what is made of the number of the request: the content type and the body."""
    count = iter(range(10**9))

    def answer(handler: BaseHTTPRequestHandler) -> None:
        kind, body = make(next(count))
        handler.send_response_only(200)
        handler.send_header("Content-Type", kind)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)

    return answer


def test_salesforces_pages_come_to_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each page names another one and holds another record, and there are said to be very many."""
    monkeypatch.setattr(queries, "_MOST_PAGES", 20)

    def page(number: int) -> tuple[str, bytes]:
        body = {
            "totalSize": 10**9,
            "done": False,
            "nextRecordsUrl": f"/services/data/v68.0/query/01g-{number}",
            "records": [{"Id": f"003{number:012}AAA", "Name": "x"}],
        }
        return "application/json", json.dumps(body).encode()

    with stub(answer_each(page)) as server:
        connection = Connection(SalesforceLogin(server.url, FixedBearer("t")))
        first = json.loads(page(10**6)[1])
        with pytest.raises(AnswerBroken):
            queries.read_pages(connection, queries.Query("SELECT Id FROM Contact"), first)
        assert len(server.seen) <= 2 * 21  # and once more from the beginning


SYNC = """<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body>
<m:{operation}Response xmlns:m="http://schemas.microsoft.com/exchange/services/2006/messages"
 xmlns:t="http://schemas.microsoft.com/exchange/services/2006/types"><m:ResponseMessages>
<m:{operation}ResponseMessage ResponseClass="Success"><m:ResponseCode>NoError</m:ResponseCode>{content}
</m:{operation}ResponseMessage></m:ResponseMessages></m:{operation}Response></s:Body></s:Envelope>"""
CHANGES = (
    "<m:SyncState>s{n}</m:SyncState><m:IncludesLastItemInRange>false</m:IncludesLastItemInRange>"
    '<m:Changes><t:Delete><t:ItemId Id="i{n}" ChangeKey="c"/></t:Delete></m:Changes>'
)
FOLDERS = (
    "<m:SyncState>s{n}</m:SyncState><m:IncludesLastFolderInRange>false</m:IncludesLastFolderInRange>"
    '<m:Changes><t:Delete><t:FolderId Id="f{n}"/></t:Delete></m:Changes>'
)
FOUND = (
    '<m:RootFolder IndexedPagingOffset="{n}" IncludesLastItemInRange="false" TotalItemsInView="9"><t:Items>'
    '<t:Contact><t:ItemId Id="i{n}" ChangeKey="c"/></t:Contact></t:Items></m:RootFolder>'
)
SAME = FOUND.replace('Id="i{n}"', 'Id="i"')


@pytest.mark.parametrize(
    ("operation", "content", "most"),
    [
        ("SyncFolderItems", CHANGES, 20),
        ("SyncFolderHierarchy", FOLDERS, 20),
        ("FindItem", FOUND, 20),
        ("FindItem", SAME, paging.PATIENCE + 1),
    ],
)
def test_exchanges_pages_come_to_an_end(
    operation: str, content: str, most: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each page names another place to go on from; `most` are asked for."""
    monkeypatch.setattr(paging, "MOST_PAGES", 20)

    def page(number: int) -> tuple[str, bytes]:
        text = SYNC.format(operation=operation, content=content.format(n=number + 1))
        return "text/xml; charset=utf-8", text.encode()

    with stub(answer_each(page)) as server:
        login = ExchangeLogin(server.url, "ann@acme.example", "ann@acme.example", "p")
        channel = ExchangeChannel(exchange_transport.Transport(login), login.address, 1.0)
        wanted = make_wanted(load("exchange"))
        reading: dict[str, Callable[[], object]] = {
            "SyncFolderItems": lambda: exchange_feed.read_feed(channel, "f", "s0", wanted, ("f",)),
            "SyncFolderHierarchy": lambda: tree.read_hierarchy(channel, "s0"),
            "FindItem": lambda: search.find_readings(channel, ["f"], search.MARKED, wanted, ("f",)),
        }
        with pytest.raises(AnswerBroken):
            reading[operation]()
        assert len(server.seen) == most


def test_graphs_pages_come_to_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "_MOST", 20)
    url = ""

    def page(number: int) -> tuple[str, bytes]:
        link = f"{url}/v1.0/me/contacts/delta?$skiptoken={number}"
        return "application/json", json.dumps({"value": [{"id": f"i{number}"}], "@odata.nextLink": link}).encode()

    with stub(answer_each(page)) as server:
        url = server.url
        login = MicrosoftLogin(url, FixedBearer("t"))
        channel = Channel(microsoft_transport.Transport(login), login, 1.0)
        with pytest.raises(AnswerBroken):
            pages.read_pages(channel, {"feed": Part("GET", "/me/contacts/delta", prefer=pages.PREFER_PAGE)})
        assert len(server.seen) == 21


LARGE = b'{"access_token": "' + b"x" * (2 * answers.LARGEST) + b'"}'
STARTED = web.Started("", "http://127.0.0.1/", "s", "v")
ASKED: dict[str, Callable[[App], object]] = {
    "refresh": lambda app: web.refresh(app, "r", NOW),
    "code": lambda app: web.redeem(app, STARTED, {"state": "s", "code": "c"}, NOW),
    "who": lambda app: web.ask_who(app, "t"),
    "device": device.offer,
}


@pytest.mark.parametrize("asked", ASKED)
@pytest.mark.parametrize("packed", [False, True])
def test_an_answer_to_a_log_in_is_not_read_to_its_end(asked: str, *, packed: bool) -> None:
    """Also one that is small on its way and large once it is unpacked."""

    def answer(handler: BaseHTTPRequestHandler) -> None:
        body = gzip.compress(LARGE) if packed else LARGE
        handler.send_response_only(200)
        handler.send_header("Content-Type", "application/json")
        handler.send_header("Content-Length", str(len(body)))
        if packed:
            handler.send_header("Content-Encoding", "gzip")
        handler.end_headers()
        handler.wfile.write(body)

    with stub(answer) as server:
        app = google_app(server.url, "id")
        with pytest.raises(AnswerBroken):
            ASKED[asked](app)
        assert len(server.seen) == 1


def endless(kind: str) -> Callable[[BaseHTTPRequestHandler], None]:
    """Pages that each name another one, with nothing on them."""
    count = iter(range(10**9))

    def answer(handler: BaseHTTPRequestHandler) -> None:
        body = json.dumps({kind: [], "nextPageToken": f"t{next(count)}"}).encode()
        handler.send_response_only(200)
        handler.send_header("Content-Type", "application/json")
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)

    return answer


@pytest.mark.parametrize("kind", ["connections", "contactGroups"])
def test_googles_pages_come_to_an_end(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feed, "MOST_PAGES", 20)
    monkeypatch.setattr(labels, "MOST_PAGES", 20)
    with stub(endless(kind)) as server:
        channel = GoogleChannel(GoogleLogin(server.url, FixedBearer("t")), 1.0)
        with pytest.raises(AnswerBroken):
            feed.list_contacts(channel, None) if kind == "connections" else labels.list_labels(channel)
        assert len(server.seen) == 20
