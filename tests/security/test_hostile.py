"""Servers that lie: pages without end, links and redirects to other hosts, answers without measure.

A token stays with its vendor's host, requests are bounded, the session fails and says why, and nothing is deleted.
"""

import json
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest

from mailsync import line
from mailsync.errors import AnswerBroken
from mailsync.mailbox.google import GoogleLogin, feed, labels
from mailsync.mailbox.google.channel import Channel as GoogleChannel
from mailsync.mailbox.microsoft.channel import Channel
from mailsync.mailbox.microsoft.login import MicrosoftLogin
from mailsync.mailbox.microsoft.transport import Transport
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
    channel = Channel(Transport(login), login, 1.0)
    with pytest.raises(AnswerBroken):
        channel.relative(link)


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
