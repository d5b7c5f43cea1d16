"""Each parser that takes bytes from outside: never an error of another kind than it declares.

That none takes longer than in step with its input: `test_parser_growth.py`.
"""

import json
import os
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import requests
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from mailsync.core.phone import parse_phone
from mailsync.crm import soql
from mailsync.crm.salesforce import cursor as salesforce_cursor
from mailsync.crm.salesforce.answers import as_time, budget_of, failure, faults_of, read_json
from mailsync.errors import MailsyncError, SettingsError, StoreError, VendorError
from mailsync.line import Reply, read_date, read_wait
from mailsync.login.device import read_offer
from mailsync.login.grant import is_usable, read_grant
from mailsync.login.web import read_granted, read_object
from mailsync.mailbox.exchange import cursor as exchange_cursor
from mailsync.mailbox.exchange.answers import read_reply
from mailsync.mailbox.exchange.items import read_instant
from mailsync.mailbox.exchange.soap import make_envelope, parse
from mailsync.settings.file import load_settings
from tests.prove.selection import SECONDS

EXAMPLES = 2000 if SECONDS in os.environ else 150
HARSH = settings(max_examples=EXAMPLES, deadline=None, database=None, suppress_health_check=list(HealthCheck))

SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=40)
JSON = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(
                [
                    *(
                        "errors",
                        "errorCode",
                        "message",
                        "fields",
                        "statusCode",
                        "error",
                        "duplicateResult",
                        "matchResults",
                    ),
                    *(
                        "matchRecords",
                        "record",
                        "Id",
                        "form",
                        "mark",
                        "view",
                        "selection",
                        "description",
                        "version",
                        "home",
                    ),
                ]
            )
            | st.text(max_size=8),
            inner,
            max_size=5,
        )
    ),
    max_leaves=12,
)
HEADERS = st.dictionaries(
    st.sampled_from(["retry-after", "date", "sforce-limit-info", "content-type"]), st.text(max_size=40), max_size=4
)
STATUSES = st.integers(100, 599)
SOAP = (
    b'<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/" '
    b'xmlns:m="http://schemas.microsoft.com/exchange/services/2006/messages" '
    b'xmlns:t="http://schemas.microsoft.com/exchange/services/2006/types"><s:Body>'
    b'<m:GetItemResponse><m:ResponseMessages><m:GetItemResponseMessage ResponseClass="Success"><m:ResponseCode>NoError'
    b'</m:ResponseCode><m:Items><t:Contact><t:ItemId Id="A" ChangeKey="B"/><t:Surname>Doe</t:Surname></t:Contact>'
    b"</m:Items></m:GetItemResponseMessage></m:ResponseMessages></m:GetItemResponse></s:Body></s:Envelope>"
)
BOMBS = (
    b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]><x>&b;</x>',
    b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><x>&a;</x>',
    b"<a>" * 100_000,
    b"\xff\xfe<\x00a\x00/\x00>\x00",
    b"\xef\xbb\xbf" + SOAP,
    SOAP + b"\x00",
    SOAP + SOAP,
    b"",
)
NESTED = b"[" * 200_000
TRICKY = "'\"\\%_\n\r\t\0\u2028\u202e\ud7ff\U0001f469\u200d\U0001f4bb"


@st.composite
def spoilt(draw: Callable[..., Any], whole: bytes = SOAP) -> bytes:
    """A good answer with a piece taken out, doubled, or overwritten by noise."""
    start = draw(st.integers(0, len(whole)))
    end = draw(st.integers(start, min(len(whole), start + 60)))
    middle = draw(st.sampled_from([b"", whole[start:end] * 2]) | st.binary(max_size=30))
    return whole[:start] + middle + whole[end:]


@pytest.mark.parametrize("body", BOMBS, ids=range(len(BOMBS)))
def test_an_ews_answer_that_is_a_trap(body: bytes) -> None:
    with suppress(VendorError):
        read_reply(Reply(200, {}, body), "GetItem", 1)
    with suppress(VendorError):
        read_reply(Reply(500, {}, body), "GetItem", 1)


@HARSH
@given(STATUSES, HEADERS, spoilt() | st.binary(max_size=200), st.integers(0, 3))
def test_ews_answers(status: int, headers: dict[str, str], body: bytes, count: int) -> None:
    with suppress(VendorError):
        messages = read_reply(Reply(status, headers, body), "GetItem", count)
        assert len(messages) == count


@HARSH
@given(st.text(max_size=60))
@example("2026-11-22T08:59:12.123456789Z")
@example("0001-01-01T00:00:00+14:00")
@example("9999-12-31T23:59:59-14:00")
def test_instants_of_both_vendors(text: str) -> None:
    read_instant(text)
    read_date(text)
    with suppress(VendorError):
        as_time(text)


@HARSH
@given(STATUSES, HEADERS, JSON.map(lambda value: json.dumps(value).encode()) | st.binary(max_size=200))
@example(200, {}, NESTED)
@example(403, {}, b'[{"errorCode": ["x"], "message": 1, "fields": "Id"}]')
@example(400, {}, b'[{"errorCode": "DUPLICATES_DETECTED", "duplicateResult": {"matchResults": [{"matchRecords": 1}]}}]')
@example(
    400, {}, b'[{"errorCode": "DUPLICATES_DETECTED", "duplicateResult": {"matchResults": [{"matchRecords": [{}]}]}}]'
)
@example(503, {"retry-after": "9" * 400, "date": "x"}, b"")
@example(503, {"retry-after": "Fri, 31 Dec 9999 23:59:59 -2359"}, b"")
def test_salesforce_answers(status: int, headers: dict[str, str], body: bytes) -> None:
    with suppress(VendorError):
        error = failure(status, faults_of(read_json(body)), headers)
        assert isinstance(error, VendorError)
    read_wait(headers)
    budget_of(Reply(status, headers, body))


@HARSH
@given(JSON.map(json.dumps) | st.text(max_size=80))
@example(NESTED.decode())
@example('{"form": 1, "version": 1, "home": "h"}')
def test_cursors_out_of_the_store(text: str) -> None:
    """A cursor that can't be read any more is none: everything is read once."""
    salesforce_cursor.load(text)
    exchange_cursor.read_cursor(text, "h")


@HARSH
@given(st.text(max_size=200), st.sampled_from(["US", "DE", "", "XX"]))
@example("+" * 5000, "US")
@example("1" * 100_000, "US")
@example("(" * 3000 + "1", "DE")
def test_phones(text: str, region: str) -> None:
    phone = parse_phone(text, region)
    assert phone.key or not phone.plain or phone.plain


@HARSH
@given(st.text(max_size=120), st.text(max_size=20))
@example(TRICKY, "Name")
@example("\ud800", "Name")
def test_texts_become_one_literal_of_soql_whatever_they_hold(text: str, field: str) -> None:
    """The literal ends where it should: no quote of the text is left bare."""
    with suppress(ValueError):
        for literal in (soql.quote(text), soql.containing(text)):
            inner = literal[1:-1]
            assert literal[0] == literal[-1] == "'"
            bare = inner.replace("\\\\", "").replace("\\'", "")
            assert "'" not in bare
            assert not bare.endswith("\\")
    with suppress(ValueError):
        assert soql.field_name(field).replace(".", "").replace("_", "").isalnum()


@HARSH
@given(st.text(max_size=200))
@example("SELECT Id FROM Contact WHERE Name = 'a FROM b WHERE c' ORDER BY Id")
@example("SELECT Id FROM Contact WHERE Name = 'unclosed")
@example("(" * 5000)
def test_a_views_own_query(text: str) -> None:
    with suppress(ValueError, MailsyncError):
        soql.split(text)
    with suppress(ValueError, MailsyncError):
        soql.split(f"SELECT Id FROM Contact WHERE {text} ORDER BY Name")  # noqa: S608 - a view's own text


@HARSH
@given(st.text(max_size=300).map(str.encode) | st.binary(max_size=100))
@example(b"[salesforce]\nurl = 1\n[users.ann]\nmailbox = []\n")
@example(b"[users]\nann = 3\n")
@example(b"a = " + b"[" * 3000)
@example(b"[defaults]\n" + b"x." * 2000 + b"y = 1\n")
@example(b"\xff\xfe")
def test_settings_files(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    file: Path = tmp_path_factory.getbasetemp() / "hostile.toml"
    file.write_bytes(content)
    with suppress(SettingsError):
        load_settings(file, {})


@HARSH
@given(st.text(max_size=200))
@example(TRICKY)
@example("\ud800 lone \x00 \x0b \ufffe")
def test_what_goes_to_exchange_is_xml_whatever_it_holds(text: str) -> None:
    from mailsync.mailbox.exchange.soap import escape

    sent = make_envelope(f'<m:GetItem a="{escape(text)}">{escape(text)}</m:GetItem>')
    body = parse(sent)
    assert len(body) == 1


NOW = datetime(2026, 11, 27, tzinfo=UTC)
OAUTH = st.dictionaries(
    st.sampled_from(
        [
            *("access_token", "refresh_token", "expires_in", "interval", "verification_url", "verification_uri"),
            *("user_code", "device_code", "error", "access", "refresh", "ends"),
        ]
    ),
    SCALARS | st.lists(SCALARS, max_size=2) | st.sampled_from(["inf", "nan", "1e999", "2026-01-01", "12"]),
    max_size=8,
)
CODE = {"verification_url": "https://x.example", "user_code": "A", "device_code": "B"}


@HARSH
@given(OAUTH)
@example({"access_token": "a", "expires_in": float("nan")})
@example({"access_token": "a", "expires_in": -1e300})
@example({**CODE, "expires_in": "soon"})
@example({**CODE, "interval": [1]})
@example({**CODE, "expires_in": "inf", "interval": -1})
@example({**CODE, "expires_in": 10**400})
def test_oauth_answers(content: dict[str, Any]) -> None:
    """What is granted can be asked whether it still holds; a code is asked about with pauses, and not for ever."""
    with suppress(VendorError):
        is_usable(read_granted("google", content, NOW), NOW)
    with suppress(VendorError):
        offered = read_offer("google", content)
        assert 1 <= offered.interval <= offered.seconds <= 3600 or offered.seconds >= 1
        assert offered.interval >= 1


@HARSH
@given(JSON.map(lambda value: json.dumps(value).encode()) | st.binary(max_size=200))
@example(NESTED)
def test_token_answers_that_are_no_object(body: bytes) -> None:
    answer = requests.Response()
    answer.status_code, answer._content = 200, body
    with suppress(VendorError):
        assert isinstance(read_object("google", answer), dict)


@HARSH
@given(OAUTH.map(json.dumps) | JSON.map(json.dumps) | st.text(max_size=80))
@example(NESTED.decode())
@example('{"access": "a", "refresh": "b", "ends": "2026-01-01T00:00:00"}')
@example('{"access": "a", "refresh": "b", "ends": "0001-01-01T00:00:00+00:00"}')
def test_grants_out_of_the_store(text: str) -> None:
    with suppress(StoreError):
        is_usable(read_grant(text), NOW)
