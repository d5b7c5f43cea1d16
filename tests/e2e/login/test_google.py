"""Logging in to Google: browser, device code, service account, over real HTTP against the sandbox."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from mailsync.sandbox.server import RunningSandbox, running_sandbox
from tests.e2e.cli.desk import run_json
from tests.e2e.login.browser import Browser
from tests.e2e.login.desk import connect

INSTALLED = "sandbox-installed.apps.googleusercontent.com"
DEVICE = "sandbox-device.apps.googleusercontent.com"


@pytest.fixture
def box() -> Iterator[RunningSandbox]:
    with running_sandbox("empty") as running:
        yield running


def write_config(folder: Path, url: str, app: str) -> Path:
    path = folder / "mailsync.toml"
    path.write_text(
        f'[salesforce]\nurl = "{url}"\n[google]\nlogin_url = "{url}"\n{app}\n[users.bob]\n'
        'salesforce_token = "sandbox-bob"\nmailbox = "google"\naddress = "bob@acme.example"\n'
        f'[users.bob.google]\nurl = "{url}"\n'
    )
    return path


def desktop(client: str = INSTALLED) -> str:
    return f'client_id = "{client}"\nclient_secret = "sandbox-secret"'


def browser(address: str = "bob@acme.example") -> Browser:
    return Browser({"identifier": address, "password": "sandbox", "step": "allow"})


def act(box: RunningSandbox, user: str, op: str, **details: Any) -> Any:
    answer = requests.post(f"{box.url}/sandbox/act", json={"as": user, "op": op, **details}, timeout=10)
    assert answer.ok, answer.text
    return answer.json()


def tokens(box: RunningSandbox) -> list[dict[str, Any]]:
    log = requests.get(f"{box.url}/sandbox/requests", timeout=10).json()
    return [r for r in log if r["vendor"] == "google" and r["operation"] == "token"]


def sync(config: Path, code: int = 0) -> dict[str, Any]:
    return run_json(config, "sync", "bob", code=code)["users"][0]


def test_a_person_logs_in_in_a_browser_and_sessions_run_from_then_on(tmp_path: Path, box: RunningSandbox) -> None:
    config = write_config(tmp_path, box.url, desktop())
    assert "mailsync connect bob google" in json.dumps(sync(config, code=1))
    under_way = connect(config, "bob", "google")
    browser().open(under_way.read_address())
    assert under_way.end() == {"user": "bob", "vendor": "google", "name": "bob@acme.example"}
    before = len(tokens(box))
    assert sync(config)["status"] == "done"
    assert len(tokens(box)) == before  # the access token of the log-in is still good
    box.sandbox.advance(3700)
    requests.delete(f"{box.url}/sandbox/requests", timeout=5)
    assert sync(config)["status"] == "done"  # our clock takes it for good still; Google doesn't: renewed once
    assert len(tokens(box)) == 1


def test_somebody_elses_google_account_is_refused(tmp_path: Path, box: RunningSandbox) -> None:
    world = {"google": {"mailboxes": [{"user": u, "address": f"{u}@acme.example"} for u in ("bob", "cem")]}}
    with running_sandbox(world) as two:
        config = write_config(tmp_path, two.url, desktop())
        under_way = connect(config, "bob", "google")
        browser("cem@acme.example").open(under_way.read_address())
        assert "somebody else logged in" in under_way.end(code=1)["errors"][0]
        assert sync(config, code=1)["status"] == "failed"


def test_a_code_is_typed_in_on_another_machine(tmp_path: Path, box: RunningSandbox) -> None:
    config = write_config(tmp_path, box.url, desktop(DEVICE))
    under_way = connect(config, "bob", "google", "--device")
    line = under_way.read_line("type")
    act(box, "bob", "enter_code", user_code=line.rpartition(" ")[2].strip())
    assert under_way.end()["name"] == "bob@acme.example"
    assert sync(config)["status"] == "done"


def test_a_person_who_cancels_is_told_so(tmp_path: Path, box: RunningSandbox) -> None:
    config = write_config(tmp_path, box.url, desktop())
    under_way = connect(config, "bob", "google")
    person = browser()
    person.answers["step"] = "deny"
    person.open(under_way.read_address())
    assert "access_denied" in under_way.end(code=1)["errors"][0]


def test_a_revoked_log_in_is_told_and_nothing_is_deleted(tmp_path: Path, box: RunningSandbox) -> None:
    config = write_config(tmp_path, box.url, desktop())
    under_way = connect(config, "bob", "google")
    browser().open(under_way.read_address())
    under_way.end()
    assert sync(config)["status"] == "done"
    act(box, "bob", "revoke_access", client_id=INSTALLED)
    report = sync(config, code=1)
    assert "mailsync connect" in json.dumps(report)
    assert report["salesforce"]["deleted"] == 0


def test_a_service_account_acts_for_each_user(tmp_path: Path, box: RunningSandbox) -> None:
    key = act(box, "admin", "service_account_key", url=box.url)
    (tmp_path / "key.json").write_text(json.dumps(key))
    config = write_config(tmp_path, box.url, 'service_account_file = "key.json"')
    assert sync(config)["status"] == "done"
    assert sync(config)["status"] == "done"
    assert len(tokens(box)) == 1
    act(box, "admin", "delegate", scopes=[])
    box.sandbox.advance(3700)
    assert "domain-wide delegation" in json.dumps(sync(config, code=1))


def test_a_key_file_that_is_none(tmp_path: Path, box: RunningSandbox) -> None:
    (tmp_path / "key.json").write_text("{}")
    config = write_config(tmp_path, box.url, 'service_account_file = "key.json"')
    assert "no JSON key" in sync(config)["reason"]
