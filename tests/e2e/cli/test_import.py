"""settings export and import: an installation that is kept under version control."""

import stat
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import tomli_w

from mailsync.cli.importing import replacing
from mailsync.cli.newfile import proposing
from mailsync.errors import SettingsError
from tests.e2e.cli.desk import Desk

ANN = "users.ann.exchange.password"
TOKEN = "users.ann.salesforce_token"


@pytest.fixture
def file(desk: Desk) -> Path:
    """What is under version control: the installation as it is."""
    path = desk.config.with_name("kept.toml")
    assert desk.run("settings", "export", str(path)).code == 0
    return path


def change(file: Path, **tables: Mapping[str, Any]) -> None:
    """Puts tables of ann, or of all (with an underscore at the end), in the place of others."""
    document = tomllib.loads(file.read_text())
    for name, table in tables.items():
        place = document if name.endswith("_") else document["users"]["ann"]
        place[name.rstrip("_")] = {**place.get(name.rstrip("_"), {}), **table}
    file.write_text(tomli_w.dumps(document))


def told(desk: Desk) -> list[tuple[Any, Any]]:
    found = desk.json("activity", "--action", "settings import")["activity"]
    return sorted(((a["user"] or "", a["details"]) for a in found), key=lambda pair: pair[0])


def value(desk: Desk, key: str) -> dict[str, str]:
    return desk.json("get", "ann")["settings"][key]


def test_an_export_holds_no_secret_and_reads_back_unchanged(desk: Desk) -> None:
    desk.json("set", "ann", "interval=2h", "default.LeadSource=Mail")
    file, before = desk.config.with_name("kept.toml"), desk.config.read_bytes()
    outcome = desk.run("settings", "export", str(file))
    assert ANN in outcome.err
    assert TOKEN in outcome.err
    text = file.read_text()
    assert desk.run("settings", "export").out == text
    assert "sandbox-ann" not in text
    document = tomllib.loads(text)
    assert "password" not in document["users"]["ann"]["exchange"]
    assert not document.keys() & {"store", "key_file"}
    assert document["stored"] == {"ann": {"interval": "2h", "default.LeadSource": "Mail"}}
    shown = desk.json("settings", "import", str(file))
    assert (shown["users"], shown["file"], shown["stored"], shown["saved"]) == ([], [], {}, False)
    assert sorted(shown["secrets"]["kept"]) == [ANN, TOKEN]
    assert desk.config.read_bytes() == before
    assert told(desk) == []


@pytest.mark.parametrize("what", ["settings", "presets"])
def test_an_export_that_can_not_be_written_says_where(desk: Desk, what: str) -> None:
    target = desk.config.with_name("nowhere") / "kept.toml"
    outcome = desk.run(what, "export", str(target))
    assert (outcome.code, outcome.out) == (2, "")
    assert f"{target}: can't be written: No such file or directory" in outcome.err


def test_E7_an_import_puts_file_and_store_in_place_with_an_act_for_each_change(synced: Desk, file: Path) -> None:
    synced.json("set", "ann", "guard.count=3")
    synced.config.chmod(0o640)
    before = synced.config.read_text()
    change(file, settings={"region": "DE"}, stored_={"ann": {"interval": "2h"}}, worker_={"sessions": 2})
    planned = synced.json("settings", "plan", str(file))
    assert synced.config.read_text() == before
    shown = synced.json("settings", "import", str(file))
    assert {**planned, "saved": True} == shown
    assert shown["stored"] == {"ann": {"guard.count": None, "interval": "2h"}}
    assert value(synced, "region") == {"value": "DE", "origin": "file"}
    assert value(synced, "interval") == {"value": "2h", "origin": "set"}
    assert value(synced, "guard.count") == {"value": "10", "origin": "default"}
    everybody, ann = told(synced)
    assert everybody == ("", {"worker.sessions": {"before": None, "after": "2"}})
    assert ann[1]["settings.region"] == {"before": None, "after": "DE"}
    assert ann[1]["interval"] == {"before": "30m", "after": "2h"}
    assert ann[1]["set interval"] == "2h"
    former = synced.config.with_name("mailsync.toml.before")
    assert former.read_text() == before
    assert {stat.S_IMODE(path.stat().st_mode) for path in (former, synced.config)} == {0o640}
    assert synced.sync()["status"] == "done"  # the secrets are where they were
    assert synced.json("settings", "import", str(file))["saved"] is False


def test_D8_a_scope_whose_plan_was_shown_is_approved(synced: Desk, file: Path) -> None:
    change(file, settings={"guard.count": 0, "guard.percent": 0})
    synced.json("settings", "import", str(file))
    change(file, settings={"view": "view:My_Customers"})
    (ann,) = synced.json("settings", "import", str(file))["users"]
    assert ann["leaving"] > 0
    report = synced.sync()
    assert report["holds"] == []
    assert report["mailbox"]["removed"] == ann["leaving"]


def test_who_goes_has_to_be_meant_and_is_not_forgotten(synced: Desk, file: Path) -> None:
    before = synced.config.read_text()
    document = tomllib.loads(file.read_text())
    document["users"]["bob"] = {**document["users"].pop("ann"), "salesforce_token_env": "PATH"}
    file.write_text(tomli_w.dumps(document))
    outcome = synced.run("settings", "import", str(file))
    assert outcome.code == 2
    assert "ann; give --yes" in outcome.err
    assert synced.config.read_text() == before
    assert told(synced) == []
    shown = synced.json("settings", "import", str(file), "--yes")
    assert (shown["new"], shown["gone"]) == (["bob"], ["ann"])
    (ann, bob) = told(synced)
    assert (ann[0], ann[1]["user"], ann[1]["salesforce_token"]) == (
        "ann",
        "gone",
        {"before": "a secret", "after": None},
    )
    assert (bob[0], bob[1]["user"], bob[1]["mailbox"]) == ("bob", "new", {"before": None, "after": "exchange"})
    with synced.setup() as setup:
        assert list(setup.users) == ["bob"]
        assert setup.store.count("ann") == 12


def test_a_secret_is_never_shown_to_another_host_than_before(desk: Desk, file: Path) -> None:
    text = file.read_text()
    file.write_text(text.replace("/EWS/Exchange.asmx", "/elsewhere/Exchange.asmx"))
    shown = desk.json("settings", "import", str(file), "--settings-only")
    assert shown["secrets"] == {"kept": [TOKEN], "not_kept": [ANN]}
    assert "password" not in tomllib.loads(desk.config.read_text())["users"]["ann"]["exchange"]
    document = tomllib.loads(file.read_text())
    document["salesforce"]["url"] = "https://elsewhere.example"
    file.write_text(tomli_w.dumps(document))
    planned = desk.json("settings", "plan", str(file), "--settings-only")
    assert planned["secrets"] == {"kept": [], "not_kept": [TOKEN]}
    assert [m["user"] for m in planned["moved"]] == ["ann"]
    assert desk.run("settings", "import", str(file), "--settings-only").code == 2  # another organisation: say so


def test_a_file_without_stored_leaves_what_people_set(desk: Desk) -> None:
    file = desk.config.with_name("kept.toml")
    assert desk.run("settings", "export", str(file), "--without-stored").code == 0
    assert "stored" not in tomllib.loads(file.read_text())
    desk.json("set", "ann", "interval=2h")
    change(file, settings={"region": "DE"})
    assert desk.json("settings", "import", str(file))["stored"] == {}
    assert value(desk, "interval") == {"value": "2h", "origin": "set"}


def test_every_problem_of_a_file_is_named_and_nothing_is_done(desk: Desk, file: Path) -> None:
    before = desk.config.read_text()
    good = file.read_text()
    stored = '\n[stored.zoe]\ninterval = "2h"\n[stored.ann]\nveiw = "all"\n'
    file.write_text(good.replace("address = ", "adress = ", 1) + stored)
    outcome = desk.run("settings", "import", str(file), "--yes")
    assert outcome.code == 2
    assert "stored.zoe: there is no [users.zoe]" in outcome.err
    assert "did you mean view?" in outcome.err
    assert "did you mean address?" in outcome.err
    file.write_text('store = "other.db"\n' + good)
    assert "db move" in desk.run("settings", "import", str(file), "--yes").err
    file.write_text(good + '\n[stored.ann]\nmailbox = "google"\n')
    assert "users.ann.google is missing" in desk.run("settings", "import", str(file), "--yes").err
    assert desk.config.read_text() == before
    assert told(desk) == []


def test_where_the_file_cant_be_put_in_place_nothing_is_stored(
    desk: Desk, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_: Path, __: Path) -> None:
        raise OSError(16, "Device or resource busy")  # a file that is mounted by itself

    before = desk.config.read_text()
    change(file, stored_={"ann": {"interval": "2h"}})
    monkeypatch.setattr(Path, "replace", refuse)
    outcome = desk.run("settings", "import", str(file))
    monkeypatch.undo()
    assert outcome.code == 2
    assert "can't be written" in outcome.err
    assert desk.config.read_text() == before
    assert value(desk, "interval") == {"value": "30m", "origin": "default"}
    assert told(desk) == []
    assert not desk.config.with_name(".mailsync.toml.new").exists()


def test_where_the_store_fails_at_the_end_the_former_file_is_put_back(desk: Desk, file: Path) -> None:
    before = desk.config.read_text()
    change(file, settings={"region": "DE"})

    def fail_at_the_end() -> None:
        with proposing(desk.config, file, settings_only=True, quiet=True) as proposal, replacing(proposal) as put:
            put()
            assert 'region = "DE"' in desk.config.read_text()
            raise SettingsError(("the end",))

    with pytest.raises(SettingsError, match="the end"):
        fail_at_the_end()
    assert desk.config.read_text() == before


def test_on_a_new_machine_the_file_is_the_first_one(desk: Desk, file: Path) -> None:
    change(file, stored_={"ann": {"interval": "2h"}})
    place = desk.config.with_name("elsewhere")
    place.mkdir()
    there = place / "mailsync.toml"
    assert desk.run("--config", str(there), "settings", "import", str(file)).code == 0
    assert stat.S_IMODE(there.stat().st_mode) == 0o600
    assert tomllib.loads(there.read_text())["users"].keys() == {"ann"}
    assert "2h" in desk.run("--config", str(there), "get", "ann").out
