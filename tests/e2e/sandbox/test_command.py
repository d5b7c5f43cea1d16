"""The sandbox as a program: ready line, ports, signals, state across restarts, the configuration it writes."""

import json
import signal
import subprocess
import sys
import time
import tomllib
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import pytest

from mailsync.sandbox.configuration import render_configuration, write_configuration
from mailsync.sandbox.state import State, read_state, write_state
from mailsync.sandbox.vendor import Refused
from tests.e2e.sandbox import client

PROGRAM = """
import sys
from pathlib import Path
from mailsync.sandbox.command import serve_sandbox
from mailsync.sandbox.vendor import Refused
from tests.e2e.sandbox.echo import Echo
from mailsync.sandbox.vendors import VENDORS
world, state, config = sys.argv[1:]
makers = VENDORS if world in ("empty", "acme") else [Echo]
try:
    serve_sandbox(0, world, Path(config) if config else None, Path(state) if state else None, makers=makers)
except Refused as refused:
    print(refused, file=sys.stderr)
    sys.exit(2)
"""

FOLDER = """<?xml version="1.0" encoding="utf-8"?>
<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"
  xmlns:m="http://schemas.microsoft.com/exchange/services/2006/messages"
  xmlns:t="http://schemas.microsoft.com/exchange/services/2006/types"><s:Header>
  <t:RequestServerVersion Version="Exchange2016"/></s:Header><s:Body><m:GetFolder>
  <m:FolderShape><t:BaseShape>Default</t:BaseShape></m:FolderShape>
  <m:FolderIds><t:DistinguishedFolderId Id="contacts"/></m:FolderIds></m:GetFolder></s:Body></s:Envelope>"""


@pytest.fixture
def world(tmp_path: Path) -> Path:
    file = tmp_path / "world.json"
    file.write_text(json.dumps({"echo": {"texts": ["first"]}}))
    return file


@contextmanager
def _program(
    world: Path, state: Path | str = "", config: Path | str = ""
) -> Generator[tuple[subprocess.Popen[str], str]]:
    command = [sys.executable, "-c", PROGRAM, str(world), str(state), str(config)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as program:
        try:
            assert program.stdout is not None
            line = program.stdout.readline()
            yield program, line.removeprefix("ready ").strip()
        finally:
            program.kill()


def test_it_says_ready_serves_and_ends_with_exit_0(world: Path) -> None:
    for number in (signal.SIGTERM, signal.SIGINT):
        with _program(world) as (program, url):
            assert url.startswith("http://127.0.0.1:")
            assert client.get(f"{url}/echo").text == "first"
            program.send_signal(number)
            assert program.wait(5) == 0
            assert program.stderr is not None
            assert program.stderr.read() == ""


def test_a_state_file_keeps_world_and_clock_across_restarts_and_crashes(world: Path, tmp_path: Path) -> None:
    state = tmp_path / "state.json"
    with _program(world, state) as (program, url):
        client.post(f"{url}/echo", data="second")
        client.post(f"{url}/sandbox/clock", json={"advance": 120})
        deadline = time.monotonic() + 3
        while b"second" not in state.read_bytes() and time.monotonic() < deadline:
            time.sleep(0.02)
        program.kill()
    with _program(world, state) as (program, url):
        assert client.get(f"{url}/echo").text == "first\nsecond"
        assert client.get(f"{url}/sandbox/clock").json()["ahead"] == 120
        client.post(f"{url}/echo", data="third")
        program.terminate()
        assert program.wait(5) == 0
    kept = read_state(state)
    assert kept is not None
    assert kept.world == {"echo": {"texts": ["first", "second", "third"]}}
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


@pytest.mark.parametrize("content", ["{", "[]", '{"format": 99, "world": {}, "ahead": 0}', '{"format": 1, "ahead": 0}'])
def test_a_state_file_that_cannot_be_read_is_named_and_left_alone(world: Path, tmp_path: Path, content: str) -> None:
    state = tmp_path / "state.json"
    state.write_text(content)
    with pytest.raises(Refused, match=r"state file .*state\.json"):
        read_state(state)
    assert state.read_text() == content


def test_a_bad_state_file_ends_the_program_before_it_is_ready(world: Path, tmp_path: Path) -> None:
    state = tmp_path / "state.json"
    state.write_text("{")
    with _program(world, state) as (program, line):
        assert line == ""
        assert program.wait(5) == 2
        assert program.stderr is not None
        assert program.stderr.read().startswith(f"state file {state}: no JSON at line 1")


def test_a_state_file_in_no_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="No such file or directory; the world is not kept"):
        write_state(tmp_path / "none" / "state.json", State({}, 0))


def test_the_configuration_has_the_people_whose_mailboxes_are_built(tmp_path: Path) -> None:
    mailboxes = [{"user": "ann", "address": "ann@acme.example"}, {"user": 'o"d d', "address": "odd@acme.example"}]
    google = {"mailboxes": [{"user": "bob", "address": "bob@acme.example"}]}
    text = render_configuration("http://127.0.0.1:8025", {"exchange": {"mailboxes": mailboxes}, "google": google})
    settings = tomllib.loads(text)
    assert settings["salesforce"] == {"url": "http://127.0.0.1:8025", "api_version": "68.0"}
    assert list(settings["users"]) == ["ann", 'o"d d', "bob"]
    assert settings["users"]["bob"] == {
        "salesforce_token": "sandbox-bob",
        "mailbox": "google",
        "address": "bob@acme.example",
        "google": {"url": "http://127.0.0.1:8025", "token": "sandbox-bob"},
    }
    assert settings["users"]["ann"] == {
        "salesforce_token": "sandbox-ann",
        "mailbox": "exchange",
        "address": "ann@acme.example",
        "exchange": {
            "url": "http://127.0.0.1:8025/EWS/Exchange.asmx",
            "username": "ann@acme.example",
            "password": "sandbox",
            "auth": "basic",
        },
    }


def test_the_configuration_is_written_anew_but_never_over_somebodys_own(world: Path, tmp_path: Path) -> None:
    file = tmp_path / "mailsync.toml"
    for _ in range(2):
        with _program(world, config=file) as (_, url):
            assert tomllib.loads(file.read_text())["salesforce"]["url"] == url
    file.write_text("# mine\n")
    with pytest.raises(Refused, match="somebody's own"):
        write_configuration(file, "x = 1\n")
    assert file.read_text() == "# mine\n"


def test_the_shipped_world_answers_under_the_log_ins_that_the_configuration_names(tmp_path: Path) -> None:
    file, state = tmp_path / "mailsync.toml", tmp_path / "state.json"
    for _ in range(2):
        with _program("acme", state, file) as (program, url):
            settings = tomllib.loads(file.read_text())
            ann = settings["users"]["ann"]
            assert list(settings["users"]) == ["ann", "bob", "cem"]
            for user, mailbox in (("bob", "google"), ("cem", "microsoft")):
                assert settings["users"][user] == {
                    "salesforce_token": f"sandbox-{user}",
                    "mailbox": mailbox,
                    "address": f"{user}@acme.example",
                    mailbox: {"url": url, "token": f"sandbox-{user}"},
                }
            google = settings["users"]["bob"]["google"]
            bearer = {"Authorization": f"Bearer {ann['salesforce_token']}"}
            query = {"q": "SELECT COUNT() FROM Contact USING SCOPE mine"}
            answer = client.get(
                f"{settings['salesforce']['url']}/services/data/v68.0/query", params=query, headers=bearer
            )
            assert answer.json()["totalSize"] == 12
            login = (ann["exchange"]["username"], ann["exchange"]["password"])
            assert (
                client.post(ann["exchange"]["url"], auth=login, data=FOLDER).text.count("<t:DisplayName>Contacts<") == 1
            )
            assert client.post(ann["exchange"]["url"], data=FOLDER).status_code == 401
            bearer = {"Authorization": f"Bearer {google['token']}"}
            people = client.get(f"{google['url']}/v1/people/me/connections?personFields=names", headers=bearer)
            assert people.json()["totalItems"] == 13
            logged = client.get(f"{url}/sandbox/requests").json()
            assert [(entry["vendor"], entry["operation"], entry["status"]) for entry in logged] == [
                ("salesforce", "query", 200),
                ("exchange", "GetFolder", 200),
                ("exchange", "authenticate", 401),
                ("google", "connections.list", 200),
            ]
            program.terminate()
            assert program.wait(5) == 0
