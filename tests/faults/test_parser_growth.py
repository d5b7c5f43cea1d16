"""Each parser that takes bytes from outside in bounded time: its cost grows with its input no faster than in step.

As a ratio of processor times within one run, which holds on any machine; `test_parsers.py` has what they may raise.
"""

import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import pytest
import requests

from mailsync.core.phone import parse_phone
from mailsync.crm import soql
from mailsync.crm.salesforce import cursor as salesforce_cursor
from mailsync.crm.salesforce.answers import as_time, budget_of, failure, faults_of, read_json
from mailsync.errors import MailsyncError
from mailsync.line import Reply, read_date, read_wait
from mailsync.login.grant import is_usable, read_grant
from mailsync.login.web import read_object
from mailsync.mailbox.exchange import cursor as exchange_cursor
from mailsync.mailbox.exchange.answers import read_reply
from mailsync.mailbox.exchange.items import read_instant
from mailsync.mailbox.exchange.soap import escape, make_envelope, parse
from mailsync.settings.file import load_settings
from tests.services.growth import growth

SMALL, TIMES = 4_000, 8
MOST = 3 * TIMES
"""A parser whose cost is in step takes TIMES as long for TIMES as much; one with a loop in a loop TIMES squared."""
NOW = datetime(2026, 11, 27, tzinfo=UTC)
Parser = Callable[[str], object]
PARSERS: Mapping[str, Parser] = {
    "EWS answer": lambda text: read_reply(Reply(200, {}, text.encode()), "GetItem", 1),
    "XML sent": lambda text: parse(make_envelope(f"<m:GetItem>{escape(text)}</m:GetItem>")),
    "Salesforce answer": lambda text: failure(400, faults_of(read_json(text.encode())), {}),
    "headers": lambda text: (read_wait({"retry-after": text, "date": text}), _budget(text)),
    "Salesforce's time": as_time,
    "instant": read_instant,
    "date": read_date,
    "Salesforce's cursor": salesforce_cursor.load,
    "Exchange's cursor": lambda text: exchange_cursor.read_cursor(text, "h"),
    "phone": lambda text: parse_phone(text, "US"),
    "SOQL literal": lambda text: (soql.quote(text), soql.containing(text)),
    "a field's name": soql.field_name,
    "a view's query": soql.split,
    "a view's filter": lambda text: soql.split(f"SELECT Id FROM Contact WHERE {text} ORDER BY Name"),  # noqa: S608
    "token answer": lambda text: read_object("google", _answer(text)),
    "grant": lambda text: is_usable(read_grant(text), NOW),
}
SHAPES: Mapping[str, Callable[[int], str]] = {
    "letters": lambda n: "a" * n,
    "digits": lambda n: "1" * n,
    "blanks": lambda n: " " * n,
    "lines": lambda n: "\n" * n,
    "pluses": lambda n: "+" * n,
    "groups": lambda n: "(1) " * (n // 4),
    "open": lambda n: "(" * n,
    "quotes": lambda n: "'" * n,
    "one quote": lambda n: "'" + "a" * n,
    "escapes": lambda n: "\\'" * (n // 2),
    "words": lambda n: "AND Name = 'x' " * (n // 15),
    "orders": lambda n: "ORDER BY " * (n // 9),
    "lists": lambda n: "[" * n,
    "texts": lambda n: '["' + "a" * n + '"]',
    "objects": lambda n: "[" + ",".join(['{"errorCode": "X", "message": "y"}'] * (n // 34)) + "]",
    "keys": lambda n: "{" + ",".join(f'"k{i}": {i}' for i in range(n // 12)) + "}",
    "open elements": lambda n: "<a>" * (n // 3),
    "elements": lambda n: "<a>" + "<b/>" * (n // 4) + "</a>",
    "attributes": lambda n: "<a " + " ".join(f'a{i}="1"' for i in range(n // 9)) + "/>",
    "ampersands": lambda n: "&" * n,
}


def _budget(text: str) -> object:
    return budget_of(Reply(200, {"sforce-limit-info": text}, b""))


def _answer(text: str) -> requests.Response:
    answer = requests.Response()
    answer.status_code, answer._content = 200, text.encode()
    return answer


def grow(parser: Parser, shape: Callable[[int], str], small: int = SMALL) -> float:
    """How many times as long it takes for TIMES as much, refusals among it."""

    def read(text: str) -> Callable[[], None]:
        def once() -> None:
            with suppress(MailsyncError, ValueError):
                parser(text)

        return once

    return growth(read(shape(small)), read(shape(small * TIMES)))


@pytest.mark.parametrize("name", PARSERS)
def test_a_parser_costs_no_more_than_in_step_with_its_input(name: str) -> None:
    grown = {shape: grow(PARSERS[name], make) for shape, make in SHAPES.items()}
    assert {shape: round(times) for shape, times in grown.items() if times > MOST} == {}


@pytest.mark.parametrize("shape", ["letters", "digits", "blanks", "lines", "pluses", "groups", "open", "lists"])
def test_a_settings_file_costs_no_more_than_in_step_with_its_size(tmp_path: Path, shape: str) -> None:
    def load(text: str) -> object:
        file = tmp_path / f"{len(text)}.toml"
        if not file.exists():
            file.write_text(f"# {text}\n[users]\nann = '''{text}'''\n")
        return load_settings(file, {})

    assert grow(load, SHAPES[shape]) <= MOST


def test_a_parser_with_a_loop_in_a_loop_is_noticed() -> None:
    """A pattern that begins anew at each of many blanks, and a text that is cut shorter again and again."""
    trailing = re.compile(r"\s+$")

    def cut(text: str) -> str:
        while text.startswith("("):
            text = text[1:]
            text.count("(")
        return text

    assert grow(lambda text: trailing.sub("", f"{text}x"), SHAPES["blanks"], SMALL // 8) > MOST
    assert grow(cut, SHAPES["open"], SMALL // 2) > MOST
