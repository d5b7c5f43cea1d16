"""init, get, set, and everything that can be wrong with settings and usage: exit 2, all problems at once."""

import stat
from pathlib import Path

import pytest

from mailsync.bootstrap import SystemClock
from mailsync.cli.application import run
from mailsync.settings import KEYS
from mailsync.worker.service import enrol
from tests.e2e.cli.desk import Desk


def test_init_writes_a_file_that_says_what_to_fill_in(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "mailsync.toml"
    assert run(["--config", str(path), "init"]) == 0
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert run(["--config", str(path), "status"]) == 2
    assert "fill" in capsys.readouterr().err


def test_init_never_writes_over_a_file(desk: Desk) -> None:
    before = desk.config.read_text()
    outcome = desk.run("init")
    assert (outcome.code, desk.config.read_text()) == (2, before)
    assert "--config" in outcome.err


def test_init_where_nothing_can_be_written(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--config", "/no/such/folder/mailsync.toml", "init"]) == 2
    assert "can't be written" in capsys.readouterr().err


def test_get_shows_every_key_with_its_origin(desk: Desk) -> None:
    desk.edit("[users.ann.exchange]", 'settings = { region = "DE" }\n[users.ann.exchange]')
    assert desk.run("set", "ann", "guard.count=5").code == 0
    shown = desk.json("get", "ann")
    assert set(shown["settings"]) == {k.name for k in KEYS if not k.is_family}
    assert shown["settings"]["region"] == {"value": "DE", "origin": "file"}
    assert shown["settings"]["guard.count"] == {"value": "5", "origin": "set"}
    assert shown["settings"]["direction"] == {"value": "both", "origin": "default"}
    table = desk.run("get", "ann").out
    assert "guard.count" in table
    assert "set" in table


def test_set_takes_a_stored_value_back(desk: Desk) -> None:
    desk.run("set", "ann", "interval=2h", "conflict.Email=mailbox")
    assert desk.json("get", "ann")["settings"]["conflict.Email"] == {"value": "mailbox", "origin": "set"}
    assert desk.json("set", "ann", "interval=", "conflict.Email=")["saved"] == {
        "interval": None,
        "conflict.Email": None,
    }
    settings = desk.json("get", "ann")["settings"]
    assert settings["interval"] == {"value": "30m", "origin": "default"}
    assert "conflict.Email" not in settings


def test_every_problem_of_set_is_named_at_once_and_nothing_is_saved(desk: Desk) -> None:
    outcome = desk.run("set", "ann", "directon=up", "guard.count=many", "interval=2h", "nonsense")
    assert outcome.code == 2
    lines = outcome.err.splitlines()
    assert len(lines) == 3
    assert "did you mean direction" in lines[0]
    assert "guard.count" in lines[1]
    assert "KEY=VALUE" in lines[2]
    assert desk.json("get", "ann")["settings"]["interval"]["origin"] == "default"


def test_a_field_that_is_not_mapped_is_refused(desk: Desk) -> None:
    outcome = desk.run("set", "ann", "conflict.Shoesize=mailbox")
    assert outcome.code == 2
    assert "LastName" in outcome.err


def test_errors_as_json_are_one_document(desk: Desk) -> None:
    (problem,) = desk.json("get", "zoe", code=2)["errors"]
    assert "zoe" in problem
    assert "ann" in problem


@pytest.mark.parametrize("command", ["sync", "check", "plan", "status", "issues", "pause", "history", "reset"])
def test_a_user_that_is_not_there(desk: Desk, command: str) -> None:
    outcome = desk.run(command, "zoe")
    assert outcome.code == 2
    assert "there are: ann" in outcome.err


def test_two_users_that_are_not_there(desk: Desk) -> None:
    outcome = desk.run("sync", "zoe", "ann", "max")
    assert outcome.code == 2
    assert len(outcome.err.splitlines()) == 2


def test_two_problems_of_the_file_at_once(desk: Desk) -> None:
    desk.edit('auth = "basic"', 'auth = "kerberos"')
    desk.edit('api_version = "68.0"', 'api_version = "68.0"\ncolour = "red"')
    outcome = desk.run("status")
    assert outcome.code == 2
    assert len(outcome.err.splitlines()) == 2
    assert "users.ann.exchange.auth" in outcome.err
    assert "salesforce.colour" in outcome.err


def test_the_problems_of_all_users_are_named_at_once_and_nobody_is_asked_for(desk: Desk) -> None:
    text = desk.config.read_text()
    block = text[text.index("[users.ann]") :]
    desk.config.write_text(text + block.replace("users.ann", "users.bob") + block.replace("users.ann", "users.zoe"))
    with desk.setup() as setup:
        enrol(setup, SystemClock())
        for user in ("bob", "zoe"):
            setup.store.save_settings(user, {"conflict.Shoe": "mailbox"})
    for words in (["sync"], ["sync", "--soon"], ["status"]):
        outcome = desk.run(*words)
        assert outcome.code == 2
        assert [line.split(":")[1].strip() for line in outcome.err.splitlines()] == ["bob", "zoe"]
    with desk.setup() as setup:
        slot = setup.store.schedule.slot("ann")
        assert slot is not None
        assert slot.asked is None


def test_broken_toml_is_told_by_line(desk: Desk) -> None:
    desk.append("[defaults\n")
    line = desk.config.read_text().split("\n").index("[defaults") + 1
    outcome = desk.run("sync")
    assert outcome.code == 2
    assert f"line {line}, column 10: Expected ] at the end of a table declaration" in outcome.err


def test_no_file_at_all(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--config", str(tmp_path / "none.toml"), "sync"]) == 2
    assert "mailsync init" in capsys.readouterr().err


@pytest.mark.parametrize(
    "arguments",
    [["sing"], ["plan"], ["set", "ann"], ["sync", "--jason"], ["approve", "ann"], ["sandbox", "--port", "x"]],
)
def test_wrong_usage(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert run(arguments) == 2
    said = capsys.readouterr()
    assert said.err.startswith("mailsync: ")
    assert "--help" in said.err


def test_the_environment_names_the_file(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MAILSYNC_CONFIG", str(desk.config))
    assert run(["get", "ann"]) == 0


@pytest.mark.on_file(reason="it chooses its store itself")
def test_a_store_that_is_no_database(desk: Desk) -> None:
    desk.append('store = "notes.db"')
    (desk.config.parent / "notes.db").write_text("not a database at all, only some text " * 50)
    outcome = desk.run("status")
    assert outcome.code == 1
    assert outcome.err.startswith("mailsync: ")


def test_db_upgrade_says_what_it_did(desk: Desk) -> None:
    assert "it was new" in desk.run("db", "upgrade").out
    assert "revision" in desk.run("db", "upgrade").out
