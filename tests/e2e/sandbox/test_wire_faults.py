"""Every fault that all vendors have, at each vendor: what a client sees on the wire, and what was carried out."""

import gzip
import json
import socket
import time
from collections.abc import Callable, Generator
from datetime import timedelta
from email.utils import parsedate_to_datetime

import pytest
import requests
from lxml import etree

from mailsync.sandbox.faultdetails import GENERIC, MALFORMATIONS
from mailsync.sandbox.server import RunningSandbox, running_sandbox
from tests.e2e.sandbox.vendors import LIMIT, VENDORS, WORLD, Desk


@pytest.fixture(scope="module")
def running() -> Generator[RunningSandbox]:
    with running_sandbox(WORLD) as box:
        yield box


@pytest.fixture(params=VENDORS)
def desk(running: RunningSandbox, request: pytest.FixtureRequest) -> Desk:
    running.sandbox.reset(WORLD)
    return Desk(running, request.param)


def _lost(desk: Desk, match: str) -> None:
    with pytest.raises(requests.ConnectionError, match=match):
        desk.create()


def _drop_before(desk: Desk) -> int:
    desk.fail("drop_before")
    _lost(desk, "without response")
    return 0


def _drop_after(desk: Desk) -> int:
    desk.fail("drop_after")
    _lost(desk, "without response")
    return 1


def _reset(desk: Desk) -> int:
    desk.fail("reset", at=0)
    _lost(desk, "reset by peer")
    desk.fail("reset", carry_out=False)
    _lost(desk, "reset by peer")
    desk.fail("reset", at=0.5)
    with pytest.raises(requests.RequestException, match="reset by peer"):
        desk.create()
    return 2


def _hang(desk: Desk) -> int:
    desk.fail("hang", seconds=0.15)
    start = time.perf_counter()
    _lost(desk, "without response")
    assert time.perf_counter() - start >= 0.15
    desk.fail("hang", carry_out=True)
    with pytest.raises(requests.ReadTimeout):
        desk.create(timeout=0.05)
    return 1


def _truncate(desk: Desk) -> int:
    whole = desk.read().content
    desk.fail("truncate")  # half of the body where nothing else is said
    for declared in ("whole", "chunked"):
        desk.fail("truncate", at=0.5, declared=declared)
    cut = desk.read()
    assert (cut.content, cut.headers["Content-Length"]) == (whole[: len(whole) // 2], str(len(whole) // 2))
    for message in ("IncompleteRead", "(?i)incomplete|prematurely|IncompleteRead"):
        with pytest.raises(requests.exceptions.ChunkedEncodingError, match=message):
            desk.read()
    return 0


def _malform(desk: Desk) -> int:
    for how in MALFORMATIONS:
        _SPOILT[how](desk)
    return 0


def _delay(desk: Desk) -> int:
    desk.fail("delay", seconds=0.15)
    start = time.perf_counter()
    assert desk.create().ok
    assert time.perf_counter() - start >= 0.15
    desk.fail("delay")  # two seconds where nothing else is said
    start = time.perf_counter()
    assert desk.read().ok
    assert time.perf_counter() - start >= 2
    return 1


def _trickle(desk: Desk) -> int:
    desk.fail("trickle", seconds=0.2, pieces=4)
    start = time.perf_counter()
    with desk.create(stream=True) as answer:
        headed = time.perf_counter() - start
        assert answer.content
    assert headed < 0.15 <= time.perf_counter() - start
    return 1


def _empty(desk: Desk) -> int:
    desk.fail("empty")
    answer = desk.create()
    assert answer.ok
    assert (answer.content, answer.headers["Content-Length"]) == (b"", "0")
    return 1


def _html(desk: Desk) -> int:
    desk.fail("html")
    desk.fail("html", carry_out=True)
    for _ in range(2):
        answer = desk.create()
        assert (answer.status_code, answer.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
        assert b'type="password"' in answer.content
    return 1


def _redirect(desk: Desk) -> int:
    desk.fail("redirect")
    desk.fail("redirect", location="http://127.0.0.2:9/x", status=307, carry_out=True)
    found = [desk.create(allow_redirects=False) for _ in range(2)]
    assert [(answer.status_code, answer.headers["Location"]) for answer in found] == [
        (302, "https://elsewhere.example/"),
        (307, "http://127.0.0.2:9/x"),
    ]
    return 1


_ENTRANCES = {"salesforce": "/services/data/", "exchange": "/EWS/Exchange.asmx", "google": "/v1/contactGroups"}


def _status(desk: Desk) -> int:
    desk.fail("status", status=418, body="tea", headers={"X-Pot": "7"})
    desk.fail("status", status=204, carry_out=True, body="none is sent")
    with requests.Session() as session:
        first, second = (
            session.get(desk.box.url + _ENTRANCES[desk.vendor], timeout=LIMIT, auth=("ann@acme.example", "sandbox"))
            for _ in range(2)
        )
    assert (first.status_code, first.text, first.headers["X-Pot"]) == (418, "tea", "7")
    assert (second.status_code, second.content) == (204, b"")
    return 0


def _error_after(desk: Desk) -> int:
    desk.fail("error_after", retry_after=-5)
    desk.fail("error_after", status=500, body="oops")
    desk.fail("error_after", status=503, retry_after=3600, retry_after_as="date")
    desk.fail("error_after", status=429, retry_after="soon")
    seen = [desk.create() for _ in range(4)]
    assert [answer.status_code for answer in seen] == [503, 500, 503, 429]
    assert [seen[0].headers["Retry-After"], seen[3].headers["Retry-After"]] == ["-5", "soon"]
    assert (seen[1].text, seen[1].headers.get("Retry-After")) == ("oops", None)
    ahead = parsedate_to_datetime(seen[2].headers["Retry-After"]) - desk.box.sandbox.clock.now()
    assert timedelta(seconds=3590) <= ahead <= timedelta(seconds=3600)
    return 4


def _skew(desk: Desk) -> int:
    for seconds in (-600, 600):
        desk.fail("skew", seconds=seconds)
        date = parsedate_to_datetime(desk.create().headers["Date"])
        assert abs((date - desk.box.sandbox.clock.now()).total_seconds() - seconds) < 5
    return 2


_TABLE: dict[str, Callable[[Desk], int]] = {
    "drop_before": _drop_before,
    "drop_after": _drop_after,
    "reset": _reset,
    "hang": _hang,
    "truncate": _truncate,
    "malform": _malform,
    "delay": _delay,
    "trickle": _trickle,
    "empty": _empty,
    "html": _html,
    "redirect": _redirect,
    "status": _status,
    "error_after": _error_after,
    "skew": _skew,
}


def _unreadable(how: str, *, same_length: bool) -> Callable[[Desk], None]:
    def check(desk: Desk) -> None:
        whole = desk.read().content
        desk.fail("malform", how=how)
        spoilt = desk.read().content
        assert (len(spoilt) == len(whole)) is same_length
        with pytest.raises((ValueError, etree.XMLSyntaxError)):
            _parse(desk, spoilt)

    return check


def _parse(desk: Desk, body: bytes) -> object:
    return json.loads(body.decode("utf-8")) if desk.vendor == "salesforce" else etree.fromstring(body)


def _bom(desk: Desk) -> None:
    whole = desk.read().content
    desk.fail("malform", how="bom")
    assert desk.read().content == b"\xef\xbb\xbf" + whole


def _doubled(desk: Desk) -> None:
    desk.fail("malform", how="duplicate_keys")
    body = desk.read().content
    if desk.vendor == "exchange":
        with pytest.raises(etree.XMLSyntaxError, match="redefined"):
            etree.fromstring(body)
        return
    seen: list[list[str]] = []
    json.loads(body, object_pairs_hook=lambda pairs: seen.append([name for name, _ in pairs]))
    assert seen
    assert all(names.count(names[-1]) == 2 for names in seen)


def _gzip(desk: Desk) -> None:
    for how in ("gzip", "gzip_cut"):
        desk.fail("malform", how=how)
        answer = desk.read(stream=True)
        assert answer.headers["Content-Encoding"] == "gzip"
        if how == "gzip":
            with pytest.raises(requests.exceptions.ContentDecodingError):
                _ = answer.content
        else:
            with pytest.raises(EOFError):
                gzip.decompress(answer.raw.read(decode_content=False))


def _gzip_undeclared(desk: Desk) -> None:
    whole = desk.read().content
    desk.fail("malform", how="gzip_undeclared")
    assert gzip.decompress(desk.read().content) == whole


def _content_type(desk: Desk) -> None:
    desk.fail("malform", how="content_type")
    desk.fail("malform", how="content_type", content_type="application/octet-stream")
    assert [desk.read().headers["Content-Type"] for _ in range(2)] == ["text/html", "application/octet-stream"]


_SPOILT: dict[str, Callable[[Desk], None]] = {
    "garble": _unreadable("garble", same_length=True),
    "bom": _bom,
    "utf8": _unreadable("utf8", same_length=True),
    "control": _unreadable("control", same_length=True),
    "duplicate_keys": _doubled,
    "gzip": _gzip,
    "gzip_cut": _gzip,
    "gzip_undeclared": _gzip_undeclared,
    "content_type": _content_type,
}


def test_the_table_has_every_kind_that_all_vendors_have() -> None:
    elsewhere = {"certificate", "act"}  # test_certificates.py, test_meanwhile_faults.py
    assert set(_TABLE) | elsewhere == set(GENERIC)
    assert set(_SPOILT) == set(MALFORMATIONS)


@pytest.mark.parametrize("kind", sorted(_TABLE))
def test_on_the_wire_and_behind_it(desk: Desk, kind: str) -> None:
    before = desk.count()
    created = _TABLE[kind](desk)
    assert desk.count() - before == created
    assert desk.box.sandbox.faults.describe() == []
    assert desk.read().ok


def test_a_fault_without_end_strikes_until_it_is_lifted(desk: Desk) -> None:
    desk.fail("status", operation="read" if desk.vendor == "salesforce" else "changes", status=500, times=None, after=1)
    assert [desk.read().status_code for _ in range(5)] == [200, 500, 500, 500, 500]
    assert desk.box.sandbox.faults.describe()[0]["times"] is None
    desk.box.sandbox.faults.clear()
    assert desk.read().status_code == 200


def test_a_reset_is_no_orderly_end(desk: Desk) -> None:
    desk.fail("reset", at=1, carry_out=False)
    with socket.create_connection(("127.0.0.1", desk.box.port), timeout=LIMIT) as connection:
        path = _ENTRANCES[desk.vendor]
        connection.sendall(f"GET {path} HTTP/1.1\r\nHost: sandbox.example\r\n\r\n".encode())
        with pytest.raises(ConnectionResetError):
            connection.recv(65536, socket.MSG_WAITALL)
