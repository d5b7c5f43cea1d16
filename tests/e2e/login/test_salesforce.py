"""Logging in to Salesforce: code with PKCE, refresh with rotation, JWT bearer, over real HTTP against the sandbox."""

import json
import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from mailsync.bearers import salesforce_bearer
from mailsync.bootstrap import SystemClock, open_setup
from mailsync.errors import LoginRefused
from tests.contract.sandbox_salesforce.logins import make_signer
from tests.e2e.cli.desk import spawn
from tests.e2e.login.desk import connect, salesforce_browser
from tests.e2e.stage import Stage, stage

APP = 'client_id = "mailsync"\nclient_secret = "sandbox-secret"\n'


@pytest.fixture
def port() -> int:
    """A port that nobody listens on: Salesforce compares the whole redirect address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


@pytest.fixture
def scene(tmp_path: Path, port: int) -> Iterator[Stage]:
    app = {"client_id": "mailsync", "client_secret": "sandbox-secret", "scopes": ["id", "api", "refresh_token"]}
    org = {"connected_apps": [{**app, "redirect_uris": [f"http://127.0.0.1:{port}/callback"]}]}
    with stage(tmp_path, {"salesforce": org}) as standing:
        use_app(standing, f"{APP}redirect_port = {port}\n")
        yield standing


def use_app(scene: Stage, app: str) -> None:
    """The file names an app instead of a token."""
    text = scene.config.read_text().replace('salesforce_token = "sandbox-ann"\n', "")
    scene.config.write_text(text.replace('api_version = "68.0"\n', f'api_version = "68.0"\n{app}'))


def log_in(scene: Stage) -> Any:
    under_way = connect(scene.config, "ann", "salesforce")
    salesforce_browser().open(under_way.read_address())
    return under_way.end()


def tokens(scene: Stage) -> list[dict[str, Any]]:
    return [r for r in scene.requests(vendor="salesforce") if "token" in r["actions"]]


def test_a_person_logs_in_in_a_browser_and_sessions_run_from_then_on(scene: Stage) -> None:
    refused = scene.sync("failed")
    assert "mailsync connect ann salesforce" in json.dumps(refused)
    assert log_in(scene) == {"user": "ann", "vendor": "salesforce", "name": "ann@acme.example"}
    scene.org.create(FirstName="Kim", LastName="Doe")
    scene.forget_requests()
    assert scene.sync()["mailbox"]["created"] == 1
    assert tokens(scene) == []  # the access token of the log-in is still good
    stored = b"".join(p.read_bytes() for p in scene.home.iterdir() if p != scene.config)
    for secret in ("sandbox-secret", "refresh_token", "Bearer"):
        assert secret.encode() not in stored


def test_the_address_can_be_pasted_where_there_is_no_browser(scene: Stage, port: int) -> None:
    under_way = connect(scene.config, "ann", "salesforce", "--paste", feed=True)
    ended = salesforce_browser().open(under_way.read_address(), stop_at=f"http://127.0.0.1:{port}/")
    assert isinstance(ended, str)
    assert under_way.end(said=f"{ended}\n")["name"] == "ann@acme.example"


def test_what_comes_back_with_another_state_is_refused(scene: Stage) -> None:
    under_way = connect(scene.config, "ann", "salesforce", "--paste", feed=True)
    under_way.read_address()
    said = under_way.end(code=1, said="http://127.0.0.1:8765/callback?code=stolen&state=other\n")
    assert "another log-in" in said["errors"][0]


def test_a_person_who_says_no_is_told_so(scene: Stage) -> None:
    under_way = connect(scene.config, "ann", "salesforce")
    browser = salesforce_browser()
    browser.answers["step"] = "deny"
    browser.open(under_way.read_address())
    assert "access_denied" in under_way.end(code=1)["errors"][0]


def test_an_ended_access_token_is_renewed_in_the_middle_of_a_session_and_stored_before_use(scene: Stage) -> None:
    log_in(scene)
    scene.sync()
    scene.org.create(FirstName="Kim", LastName="Doe")
    scene.forget_requests()
    scene.fault(vendor="salesforce", operation="composite", kind="expire_token")
    assert scene.sync()["mailbox"]["created"] == 1
    assert [r["operation"] for r in tokens(scene)] == ["token"]
    scene.fault(vendor="salesforce", operation="composite", kind="expire_token")
    scene.assert_settled()  # with the rotated refresh token
    assert len(tokens(scene)) == 1


def test_C3_a_revoked_log_in_asks_for_a_new_one_and_changes_nothing(scene: Stage) -> None:
    log_in(scene)
    scene.org.create(FirstName="Kim", LastName="Doe")
    scene.sync()
    with open_setup(scene.config) as setup:
        kept = json.loads(setup.store.logins.credential("ann", "salesforce") or "")
    requests.post(f"{scene.url}/services/oauth2/revoke", data={"token": kept["refresh"]}, timeout=5)
    for _ in range(6):
        report = scene.sync("failed")
        assert report["mailbox"]["removed"] == 0
    assert "log" in scene.sync("skipped")["reason"]  # six refusals in a row: it waits for the person
    log_in(scene)
    assert scene.sync()["status"] == "done"


def test_two_processes_that_renew_at_once_ask_once(scene: Stage) -> None:
    """The second one would bring a spent refresh token, which ends the whole log-in."""
    log_in(scene)
    with open_setup(scene.config) as setup:
        kept = json.loads(setup.store.logins.credential("ann", "salesforce") or "")
    requests.post(f"{scene.url}/services/oauth2/revoke", data={"token": kept["access"]}, timeout=5)
    scene.forget_requests()
    processes = [spawn(["--config", str(scene.config), "check", "ann", "--json"]) for _ in range(2)]
    ended = [(p.communicate(timeout=60)[0], p.returncode) for p in processes]
    assert [code for _, code in ended] == [0, 0], ended
    assert len(tokens(scene)) == 1


def test_many_threads_that_renew_at_once_ask_once(scene: Stage) -> None:
    log_in(scene)
    with open_setup(scene.config) as setup:
        clock = SystemClock()
        bearer = salesforce_bearer(
            setup.settings.organisations[""], setup.settings.users["ann"], setup.store.logins, clock.now
        )
        spent = bearer.token()
        scene.forget_requests()
        got: list[str] = []
        threads = [threading.Thread(target=lambda: (bearer.renew(spent), got.append(bearer.token()))) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(30)
        assert len(set(got)) == 1
        assert len(got) == 8
        assert spent not in got
    assert len(tokens(scene)) == 1
    assert not list(scene.home.glob("*.lock"))


def test_a_lost_answer_to_a_renewal_is_not_asked_for_again_in_that_session(scene: Stage) -> None:
    log_in(scene)
    scene.fault(vendor="salesforce", operation="composite", kind="expire_token")
    scene.fault(vendor="salesforce", operation="token", kind="drop_after")
    scene.forget_requests()
    scene.sync("failed")
    assert len(tokens(scene)) == 1


def test_an_app_with_a_private_key_acts_for_each_user(tmp_path: Path) -> None:
    signer = make_signer()
    key = tmp_path / "app.pem"
    key.write_text(signer.private)
    org = {
        "connected_apps": [
            {"client_id": "robot", "secret_required": False, "public_key": signer.public, "approved": ["ann"]}
        ]
    }
    with stage(tmp_path, {"salesforce": org}) as scene:
        use_app(scene, f'client_id = "robot"\nprivate_key_file = "app.pem"\nlogin_url = "{scene.url}"\n')
        scene.org.create(FirstName="Kim", LastName="Doe")
        assert scene.sync()["mailbox"]["created"] == 1
        scene.assert_settled()
        assert tokens(scene) == []  # the token is kept, too
        under_way = connect(scene.config, "ann", "salesforce")
        assert "nobody needs to connect" in under_way.end(code=2)["errors"][0]


def test_an_app_that_nobody_authorised_is_told(tmp_path: Path) -> None:
    signer = make_signer()
    (tmp_path / "app.pem").write_text(signer.private)
    org = {
        "connected_apps": [
            {"client_id": "robot", "secret_required": False, "public_key": signer.public, "approved": []}
        ]
    }
    with stage(tmp_path, {"salesforce": org}) as scene:
        use_app(scene, f'client_id = "robot"\nprivate_key_file = "app.pem"\nlogin_url = "{scene.url}"\n')
        report = scene.sync("failed")
        assert "administrator" in json.dumps(report)


def test_a_missing_app_is_told_with_its_key(tmp_path: Path) -> None:
    with stage(tmp_path) as scene:
        use_app(scene, "")
        assert "salesforce.client_id" in connect(scene.config, "ann", "salesforce").end(code=2)["errors"][0]


def test_a_wrong_secret_is_told_with_its_remedy(scene: Stage) -> None:
    scene.config.write_text(scene.config.read_text().replace("sandbox-secret", "wrong"))
    under_way = connect(scene.config, "ann", "salesforce")
    salesforce_browser().open(under_way.read_address())
    assert "invalid_client" in under_way.end(code=1)["errors"][0]


def test_a_token_in_the_file_wins_and_connect_says_so(tmp_path: Path) -> None:
    with stage(tmp_path) as scene:
        said = connect(scene.config, "ann", "salesforce").end(code=2)["errors"][0]
        assert "users.ann.salesforce_token" in said
        assert "mailbox is exchange" in connect(scene.config, "ann", "google").end(code=2)["errors"][0]
        assert "no such vendor" in connect(scene.config, "ann", "yahoo").end(code=2)["errors"][0]


def test_a_log_in_that_was_never_made_is_named(scene: Stage) -> None:
    with open_setup(scene.config) as setup:
        bearer = salesforce_bearer(
            setup.settings.organisations[""], setup.settings.users["ann"], setup.store.logins, SystemClock().now
        )
        with pytest.raises(LoginRefused, match="not logged in") as caught:
            bearer.token()
    assert caught.value.remedy == "run: mailsync connect ann salesforce"
