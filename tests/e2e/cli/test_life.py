"""pause, resume, remove, reset, takeover, export, erase."""

from pathlib import Path

import pytest

from mailsync.cli.demo.outlook import FOLDER
from tests.e2e.cli.desk import Desk


def test_E5_pause_and_resume(synced: Desk) -> None:
    assert synced.json("pause", "ann") == {"user": "ann", "state": "paused"}
    (report,) = synced.json("sync")["users"]
    assert report["status"] == "skipped"
    assert "resume" in report["reason"]
    assert synced.json("resume", "ann") == {"user": "ann", "state": "on"}
    synced.salesforce.edit("Tess Hallorann", {"Title": "Plant Manager"})
    assert synced.sync()["mailbox"]["updated"] == 1


def test_E6_remove_keeps_both_sides_and_does_not_start_again(synced: Desk) -> None:
    assert synced.json("remove", "ann") == {
        "user": "ann", "removed": 0, "not_removed": 0, "kept": [], "forgotten": True,
    }  # fmt: skip
    assert len(synced.outlook.names(FOLDER)) == 12
    assert synced.json("status")["users"][0]["pairs"] == 0
    (report,) = synced.json("sync")["users"]
    assert report["status"] == "skipped"
    synced.run("set", "ann", "contacts=on")
    again = synced.sync()
    assert again["mailbox"]["created"] == again["salesforce"]["created"] == 0
    assert len(synced.outlook.names(FOLDER)) == 12


@pytest.fixture
def worked(synced: Desk) -> Desk:
    """One contact was edited in the mailbox, one was born there."""
    synced.outlook.edit("Tess Hallorann", {"JobTitle": "Plant Manager"})
    synced.outlook.categorise("Nora Sandoval", ["Salesforce"])
    synced.sync()
    return synced


def test_E6_revert_takes_what_came_down_and_keeps_the_users_own(worked: Desk) -> None:
    document = worked.json("remove", "ann", "--revert")
    assert (document["removed"], document["forgotten"]) == (11, True)
    assert sorted(k["reason"] for k in document["kept"]) == ["born in the mailbox", "edited in the mailbox"]
    assert sorted(worked.outlook.names(FOLDER)) == ["Nora Sandoval", "Tess Hallorann"]
    assert len(worked.outlook.names("Deleted Items")) == 11
    assert worked.admin.has("Marta Lindqvist") == 1


def test_E6_revert_all_takes_everything(worked: Desk) -> None:
    shown = worked.run("remove", "ann", "--revert", "--all")
    assert "Nora Sandoval" in shown.out
    assert worked.outlook.names(FOLDER) == []
    assert worked.admin.has("Nora Sandoval") == 1


def test_A1_reset_matches_again_and_writes_nothing(synced: Desk) -> None:
    assert synced.json("reset", "ann") == {"user": "ann", "state": "repairing"}
    assert synced.json("status")["users"][0]["pairs"] == 0
    report = synced.sync()
    assert report["mailbox"] == {"created": 0, "updated": 0, "removed": 0, "moved": 0, "categorised": 0}
    assert report["salesforce"] == {"created": 0, "updated": 0, "deleted": 0}
    assert synced.json("status")["users"][0]["pairs"] == 12


def test_A1_another_installation_must_take_over(
    synced: Desk, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    other = Desk(synced.box, elsewhere, capsys)
    (report,) = other.json("sync")["users"]
    assert (report["status"], "takeover" in report["reason"]) == ("skipped", True)
    assert any("takeover" in c["message"] for c in other.json("check", code=1)["checks"])
    assert other.json("takeover", "ann") == {"user": "ann", "state": "repairing"}
    assert other.sync()["mailbox"]["created"] == 0
    assert other.json("status")["users"][0]["pairs"] == 12
    assert synced.json("sync")["users"][0]["status"] == "skipped"


def test_D9_export_and_erase(synced: Desk) -> None:
    exported = synced.run("export", "ann").json
    assert len(exported["pairs"]) == 12
    assert "sandbox-ann" not in str(exported)
    assert synced.json("erase", "ann") == {"user": "ann", "state": "erased"}
    assert synced.json("history", "ann") == {"entries": []}
    kept = b"".join(p.read_bytes() for p in synced.config.parent.glob("mailsync.db*"))
    assert b"Hallorann" not in kept
