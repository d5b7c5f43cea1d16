"""L9: passwords and tokens are nowhere but in the settings file and in what is sent to their own vendor."""

import base64
from pathlib import Path

import pytest
import requests

from mailsync.bootstrap import open_setup
from mailsync.cli.application import run
from tests.e2e.cli.desk import Desk
from tests.e2e.stage import Stage, stage
from tests.e2e.test_privacy import Witness, log_everything

TOKEN, PASSWORD = "sandbox-ann", "sandbox"
BASIC = base64.b64encode(f"ann@acme.example:{PASSWORD}".encode()).decode()
WORDS = (
    ["check"],
    ["plan"],
    ["status"],
    ["issues"],
    ["history"],
    ["get"],
    ["export"],
    ["why", "ann", "kim@x.example"],
)


def say_everything(scene: Stage, witness: Witness) -> None:
    """A life with log-ins refused, connections lost and every reading command."""
    scene.org.create(FirstName="Kim", LastName="Doe", Email="kim@x.example")
    witness.sync()
    for words in WORDS:
        witness.run(words[0], "ann", *words[2:])
    for fault in (
        {"vendor": "exchange", "kind": "status", "status": 401},
        {"vendor": "salesforce", "kind": "expire_token", "times": None},
        {"vendor": "exchange", "kind": "drop_before"},
        {"vendor": "salesforce", "kind": "redirect"},
        {"vendor": "exchange", "kind": "redirect"},
        {"vendor": "salesforce", "kind": "html"},
    ):
        scene.fault(**fault)
        witness.sync()
        requests.delete(f"{scene.url}/sandbox/faults", timeout=5)


def test_L9_no_token_and_no_password_is_said_logged_or_stored(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    with stage(home) as scene:
        witness = Witness(scene, tmp_path / "debug.log")
        say_everything(scene, witness)
        said = "".join(witness.said) + witness.log.read_text(encoding="utf-8")
        for path in home.iterdir():
            if path != scene.config:
                said += path.read_bytes().decode("latin-1")
        assert "post" in said.casefold()  # the clients do log
        for secret in (TOKEN, BASIC, f"Bearer {TOKEN}", f'"{PASSWORD}"'):
            assert secret not in said, secret


def test_no_value_that_holds_a_log_in_shows_it(tmp_path: Path) -> None:
    with stage(tmp_path) as scene, open_setup(scene.config) as setup:
        shown = repr(setup.settings) + repr(setup.settings.users["ann"]) + repr(setup)
        assert TOKEN not in shown
        assert f"'{PASSWORD}'" not in shown


def test_keys_rotate_encrypts_every_log_in_anew(desk: Desk) -> None:
    with desk.setup() as setup:
        setup.store.logins.save_credentials("ann", {"refresh": "s3cret-refresh"})
        before = setup.settings.key_file.read_text()
    outcome = desk.run("keys", "rotate")
    assert outcome.code == 0
    assert "new key" in outcome.out
    with desk.setup() as setup:
        assert setup.settings.key_file.read_text() != before
        assert setup.store.logins.credential("ann", "refresh") == "s3cret-refresh"
    assert desk.json("keys", "rotate")["rotated"] is True


def test_a_bug_is_told_by_its_place_without_the_values_it_fell_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    import mailsync.session.run as session

    def fall(*_: object, **__: object) -> None:
        raise KeyError(f"Kim Doe {TOKEN}")

    with stage(tmp_path) as scene:
        monkeypatch.setattr(session, "look_closer", fall)
        with log_everything(tmp_path / "log"):
            run(["--config", str(scene.config), "sync", "ann"])
        said = "".join(capsys.readouterr()) + (tmp_path / "log").read_text()
        assert "KeyError" in said
        assert "Kim Doe" not in said
        assert TOKEN not in said
