"""doctor: an installation that is well, and each thing that can be wrong with one, with its advice."""

import shutil
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from mailsync.bootstrap import open_setup
from mailsync.monitor.findings import Outcome
from mailsync.monitor.people import look_at_backlog
from mailsync.monitor.place import compare_clocks
from mailsync.ports.schedule import Backlog, Home
from mailsync.session.agent import Keys
from mailsync.store.places import open_database
from tests.e2e.cli.desk import Desk
from tests.services.postgres import running_postgres
from tests.services.shelf import line_of, open_shelf

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


def look(desk: Desk, *words: str, code: int = 1) -> dict[str, dict[str, Any]]:
    """The worst finding of each area."""
    found = desk.json("doctor", *words, code=code)
    assert found["ok"] is (code == 0)
    rank = {"ok": 0, "note": 1, "problem": 2}
    ranked = sorted(found["findings"], key=lambda f: rank[f["outcome"]])
    return {f["area"]: f for f in ranked}


@pytest.fixture
def well(synced: Desk) -> Desk:
    synced.config.chmod(0o600)
    return synced


def test_an_installation_that_is_well(well: Desk) -> None:
    found = look(well, "--vendors", code=0)
    assert {area for area, f in found.items() if f["outcome"] == "problem"} == set()
    own = {"store", "disk"} if well.shelf.kind == "sqlite" else {"clock"}
    assert {"settings file", "key", "revision", "settings", "schedule", *own} <= set(found)
    assert {"Salesforce", "mailbox", "clock"} <= set(found)
    assert all(f["advice"] for f in found.values() if f["outcome"] != "ok")


@pytest.mark.on_file(reason="it chooses its store itself")
def test_an_installation_on_postgresql_and_one_whose_server_is_gone(desk: Desk) -> None:
    with running_postgres() as server:
        desk.append(f'store = "{server.fresh()}"')
        desk.config.chmod(0o600)
        assert desk.sync()["status"] == "done"
        found = look(desk, code=0)
        assert found["revision"]["message"].startswith("postgresql")
        assert "the database server's" in found["clock"]["message"]
        assert not (desk.config.parent / "mailsync.db").exists()
    found = look(desk)
    assert "can't be reached" in found["store"]["message"]
    assert found["store"]["advice"]


def test_nothing_is_made_where_nothing_is(desk: Desk) -> None:
    desk.config.chmod(0o600)
    found = look(desk, code=0)
    assert found["store" if desk.shelf.kind == "sqlite" else "revision"]["outcome"] == "note"
    assert "key" not in found
    assert dict(desk.shelf.contents()) == {}


def test_files_that_others_can_read(well: Desk) -> None:
    well.config.chmod(0o644)
    (well.config.parent / "mailsync.key").chmod(0o640)
    found = look(well)
    assert (found["settings file"]["outcome"], found["key"]["outcome"]) == ("problem", "note")
    assert "chmod 600" in found["settings file"]["advice"]


def test_a_key_that_is_missing_or_another_ones(well: Desk) -> None:
    key = well.config.parent / "mailsync.key"
    shutil.move(key, key.with_suffix(".away"))
    assert "missing" in look(well)["key"]["message"]
    other = well.config.parent / "other"
    other.mkdir()
    elsewhere = line_of(open_shelf(other / "mailsync.db"))
    (other / "mailsync.toml").write_text(well.config.read_text().replace(line_of(well.shelf), elsewhere, 1))
    with open_setup(other / "mailsync.toml"):
        shutil.copy(other / "mailsync.key", key)
    found = look(well)
    assert "does not belong" in found["key"]["message"]
    assert found["key"]["advice"]


def test_a_database_of_another_revision_is_told_and_left_alone(well: Desk) -> None:
    engine = open_database(well.shelf.place or well.config.parent / "mailsync.db").engine
    for revision, oldest, outcome in (("0001", "0001", "note"), ("9999", "9999", "problem"), ("9999", "0001", "note")):
        with engine.begin() as connection:
            connection.exec_driver_sql(f"UPDATE alembic_version SET version_num = '{revision}'")  # noqa: S608
            connection.exec_driver_sql(f"UPDATE installation SET readable_from = '{oldest}'")  # noqa: S608
        found = look(well, code=1 if outcome == "problem" else 0)
        assert found["revision"]["outcome"] == outcome
        assert revision in found["revision"]["message"]
        assert [row["version_num"] for row in well.shelf.rows("alembic_version")] == [revision]
    engine.dispose()


def test_A1_a_restored_database_is_told_before_anything_happens_to_it(well: Desk) -> None:
    backup = well.shelf.keep()
    well.sync()
    well.shelf.put_backup_back(backup)
    found = [f for f in well.json("doctor")["findings"] if "(A1)" in f["message"]]
    assert [f["outcome"] for f in found] == ["note"]


@pytest.mark.on_file(reason="what it looks at is SQLite's")
def test_a_damaged_file(well: Desk) -> None:
    file = well.config.parent / "mailsync.db"
    with open_setup(well.config) as setup:
        setup.store.close()
    content = bytearray(file.read_bytes())
    content[3 * 4096 : 12 * 4096] = bytes(9 * 4096)
    file.write_bytes(content)
    assert look(well)["store"]["outcome"] == "problem"
    file.write_text("no database at all, by far")
    assert "no mailsync store" in look(well)["store"]["message"]


def test_log_ins_that_are_refused_and_users_who_are_suspended(well: Desk) -> None:
    well.edit('password = "sandbox"', 'password = "wrong"')
    with open_setup(well.config) as setup:
        setup.store.schedule.enrol({"ann": Home("acme")}, lambda: NOW)
        setup.store.save_state("ann", {Keys.SUSPENDED: "needs_login"})
    found = look(well, "--vendors")
    assert found["mailbox"]["user"] == "ann"
    assert found["mailbox"]["outcome"] == "problem"
    assert "mailsync resume" in found["users"]["advice"]


def test_a_setting_that_can_not_be_used(well: Desk) -> None:
    with open_setup(well.config) as setup:
        setup.store.save_settings("ann", {"conflict.Nonsense": "ask"})
        setup.store.save_settings("gone", {"view": "all"})
    found = [f for f in well.json("doctor", code=1)["findings"] if f["area"] == "settings"]
    assert [f["outcome"] for f in found] == ["problem", "note"]
    assert "conflict.Nonsense" in found[0]["message"]
    assert "gone" in found[1]["message"]


def backlog(**more: Any) -> Backlog:
    return Backlog(**{"users": 9, "due": 0, "queued": 0, "oldest": None, "asleep": {}, **more})


def test_a_schedule_that_is_late() -> None:
    on_time, late = NOW - timedelta(minutes=2), NOW - timedelta(minutes=40)
    assert [f.outcome for f in look_at_backlog(backlog(due=3, oldest=on_time), NOW)] == [Outcome.OK]
    (found,) = look_at_backlog(backlog(due=3, oldest=late), NOW)
    assert (found.outcome, "40 min" in found.message) == (Outcome.PROBLEM, True)
    (nobody,) = look_at_backlog(backlog(users=0), NOW)
    assert nobody.outcome is Outcome.NOTE


@pytest.mark.parametrize("seconds", [-3600, -30, 0, 30, 3600])
def test_clocks_that_do_not_agree(seconds: int) -> None:
    found = compare_clocks("theirs", NOW, NOW + timedelta(seconds=seconds))
    assert found.outcome is (Outcome.OK if abs(seconds) < 60 else Outcome.PROBLEM)
    if seconds:
        assert ("ahead" if seconds > 0 else "behind") in found.message or found.outcome is Outcome.OK
