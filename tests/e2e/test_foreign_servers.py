"""B15, D7, A6: servers that behave otherwise than the one we know: the life of a contact ends the same on each."""

from pathlib import Path
from typing import Any

import pytest
import requests

from tests.e2e.people import CATEGORY
from tests.e2e.stage import Stage, stage

QUIRKS = (
    "no_category_restriction",
    "lenient_sync_state",
    "silent_folder_loss",
    "nine_digit_stamps",
    "no_change_key_check",
)


def quirky(scene: Stage, *quirks: str, on: bool = True) -> None:
    for quirk in quirks:
        scene.act("server_quirk", quirk=quirk, on=on)


def live(scene: Stage) -> dict[str, Any]:
    """Both creates, edits both ways, marked outside, moved out, deleted both ways; what is left on both sides."""
    scene.set(auto_removal="allowed")
    friends = scene.ann.new_folder("Friends")
    for n in range(3):
        scene.org.create(FirstName="Kim", LastName=f"Down{n}", Title="CTO")
        scene.ann.create(scene.ann.folder, "Zoe", f"Up{n}", email=f"up{n}@x.example")
    scene.ann.create(friends, "Uncle", "Bob", email="bob@family.example")
    marked = scene.ann.create(friends, "Mia", "Marked", categories=["Golf"])
    scene.sync()
    scene.ann.mark(marked)
    scene.ann.edit(scene.ann.get("Kim Down0"), department="R&D")
    scene.org.update(scene.org.named("Up0")["Id"], Title="CEO")
    scene.org.update(scene.org.named("Up1")["Id"], Department="Sales")
    scene.ann.edit(scene.ann.get("Zoe Up1"), job_title="Clerk")
    scene.sync()
    scene.ann.get("Kim Down1").move(friends)
    scene.ann.trash(scene.ann.get("Zoe Up2"))
    scene.org.delete(scene.org.named("Down2")["Id"])
    scene.sync()
    below = scene.ann.new_folder("Below", scene.ann.folder)
    scene.ann.get("Kim Down0").move(below)
    scene.sync()
    scene.ann.mark(scene.ann.get("Kim Down1", friends))
    scene.sync()
    scene.assert_settled()
    return outcome(scene)


def outcome(scene: Stage) -> dict[str, Any]:
    """Both sides by name."""
    inside = [*scene.ann.all_in(), *scene.ann.all_in(scene.ann.folder_named("Below", scene.ann.folder))]
    outside = scene.ann.all_in(scene.ann.folder_named("Friends"))
    records = scene.org.all("LastName", "Title", "Department", "Email")
    return {
        "records": sorted((r["LastName"], r["Title"], r["Department"], r["Email"]) for r in records),
        "inside": sorted((i.display_name, i.job_title, i.department, tuple(sorted(i.categories))) for i in inside),
        "outside": sorted((i.display_name, tuple(i.categories or ())) for i in outside),
    }


EXPECTED = {
    "records": [
        ("Down0", "CTO", "R&D", None),
        ("Down1", "CTO", None, None),
        ("Marked", None, None, None),
        ("Up0", "CEO", None, "up0@x.example"),
        ("Up1", "Clerk", "Sales", "up1@x.example"),
    ],
    "inside": [
        ("Kim Down0", "CTO", "R&D", (CATEGORY,)),
        ("Kim Down1", "CTO", None, (CATEGORY,)),
        ("Mia Marked", None, None, ("Golf", CATEGORY)),
        ("Zoe Up0", "CEO", None, (CATEGORY,)),
        ("Zoe Up1", "Clerk", "Sales", (CATEGORY,)),
    ],
    "outside": [("Uncle Bob", ())],
}


def _sort(found: dict[str, Any]) -> dict[str, Any]:
    return {key: sorted(found[key], key=str) for key in found}


@pytest.mark.parametrize("quirks", [(), *((q,) for q in QUIRKS), QUIRKS], ids=lambda q: "+".join(q) or "none")
def test_the_life_of_contacts_is_the_same_on_every_server(scene: Stage, quirks: tuple[str, ...]):
    quirky(scene, *quirks)
    scene.sync()
    assert _sort(live(scene)) == _sort(EXPECTED)


@pytest.mark.parametrize("quirk", QUIRKS)
def test_a_server_that_changes_in_the_middle_of_a_life(synced: Stage, quirk: str):
    """An update of Exchange, or a mailbox moved to another server: nothing is doubled, taken away or forgotten."""
    for n in range(3):
        synced.org.create(FirstName="Kim", LastName=f"Doe{n}")
    friends = synced.ann.new_folder("Friends")
    synced.sync()
    quirky(synced, quirk)
    synced.assert_settled()
    synced.ann.create(friends, "Mia", "Marked", categories=[CATEGORY])
    synced.ann.edit(synced.ann.get("Kim Doe0"), job_title="CTO")
    assert synced.sync()["salesforce"] == {"created": 1, "updated": 1, "deleted": 0}
    quirky(synced, quirk, on=False)
    synced.assert_settled()
    synced.ann.create(friends, "Max", "Marked", categories=[CATEGORY])
    assert synced.sync()["salesforce"] == {"created": 1, "updated": 0, "deleted": 0}
    assert len(synced.ann.all_in()) == len(synced.org.all()) == 5
    synced.assert_settled()


@pytest.mark.parametrize("quirk", ["", "lenient_sync_state", "no_category_restriction"])
def test_A3_a_sync_state_that_is_no_longer_known_reads_everything_and_writes_nothing(synced: Stage, quirk: str):
    synced.set(auto_removal="allowed")
    quirky(synced, *([quirk] if quirk else []))
    for n in range(4):
        synced.org.create(FirstName="Kim", LastName=f"Doe{n}")
    synced.sync()
    for kind in ("SyncFolderItems", "SyncFolderHierarchy"):
        synced.fault(vendor="exchange", operation=kind, kind="invalid_sync_state")
        synced.assert_settled()
    synced.ann.trash(synced.ann.get("Kim Doe0"))
    synced.ann.edit(synced.ann.get("Kim Doe1"), job_title="CTO")
    synced.fault(vendor="exchange", operation="SyncFolderItems", kind="invalid_sync_state")
    assert synced.sync()["salesforce"] == {"created": 0, "updated": 1, "deleted": 1}
    assert len(synced.org.all()) == 3
    synced.assert_settled()


@pytest.mark.parametrize("quirk", ["silent_folder_loss", "lenient_sync_state"])
@pytest.mark.parametrize("how", ["trash", "for good"])
def test_A3_a_folder_that_goes_without_a_word_comes_back_full(synced: Stage, quirk: str, how: str):
    synced.set(auto_removal="allowed")
    quirky(synced, quirk)
    for n in range(4):
        synced.org.create(FirstName="Kim", LastName=f"Doe{n}")
    synced.sync()
    folder = synced.ann.folder
    if how == "trash":
        folder.move(synced.ann.account.trash)
    else:
        folder.delete()
    assert synced.sync()["salesforce"]["deleted"] == 0
    assert len(synced.ann.all_in()) == len(synced.org.all()) == 4
    synced.assert_settled()


def organisation(**keys: Any) -> dict[str, Any]:
    return {"salesforce": {"organisation": {"name": "Acme", "id": "00DIb0000000001MAA", **keys}}}


def fill(scene: Stage, count: int, last_name: str = "Doe") -> None:
    for start in range(0, count, 200):
        many = range(start, min(count, start + 200))
        records = [{"attributes": {"type": "Contact"}, "FirstName": "Kim", "LastName": f"{last_name}{n}"} for n in many]
        body = {"allOrNone": False, "records": records}
        scene.org.client.restful("composite/sobjects", method="POST", json=body)


def test_A17_pages_of_salesforce_that_are_shorter_than_asked_lose_nobody(tmp_path: Path):
    with stage(tmp_path, organisation(largest_page=7)) as scene:
        fill(scene, 60)
        assert scene.sync()["mailbox"]["created"] == 60
        assert len({i.sf_id for i in scene.ann.all_in()}) == 60
        scene.assert_settled()
        everyone = scene.org.all("LastName")
        updates = [{"attributes": {"type": "Contact"}, "id": r["Id"], "Title": "CTO"} for r in everyone]
        body = {"allOrNone": False, "records": updates}
        scene.org.client.restful("composite/sobjects", method="PATCH", json=body)
        scene.org.delete(everyone[0]["Id"])
        report = scene.sync()
        assert (report["mailbox"]["updated"], report["mailbox"]["removed"]) == (59, 1)
        scene.assert_settled()


@pytest.mark.parametrize("seconds", [30, 300])
def test_B15_records_that_show_late_are_neither_lost_nor_doubled(scene: Stage, seconds: int):
    """A transaction may be committed long after its stamps: queries show it behind the watermark."""
    scene.sync()
    scene.act("late_commit", seconds=seconds)
    made = scene.org.create(FirstName="Kim", LastName="Late")
    scene.ann.create(scene.ann.folder, "Zoe", "Quinn", email="zoe@x.example")
    scene.sync()
    scene.sync()
    scene.advance(seconds / 2)
    scene.sync()
    scene.org.update(made, Title="CTO")
    scene.advance(seconds + 1)
    scene.sync()
    scene.advance(seconds + 1)
    scene.sync()
    assert sorted(i.display_name for i in scene.ann.all_in()) == ["Kim Late", "Zoe Quinn"]
    assert scene.ann.get("Kim Late").job_title == "CTO"
    assert len(scene.org.all()) == 2
    scene.assert_settled()


def test_D4_deletions_that_show_late_arrive(scene: Stage):
    scene.sync()
    made = scene.org.create(FirstName="Kim", LastName="Late")
    scene.sync()
    scene.act("late_commit", seconds=120)
    scene.org.delete(made)
    scene.sync()
    scene.advance(60)
    scene.sync()
    scene.advance(61)
    scene.sync()
    assert scene.ann.all_in() == []
    scene.assert_settled()


def test_C4_the_daily_limit_is_reached_in_the_middle_of_a_session(synced: Stage):
    """Whatever was written stays written, and the day after the rest follows once."""
    for n in range(3):
        synced.ann.create(synced.ann.folder, "Zoe", f"Up{n}")
        synced.org.create(FirstName="Kim", LastName=f"Down{n}")
    spent = {"vendor": "salesforce", "kind": "throttle", "code": "REQUEST_LIMIT_EXCEEDED", "times": 30}
    for after in range(3):
        synced.fault(**spent, after=after)
        report = synced.sync(None)
        assert report["status"] in ("skipped", "failed", "done"), report
        requests.delete(f"{synced.url}/sandbox/faults", timeout=5)
    synced.advance(86400)
    synced.sync()
    synced.sync()
    assert len(synced.ann.all_in()) == len(synced.org.all()) == 6
    synced.assert_settled()
