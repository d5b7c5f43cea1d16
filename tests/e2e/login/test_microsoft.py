"""Logging in to Microsoft 365 with msal over TLS against the sandbox: browser, device code, the app itself."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from mailsync.sandbox.server import RunningSandbox, running_sandbox
from tests.e2e.cli.desk import run_json
from tests.e2e.login.browser import Browser
from tests.e2e.login.desk import connect, make_certificate
from tests.services.shelf import line_of, open_shelf

CLIENT = "6d61696c-7379-6e63-0000-000000000001"


@pytest.fixture
def box() -> Iterator[RunningSandbox]:
    with running_sandbox("empty", tls=True) as running:
        yield running


def write_config(folder: Path, box: RunningSandbox, app: str = "") -> Path:
    path = folder / "mailsync.toml"
    ca = f'ca = "{box.ca}"\n'
    store = line_of(open_shelf(folder / "mailsync.db"))
    path.write_text(
        f'{store}[salesforce]\nurl = "{box.url}"\n{ca}[microsoft]\nclient_id = "{CLIENT}"\ntenant = "acme.example"\n'
        f'login_url = "{box.url}"\n{ca}{app}\n[users.cem]\nsalesforce_token = "sandbox-cem"\n'
        f'mailbox = "microsoft"\naddress = "cem@acme.example"\n[users.cem.microsoft]\nurl = "{box.url}"\n{ca}'
    )
    return path


def browser(box: RunningSandbox, address: str = "cem@acme.example") -> Browser:
    return Browser({"login": address, "passwd": "sandbox", "step": "accept"}, verify=str(box.ca))


def act(box: RunningSandbox, user: str, op: str, **details: Any) -> Any:
    body = {"as": user, "op": op, **details}
    answer = requests.post(f"{box.url}/sandbox/act", json=body, timeout=10, verify=str(box.ca))
    assert answer.ok, answer.text
    return answer.json()


def tokens(box: RunningSandbox) -> list[dict[str, Any]]:
    log = requests.get(f"{box.url}/sandbox/requests", timeout=10, verify=str(box.ca)).json()
    return [r for r in log if r["vendor"] == "microsoft" and "token" in r["actions"]]


def sync(config: Path, code: int = 0) -> dict[str, Any]:
    return run_json(config, "sync", "cem", code=code)["users"][0]


def test_a_person_logs_in_in_a_browser_and_sessions_run_from_then_on(tmp_path: Path, box: RunningSandbox) -> None:
    config = write_config(tmp_path, box)
    assert "mailsync connect cem microsoft" in json.dumps(sync(config, code=1))
    under_way = connect(config, "cem", "microsoft")
    browser(box).open(under_way.read_address())
    assert under_way.end() == {"user": "cem", "vendor": "microsoft", "name": "cem@acme.example"}
    before = len(tokens(box))
    assert sync(config)["status"] == "done"
    assert len(tokens(box)) == before
    box.sandbox.advance(2 * 3600)
    assert sync(config)["status"] == "done"  # refused once, renewed, sent again
    assert len(tokens(box)) > before


def test_a_code_is_typed_in_on_another_machine(tmp_path: Path, box: RunningSandbox) -> None:
    config = write_config(tmp_path, box)
    under_way = connect(config, "cem", "microsoft", "--device")
    code = under_way.read_line("type").rpartition(" ")[2].strip()
    act(box, "cem", "tenant_device", user_code=code)
    assert under_way.end()["name"] == "cem@acme.example"
    assert sync(config)["status"] == "done"


def test_somebody_elses_account_is_refused(tmp_path: Path, box: RunningSandbox) -> None:
    config = write_config(tmp_path, box)
    under_way = connect(config, "cem", "microsoft")
    browser(box, "ann@acme.example").open(under_way.read_address())
    assert "somebody else logged in" in under_way.end(code=1)["errors"][0]


def test_an_application_with_a_secret_acts_for_each_user(tmp_path: Path, box: RunningSandbox) -> None:
    config = write_config(tmp_path, box, 'client_secret = "sandbox-secret"\n')
    assert sync(config)["status"] == "done"
    log = requests.get(f"{box.url}/sandbox/requests?bodies=1", timeout=10, verify=str(box.ca)).json()
    asked = [r for r in log if r["vendor"] == "microsoft" and "token" not in r["actions"]]
    assert all("/users/cem@acme.example" in r["path"] + r["request"] for r in asked), [r["path"] for r in asked]
    config = write_config(tmp_path, box, 'client_secret = "wrong"\n')
    box.sandbox.advance(2 * 3600)
    assert "client_secret" in json.dumps(sync(config, code=1))


def test_an_application_with_a_certificate_acts_for_each_user(tmp_path: Path) -> None:
    pem = make_certificate()  # a private key and its certificate, one after the other
    (tmp_path / "app.pem").write_text(pem)
    shown = pem[pem.index("-----BEGIN CERTIFICATE") :]
    app = {"client_id": CLIENT, "certificate": shown, "roles": ["Contacts.ReadWrite", "MailboxSettings.ReadWrite"]}
    world = {"microsoft": {"mailboxes": [{"user": "cem", "address": "cem@acme.example"}], "apps": [app]}}
    with running_sandbox(world, tls=True) as box:
        config = write_config(tmp_path, box, 'certificate_file = "app.pem"\n')
        assert sync(config)["status"] == "done"
