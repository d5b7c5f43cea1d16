"""The traps of the client library and of HTTP: each test names the one it shuts."""

import gzip
import json
import time
from dataclasses import replace
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from threading import Event

import pytest
import requests

from mailsync import line
from mailsync.crm.salesforce import SalesforceLogin, open_salesforce, transport
from mailsync.crm.salesforce.transport import Transport
from mailsync.errors import AnswerBroken, LoginRefused, OutcomeUnknown, SettingsError, Unreachable
from mailsync.mapping.table import load
from mailsync.ports.bearer import FixedBearer
from tests.contract.crm.stub import certificate, reply, stub

USER = json.dumps({"user_id": "005Ib0000000001", "organization_id": "00DIb0000000001", "preferred_username": "a@b"})
DATE = "Sun, 22 Nov 2026 08:59:12 GMT"


def _crm(url: str, waits: list[float] | None = None, **settings: str):
    sleep = (waits if waits is not None else []).append
    return open_salesforce(SalesforceLogin(url, FixedBearer("secret-token"), **settings), load(), sleep=sleep)


@pytest.mark.parametrize(
    "url",
    [
        "http://acme.my.salesforce.com",
        "http://10.0.0.1:8025",
        "http://127.0.0.1.evil.example",
        "http://127.0.0.1@evil.example",
        "http://[::ffff:127.0.0.1]:80",
        "http://2130706433",
        "http://169.254.169.254",
        "https://user:pass@acme.my.salesforce.com",
        "https://acme.my.salesforce.com/services",
        "https://acme.my.salesforce.com?x=1",
        "file:///etc/passwd",
        "ftp://127.0.0.1",
        "acme.my.salesforce.com",
        "https://",
        "https://[::1",
        "https://acme:99999",
        "",
    ],
)
def test_a_token_is_never_sent_anywhere_but_https_or_this_machine(url: str) -> None:
    with pytest.raises(SettingsError, match=r"salesforce\.url"):
        _crm(url)


def test_all_problems_of_a_login_are_named_at_once_and_the_token_is_never_shown() -> None:
    login = SalesforceLogin("x", FixedBearer(" "), "v68", external_id="a b")
    with pytest.raises(SettingsError) as caught:
        open_salesforce(login, load())
    assert len(caught.value.problems) == 3
    assert "secret" not in repr(SalesforceLogin("https://a.example", FixedBearer("secret")))
    with pytest.raises(SettingsError, match=r"salesforce\.ca"):
        _crm("https://acme.my.salesforce.com", ca="/nowhere.pem")


def test_https_is_hard_coded_in_the_client_and_turned_to_http_for_the_loopback_alone() -> None:
    with stub(reply(200, USER.encode(), Date=DATE)) as server:
        assert _crm(server.url).identify().username == "a@b"
        assert _crm(server.url.replace("127.0.0.1", "localhost")).identify().organisation == "00DIb0000000001MAA"
        line = Transport(SalesforceLogin("https://127.0.0.1:9", FixedBearer("t")))
        with pytest.raises(Unreachable):
            line.send("GET", "/", token="t")
        assert len(server.seen) == 2


def test_no_request_is_without_a_time_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    assert transport.PEER.timeouts == (5.0, 30.0)
    monkeypatch.setattr(transport, "PEER", replace(transport.PEER, timeouts=(0.2, 0.1)))
    with stub(_silent) as server:
        with pytest.raises(OutcomeUnknown):
            Transport(SalesforceLogin(server.url, FixedBearer("t"))).send("GET", "/", token="t")
        assert not _ended.is_set()


_ended = Event()
"""Set once a stub below has given up by itself: long after the client should have."""


def _silent(handler: BaseHTTPRequestHandler) -> None:
    _ended.clear()
    time.sleep(2)
    handler.close_connection = True
    _ended.set()


def _drip(handler: BaseHTTPRequestHandler) -> None:
    _ended.clear()
    reply(200, b" ", Content_Length="1000")(handler)
    for _ in range(100):
        handler.wfile.write(b" ")
        handler.wfile.flush()
        time.sleep(0.02)
    _ended.set()


def test_an_answer_that_only_drips_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport, "PEER", replace(transport.PEER, longest=0.1))
    with stub(_drip) as server:
        with pytest.raises(OutcomeUnknown):
            Transport(SalesforceLogin(server.url, FixedBearer("t"))).send("GET", "/", token="t")
        assert not _ended.is_set()


def test_an_answer_without_end_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(line, "LARGEST", 100_000)
    bomb = gzip.compress(b" " * 10_000_000)
    with stub(reply(200, bomb, Content_Encoding="gzip")) as server, pytest.raises(AnswerBroken):
        Transport(SalesforceLogin(server.url, FixedBearer("t"))).send("GET", "/", token="t")


def test_compressed_answers_are_read() -> None:
    with stub(reply(200, gzip.compress(USER.encode()), Content_Encoding="gzip")) as server:
        assert (
            json.loads(Transport(SalesforceLogin(server.url, FixedBearer("t"))).send("GET", "/", token="t").body)[
                "preferred_username"
            ]
            == "a@b"
        )


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_redirects_are_never_followed_with_the_token(status: int) -> None:
    with stub(reply(200, USER.encode())) as other, stub(reply(status, Location=f"{other.url}/x")) as server:
        with pytest.raises(AnswerBroken) as caught:
            _crm(server.url).identify()
        assert "address" in caught.value.remedy
        assert (len(server.seen), other.seen) == (1, [])


def test_a_401_is_one_request_and_no_recursion() -> None:
    body = json.dumps([{"errorCode": "INVALID_SESSION_ID", "message": "Session expired or invalid"}]).encode()
    for answer in (reply(401, body), reply(401, b"<html>"), reply(403, b"Bad_OAuth_Token")):
        with stub(answer) as server:
            with pytest.raises(LoginRefused) as caught:
                _crm(server.url).identify()
            assert len(server.seen) == 1
            assert caught.value.remedy


def test_a_closed_port_is_unreachable_and_not_counted() -> None:
    with stub(reply(200)) as server:
        url = server.url
    waits: list[float] = []
    crm = _crm(url, waits)
    with pytest.raises(Unreachable) as caught:
        crm.identify()
    assert crm.requests == 0
    assert 30 < sum(waits) <= 60
    assert caught.value.code == "CONNECT"
    with pytest.raises(Unreachable):
        crm.create_account("never sent, so not in doubt")


def test_requests_environment_never_overrides_the_certificates(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pem = certificate(tmp_path)
    with stub(reply(200, USER.encode(), Date=DATE), pem) as server:
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(pem))
        monkeypatch.setenv("CURL_CA_BUNDLE", str(pem))
        with pytest.raises(Unreachable) as caught:
            _crm(server.url).identify()
        assert caught.value.code == "TLS"
        assert server.seen == []
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/nowhere.pem")
        monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
        assert _crm(server.url, ca=str(pem)).identify().id == "005Ib0000000001IAA"


def test_certificates_are_loaded_once_however_many_users_there_are() -> None:
    one, other = (Transport(SalesforceLogin("https://acme.my.salesforce.com", FixedBearer("t"))) for _ in range(2))
    assert one._adapter._context is other._adapter._context
    assert one._adapter._context.verify_mode.name == "CERT_REQUIRED"
    assert one._adapter._context.check_hostname


def test_plain_http_is_spoken_by_nothing_in_the_session() -> None:
    line = Transport(SalesforceLogin("https://acme.my.salesforce.com", FixedBearer("t")))
    with pytest.raises(requests.ConnectionError):
        line._session.get("http://127.0.0.1:9/")


def test_time_budget_and_count_come_from_the_answers() -> None:
    usage = "api-usage=25/5000; per-app-api-usage=17/250(appName=mailsync)"
    with stub(reply(200, USER.encode(), Date=DATE, Sforce_Limit_Info=usage)) as server:
        crm = _crm(server.url)
        assert (crm.requests, crm.budget) == (0, None)
        assert crm.now.isoformat() == "2026-11-22T08:59:12+00:00"
        assert crm.budget is not None
        assert (crm.requests, crm.budget.used, crm.budget.allowed) == (1, 25, 5000)
        assert server.seen[0][2]["authorization"] == "Bearer secret-token"
        assert "x-prettyprint" not in server.seen[0][2]
        crm.close()
