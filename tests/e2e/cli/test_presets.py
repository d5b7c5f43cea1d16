"""presets and activity: settings of many users as a file, their dry run, and who changed what."""

from pathlib import Path
from typing import Any

import pytest

from tests.e2e.cli.desk import Desk

STANDARD = """
[groups]
sales = ["ann"]

[presets.standard]
groups = ["sales"]
settings = { interval = "2h", view = "all" }
"""
RULE = '[presets.rule]\nmode = "override"\neverybody = true\nsettings = { direction = "down" }\n'


@pytest.fixture
def file(desk: Desk) -> Path:
    path = desk.config.parent / "presets.toml"
    path.write_text(STANDARD)
    return path


def values(desk: Desk) -> dict[str, Any]:
    return desk.json("get", "ann")["settings"]


def told(desk: Desk, *words: str) -> list[dict[str, Any]]:
    return desk.json("activity", *words)["activity"]


def test_E7_a_dry_run_shows_each_users_settings_and_plan_and_stores_nothing(synced: Desk, file: Path) -> None:
    planned = synced.json("presets", "plan", str(file))
    (ann,) = planned["users"]
    assert ann["changes"]["view"] == {"before": "mine", "after": "all", "origin": "preset standard"}
    assert ann["changes"]["interval"] == {"before": "30m", "after": "2h", "origin": "preset standard"}
    assert ann["added"] > 0
    assert ann["trouble"] is None
    assert values(synced)["view"] == {"value": "mine", "origin": "default"}
    assert synced.json("presets", "list") == {"presets": [], "groups": {}}
    assert told(synced) == []


def test_E7_an_import_takes_effect_in_the_next_session_as_set_does(synced: Desk, file: Path) -> None:
    saved = synced.json("presets", "import", str(file))
    (ann,) = saved["users"]
    assert values(synced)["view"] == {"value": "all", "origin": "preset standard"}
    report = synced.sync()
    assert report["mailbox"]["created"] == ann["added"]
    file.write_text(STANDARD.replace('view = "all"', 'contacts = "on"'))
    back = synced.json("presets", "import", str(file))["users"][0]
    assert back["leaving"] == ann["added"]
    report = synced.sync()
    assert report["holds"] == []  # D8: the plan was shown
    assert report["mailbox"]["removed"] == ann["added"]


def test_D8_what_was_not_shown_is_guarded(synced: Desk, file: Path) -> None:
    synced.json("presets", "import", str(file))
    added = synced.sync()["mailbox"]["created"]
    file.write_text(STANDARD.replace('view = "all"', '"guard.count" = 0, "guard.percent" = 0'))
    shown = synced.json("presets", "import", str(file), "--settings-only")
    assert shown["users"][0]["plan"] is None
    report = synced.sync()
    assert [h["rule"] for h in report["holds"]] == ["D8"]
    assert report["holds"][0]["count"] == added


def test_what_is_set_wins_over_a_preset_that_preserves_and_not_over_one_that_overrides(desk: Desk, file: Path) -> None:
    desk.json("set", "ann", "interval=1h")
    desk.json("presets", "import", str(file), "--settings-only")
    assert values(desk)["interval"] == {"value": "1h", "origin": "set"}
    file.write_text(STANDARD + RULE)
    desk.json("presets", "import", str(file), "--settings-only")
    outcome = desk.run("set", "ann", "direction=up")
    assert outcome.code == 0
    assert "the preset rule decides it" in outcome.err
    assert values(desk)["direction"] == {"value": "down", "origin": "preset rule"}


def test_an_export_reads_back_and_changes_nothing(desk: Desk, file: Path) -> None:
    file.write_text(STANDARD + RULE)
    desk.json("presets", "import", str(file), "--settings-only")
    copy = file.with_name("copy.toml")
    assert desk.run("presets", "export", str(copy)).code == 0
    assert desk.run("presets", "export").out == copy.read_text()
    assert desk.json("presets", "plan", str(copy))["users"] == []
    (standard, rule) = desk.json("presets", "list")["presets"]
    assert (standard["users"], rule["users"], rule["mode"]) == (["ann"], ["ann"], "override")


def test_a_file_with_a_problem_changes_nothing(desk: Desk, file: Path) -> None:
    file.write_text(STANDARD + '[presets.bad]\nusers = ["zoe"]\nsettings = { veiw = "all" }\n')
    outcome = desk.run("presets", "import", str(file))
    assert outcome.code == 2
    assert "did you mean view?" in outcome.err
    assert "there is no user zoe" in outcome.err
    file.write_text(STANDARD.replace('view = "all"', '"conflict.Nonsense" = "ask", mailbox = "google"'))
    outcome = desk.run("presets", "import", str(file))
    assert outcome.code == 2
    assert "google" in outcome.err
    assert desk.json("presets", "list")["presets"] == []
    assert desk.run("presets", "import", str(file.with_name("none.toml"))).code == 2


def test_pause_resume_and_sync_of_a_group_and_of_everybody(desk: Desk, file: Path) -> None:
    text = desk.config.read_text()
    block = text[text.index("[users.ann]") :]
    desk.config.write_text(text + block.replace("users.ann", "users.bob"))
    desk.json("presets", "import", str(file), "--settings-only")
    assert desk.json("pause", "--all")["users"] == [{"user": u, "state": "paused"} for u in ("ann", "bob")]
    assert desk.json("resume", "--group", "sales")["users"] == [{"user": "ann", "state": "on"}]
    assert {s["user"]: s["state"] for s in desk.json("status")["users"]} == {"ann": "on", "bob": "paused"}
    assert [r["user"] for r in desk.json("sync", "--group", "sales")["users"]] == ["ann"]
    assert [r["status"] for r in desk.json("sync")["users"]] == ["done", "skipped"]
    assert desk.json("resume", "bob") == {"user": "bob", "state": "on"}
    for words in (["pause"], ["pause", "--group", "sale"], ["sync", "--group", "sale"]):
        assert desk.run(*words).code == 2


@pytest.fixture
def two(desk: Desk, file: Path) -> Desk:
    """Bob beside ann, with her log-ins; ann is of the group sales."""
    text = desk.config.read_text()
    block = text[text.index("[users.ann]") :]
    desk.config.write_text(text + block.replace("users.ann", "users.bob"))
    file.write_text(STANDARD.replace('view = "all"', 'contacts = "on"'))
    desk.json("presets", "import", str(file), "--settings-only")
    return desk


def states(desk: Desk) -> dict[str, str]:
    return {s["user"]: s["state"] for s in desk.json("status")["users"]}


def test_E5_what_is_done_to_many_is_shown_filtered_and_done_to_all_or_none(two: Desk) -> None:
    planned = two.json("pause", "--all", "--plan")["users"]
    assert planned == [{"user": u, "state": "on", "after": "paused", "pairs": 0} for u in ("ann", "bob")]
    assert states(two) == {"ann": "on", "bob": "on"}
    two.json("pause", "ann", "bob")
    two.json("resume", "--state", "paused", "--group", "sales")
    assert states(two) == {"ann": "on", "bob": "paused"}
    assert [a["user"] for a in told(two, "--action", "resume")] == ["ann"]
    assert two.json("resume", "--state", "paused")["users"] == [{"user": "bob", "state": "on"}]
    for words in (["--state", "paused"], ["--state", "sleepy"], ["--organisation", "acme"], ["ann", "zoe"]):
        assert two.run("pause", *words).code == 2
    assert states(two) == {"ann": "on", "bob": "on"}


def test_A1_reset_of_several_users(two: Desk) -> None:
    two.json("sync", "ann")
    assert two.json("reset", "--all", "--plan")["users"][0]["pairs"] > 0
    assert [u["state"] for u in two.json("reset", "--all", "--yes")["users"]] == ["repairing", "repairing"]
    assert two.json("status", "ann")["users"][0]["pairs"] == 0
    assert sorted(a["user"] for a in told(two, "--action", "reset")) == ["ann", "bob"]


def test_E7_set_for_many_shows_each_ones_plan_and_saves_for_all_or_none(two: Desk) -> None:
    two.json("set", "bob", "view=all", "--yes")
    acts = len(told(two))
    planned = two.json("set", "--all", "view=all", "region=DE", "--plan")
    assert (planned["meant"], planned["saved"]) == (["ann", "bob"], {})
    ann, bob = planned["users"]
    assert ann["changes"]["view"] == {"before": "mine", "after": "all", "origin": "set"}
    assert ann["plan"]["actions"]
    assert (bob["plan"], set(bob["changes"])) == (None, {"region"})
    assert values(two)["view"]["value"] == "mine"
    assert len(told(two)) == acts
    wrong = two.run("set", "--all", "conflict.Nonsense=ask", "--settings-only")
    assert wrong.code == 2
    assert wrong.err.count("no such field") == 2
    assert len(told(two)) == acts
    saved = two.json("set", "ann", "bob", "view=all", "region=DE")
    assert saved["saved"] == {"view": "all", "region": "DE"}
    assert values(two)["region"] == {"value": "DE", "origin": "set"}
    latest = {a["user"]: set(a["details"]) for a in told(two, "--limit", "2")}
    assert latest == {"ann": {"view", "region"}, "bob": {"region"}}
    assert two.sync()["mailbox"]["created"] == ann["added"]
    for words in (["ann"], ["region=DE"], ["zoe", "region=DE"]):
        assert two.run("set", *words).code == 2


def test_every_act_is_recorded_with_who_did_it(desk: Desk, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SUDO_USER", "kim")
    desk.json("set", "ann", "view=all", "interval=")
    desk.json("pause", "ann")
    desk.json("resume", "ann")
    desk.json("presets", "import", str(file), "--settings-only")
    desk.json("retry", "ann")
    desk.json("reset", "ann")
    desk.json("keys", "rotate")
    acts = told(desk)
    expected = ["keys rotate", "reset", "retry", "presets import", "presets import", "resume", "pause", "set"]
    assert [a["action"] for a in acts] == expected
    assert all("kim" in a["actor"] for a in acts)
    assert acts[-1]["details"] == {
        "view": {"before": "mine", "after": "all"}, "interval": {"before": "30m", "after": None},
    }  # fmt: skip
    assert [a["action"] for a in told(desk, "ann", "--action", "pause")] == ["pause"]
    assert len(told(desk, "--limit", "2")) == 2
    assert "kim" in desk.run("activity").out
    assert desk.run("activity", "--limit", "0").code == 2
    desk.json("erase", "ann")
    assert [a["user"] for a in told(desk)] == [None, None, None]  # erase, keys rotate, presets import
