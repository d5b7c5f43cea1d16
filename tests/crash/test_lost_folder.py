"""A3, A7, B8: a folder that is refilled over several sessions, a move that is refused, an update that is refused."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.crash.test_stopped_sessions import bench, fill
from tests.e2e.stage import Stage, stage


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Stage]:
    with stage(tmp_path) as standing:
        yield standing


def lose_folder(scene: Stage) -> None:
    """For good: not in Deleted Items either."""
    scene.ann.folder.delete()


def test_A3_a_refill_that_is_stopped_goes_on_and_deletes_nothing(scene: Stage):
    scene.configure(auto_removal="allowed")
    fill(scene, 220)
    scene.sync()
    lose_folder(scene)

    def stop(what: str, _done: int, _all: int) -> None:
        if what == "creating in the mailbox":
            raise RuntimeError

    with bench(scene) as desk:
        assert (first := desk.session(stop)).status == "failed"
        assert first.tally.created == 100
        second = desk.session(stop)
        assert (second.status, second.tally.created) == ("failed", 100)
        third = desk.session()
        assert (third.status, third.tally.created, third.tally.crm_deleted) == ("done", 20, 0)
    assert len(scene.org.all()) == 220
    assert sorted(i.surname for i in scene.ann.all_in()) == sorted(f"Doe{n}" for n in range(220))
    scene.assert_settled()


@pytest.mark.parametrize("trouble", [{"kind": "refuse", "code": "ErrorQuotaExceeded"}, {"kind": "drop_before"}])
def test_A3_an_item_that_is_refused_while_the_folder_is_refilled_is_no_deletion(scene: Stage, trouble: dict[str, str]):
    scene.configure(auto_removal="allowed")
    fill(scene, 3)
    scene.sync()
    lose_folder(scene)
    scene.fault(vendor="exchange", operation="CreateItem", **trouble)
    assert scene.sync(None)["salesforce"]["deleted"] == 0
    report = scene.sync(None)
    assert (report["salesforce"]["deleted"], report["holds"]) == (0, [])
    scene.run("retry", "ann")
    scene.sync()
    assert sorted(i.surname for i in scene.ann.all_in()) == ["Doe0", "Doe1", "Doe2"]
    assert len(scene.org.all()) == 3
    scene.assert_settled()


def test_A3_a_lost_folder_before_anything_is_back_is_no_fault_of_the_listing(scene: Stage):
    fill(scene, 3)
    scene.sync()
    lose_folder(scene)
    scene.fault(vendor="exchange", operation="CreateItem", kind="throttle", milliseconds=70_000)
    scene.sync("failed")
    report = scene.sync()
    assert (report["mailbox"]["created"], report["holds"]) == (3, [])
    scene.assert_settled()


def test_A3_E1_a_lost_folder_in_direction_up_only_unpairs(scene: Stage):
    scene.configure(direction="up", auto_removal="allowed")
    scene.sync()
    for name in ("Quinn", "Roe", "Poe"):
        scene.ann.create(scene.ann.folder, "Zoe", name)
    assert scene.sync()["salesforce"]["created"] == 3
    lose_folder(scene)
    report = scene.sync()
    assert (report["salesforce"]["deleted"], report["mailbox"]["created"]) == (0, 0)
    assert len(scene.org.all()) == 3
    assert scene.ann.all_in() == []
    scene.assert_settled()
    assert len(scene.org.all()) == 3


@pytest.mark.parametrize("transient", [True, False])
def test_A7_an_item_that_cannot_be_moved_in_is_not_synced_from_where_it_lies(scene: Stage, transient: bool):
    scene.configure(auto_removal="allowed")
    scene.sync()
    scene.ann.mark(scene.ann.create(scene.ann.contacts, "Max", "Moved", email="max@x.example"))
    scene.ann.create(scene.ann.folder, "Zoe", "Up")
    code = "ErrorInternalServerTransientError" if transient else "ErrorMoveCopyFailed"
    scene.fault(vendor="exchange", operation="MoveItem", kind="refuse", code=code)
    report = scene.sync(None)
    assert [r["LastName"] for r in scene.org.all()] == (["Up"] if report["status"] == "done" else [])
    assert scene.ann.get("Max Moved", scene.ann.contacts).sf_id is None
    report = scene.sync()
    assert report["mailbox"]["moved"] == 1
    assert sorted(r["LastName"] for r in scene.org.all()) == ["Moved", "Up"]
    assert scene.ann.get("Max Moved").sf_id
    assert scene.issues() == []
    scene.assert_settled()


def test_D6_a_returning_item_that_cannot_be_moved_in_costs_the_present_one_nothing(scene: Stage):
    """The re-created item gives way only once the returning one is in the folder."""
    record = scene.org.create(FirstName="Kim", LastName="Doe", Email="kim@x.example")
    scene.sync()
    scene.ann.get("Kim Doe").move(scene.ann.contacts)
    scene.sync()
    scene.ann.mark(scene.ann.get("Kim Doe", scene.ann.contacts))
    scene.fault(vendor="exchange", operation="MoveItem", kind="refuse", code="ErrorMoveCopyFailed")
    report = scene.sync()
    assert report["mailbox"]["removed"] == 0
    assert scene.ann.get("Kim Doe").sf_id == record
    assert [(i["code"], i["rule"]) for i in report["issues"]] == [("ErrorMoveCopyFailed", "B2")]
    report = scene.sync()
    assert (report["mailbox"]["moved"], report["mailbox"]["removed"]) == (1, 1)
    assert len(scene.ann.all_in()) == 1
    assert scene.issues() == []
    scene.assert_settled()


def test_B8_C1_a_refused_update_waits_with_its_mark_until_something_changes(scene: Stage):
    scene.sync()
    scene.ann.create(scene.ann.folder, "Zoe", "Quinn")
    scene.sync()
    scene.act("validation_rule", object="Contact", field="Department", pattern="^Forbidden$", message="no such place")
    scene.ann.edit(scene.ann.get("Zoe Quinn"), department="Forbidden")
    report = scene.sync()
    assert {i["rule"] for i in report["issues"]} <= {"B8", "B13"}
    assert report["issues"]
    for _ in range(2):
        scene.assert_settled()
        assert scene.issues()
    scene.ann.edit(scene.ann.get("Zoe Quinn"), department="Allowed")
    report = scene.sync()
    assert (report["salesforce"]["updated"], report["issues"]) == (1, [])
    assert scene.org.named("Quinn")["Department"] == "Allowed"
    assert scene.ann.get("Zoe Quinn").categories == ["Salesforce"]
    scene.assert_settled()


def test_B8_a_parked_item_that_its_owner_deletes_is_told_of_no_more(scene: Stage):
    scene.sync()
    scene.ann.create(scene.ann.folder, "Zoe")  # no last name (B1)
    scene.sync()
    assert [i["rule"] for i in scene.issues()] == ["B1"]
    scene.ann.trash(scene.ann.get("Zoe"))
    scene.sync()
    assert scene.issues() == []


def test_A12_a_nameless_record_that_is_deleted_is_told_of_no_more(scene: Stage):
    record = scene.org.create(LastName="Doe")
    scene.act("field_security", object="Contact", field="LastName", user="ann", read=False, edit=False)
    scene.act("field_security", object="Contact", field="FirstName", user="ann", read=False, edit=False)
    assert [i["rule"] for i in scene.sync()["issues"]] == ["A12"]
    scene.org.delete(record)
    assert scene.sync()["issues"] == []
    assert scene.sync()["requests"] == {"salesforce": 1, "mailbox": 3}
