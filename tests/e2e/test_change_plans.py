"""E7: each change that is to show its plan shows what comes, stays and leaves, and the next session does just that."""

from typing import Any

import pytest

from tests.e2e.stage import Stage


def change(scene: Stage, **settings: str) -> dict[str, Any]:
    """The plan of a change, as it is saved; nothing was written on either side for it."""
    scene.forget_requests()
    shown = scene.run("set", "ann", *(f"{k.replace('__', '.')}={v}" for k, v in settings.items()))
    assert scene.writes() == []
    assert shown["trouble"] is None
    return shown


def assert_done_as_shown(scene: Stage, shown: dict[str, Any], status: str = "done") -> dict[str, Any]:
    """The session after a change creates and removes as many as its plan said."""
    report = scene.sync(status)
    assert report["mailbox"]["created"] + report["salesforce"]["created"] == shown["added"]
    assert report["mailbox"]["removed"] + report["salesforce"]["deleted"] == shown["leaving"]
    scene.assert_settled()
    return report


def share(scene: Stage, count: int, **fields: str) -> None:
    """Records of somebody else's that ann may read."""
    for n in range(count):
        record = scene.admin.create(FirstName="Kim", LastName=f"Doe{n}", **fields)
        scene.act("share", record=record, user="ann")


def give_all_away(scene: Stage) -> None:
    for record in scene.org.all():
        scene.give_away(record["Id"])


def test_E7_view_adds_and_takes_away(synced: Stage) -> None:
    share(synced, 12)
    shown = change(synced, view="all")
    assert (shown["added"], shown["kept"], shown["leaving"]) == (12, 0, 0)
    assert_done_as_shown(synced, shown)
    shown = change(synced, view="mine")
    assert (shown["added"], shown["kept"], shown["leaving"]) == (0, 0, 12)
    assert_done_as_shown(synced, shown)  # approved: no D8


def test_E7_on_leave_scope_reaches_what_left_before(synced: Stage) -> None:
    for n in range(12):
        synced.org.create(FirstName="Kim", LastName=f"Doe{n}")
    synced.set(on_leave_scope="freeze")
    synced.sync()
    give_all_away(synced)
    assert synced.sync()["mailbox"]["removed"] == 0
    shown = change(synced, on_leave_scope="remove")
    assert (shown["added"], shown["kept"], shown["leaving"]) == (0, 0, 12)
    assert_done_as_shown(synced, shown)


def test_E7_on_leave_scope_keep_lets_frozen_ones_go_on(synced: Stage) -> None:
    record = synced.org.create(FirstName="Kim", LastName="Doe")
    synced.set(on_leave_scope="freeze")
    synced.sync()
    give_all_away(synced)
    synced.sync()
    synced.admin.update(record, Title="CTO")
    synced.sync()
    shown = change(synced, on_leave_scope="keep")
    assert [a["fields"]["Title"]["after"] for a in shown["plan"]["actions"] if a["kind"] == "update"] == ["CTO"]
    assert_done_as_shown(synced, shown)
    assert synced.ann.get("Kim Doe").job_title == "CTO"


def test_E7_direction_shows_what_comes_down_and_what_leaves_by_it(scene: Stage) -> None:
    scene.configure(direction="up")
    scene.sync()
    scene.org.create(FirstName="Kim", LastName="Doe")
    shown = change(scene, direction="both")
    assert (shown["added"], shown["leaving"]) == (1, 0)
    assert_done_as_shown(scene, shown)


def test_E7_D8_a_direction_whose_plan_was_shown_is_approved(synced: Stage) -> None:
    for n in range(12):
        synced.org.create(FirstName="Kim", LastName=f"Doe{n}")
    synced.sync()
    change(synced, direction="up")
    synced.sync()
    give_all_away(synced)
    assert synced.sync()["mailbox"]["removed"] == 0
    shown = change(synced, direction="both")
    assert (shown["kept"], shown["leaving"]) == (0, 12)
    assert_done_as_shown(synced, shown)


def test_E7_auto_removal_shows_what_it_would_ask_about(synced: Stage) -> None:
    synced.ann.create(synced.ann.folder, "Zoe", "Quinn")
    synced.sync()
    synced.ann.trash(synced.ann.get("Zoe Quinn"))
    shown = change(synced, auto_removal="allowed")
    assert [h["rule"] for h in shown["plan"]["holds"]] == ["D1"]
    assert_done_as_shown(synced, shown, "held")


@pytest.mark.parametrize("flow", ["both", "down"])
def test_E7_description_shows_the_notes_that_flow(synced: Stage, flow: str) -> None:
    synced.org.create(FirstName="Kim", LastName="Doe", Description="met at the fair")
    synced.sync()
    shown = change(synced, description=flow)
    (action,) = shown["plan"]["actions"]
    assert action["fields"]["Description"]["after"] == "met at the fair"
    assert_done_as_shown(synced, shown)
    assert synced.ann.get("Kim Doe").body.strip() == "met at the fair"


def test_E7_default_values_show_in_what_waits_to_be_created(synced: Stage) -> None:
    synced.ann.create(synced.ann.folder, "Zoe", "Quinn")
    shown = change(synced, default__LeadSource="Web")
    assert shown["added"] == 1
    assert_done_as_shown(synced, shown)
    assert synced.org.named("Quinn")["LeadSource"] == "Web"


def test_E7_B8_required_fields_show_what_is_no_longer_refused(synced: Stage) -> None:
    shown = change(synced, required__Title="on")
    assert (shown["added"], shown["plan"]["issues"]) == (0, [])
    synced.ann.create(synced.ann.folder, "Zoe", "Quinn")
    assert synced.sync()["salesforce"]["created"] == 0
    shown = change(synced, required__Title="off")
    assert shown["added"] == 1
    assert_done_as_shown(synced, shown)
