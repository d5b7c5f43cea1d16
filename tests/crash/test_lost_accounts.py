"""B7, B15: the answer to an Account's creation gets lost: it is not made a second time, no Contact goes without it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.stage import Stage, stage

TEN_MINUTES = 601


@pytest.fixture
def synced(tmp_path: Path) -> Iterator[Stage]:
    with stage(tmp_path, auto_create_account="on") as scene:
        scene.sync()
        for first, company in (("Zoe", "Hooli"), ("Max", "hooli"), ("Moe", "Initech")):
            scene.ann.create(scene.ann.folder, first, "Quinn", company_name=company)
        yield scene


def accounts(scene: Stage) -> list[str]:
    return sorted(a["Name"] for a in scene.org.query("SELECT Name FROM Account"))


def linked(scene: Stage) -> dict[str, str]:
    rows = scene.org.query("SELECT FirstName, Account.Name FROM Contact")
    return {r["FirstName"]: (r["Account"] or {}).get("Name", "") for r in rows}


def told(scene: Stage) -> list[str]:
    entries = [e for e in scene.run("history", "ann")["entries"] if e["rule"] == "B7"]
    assert all(e["kind"] == "create" and e["fields"]["AccountId"]["after"].startswith("001") for e in entries)
    return sorted(e["fields"]["Account"]["after"] for e in entries)


def test_B7_B15_an_account_that_was_made_is_found_and_told_of(synced: Stage):
    synced.fault(vendor="salesforce", operation="create", kind="drop_after")
    report = synced.sync()
    assert [i["code"] for i in report["issues"]] == ["IN_DOUBT", "IN_DOUBT"]
    assert report["salesforce"]["created"] == 2, "whose Account is not in doubt goes on: Initech and Moe"
    assert linked(synced) == {"Moe": "Initech"}
    synced.sync()
    assert (accounts(synced), told(synced)) == (["Hooli", "Initech"], ["Hooli", "Initech"])
    assert linked(synced) == {"Zoe": "Hooli", "Max": "Hooli", "Moe": "Initech"}
    assert synced.issues() == []
    synced.assert_settled()


def test_B7_B15_an_account_that_was_not_made_is_made_ten_minutes_later(synced: Stage):
    synced.fault(vendor="salesforce", operation="create", kind="drop_before")
    synced.sync()
    report = synced.sync()
    assert (accounts(synced), [i["code"] for i in report["issues"]]) == (["Initech"], ["IN_DOUBT", "IN_DOUBT"])
    synced.advance(TEN_MINUTES)
    synced.sync()
    assert (accounts(synced), told(synced)) == (["Hooli", "Initech"], ["Hooli", "Initech"])
    assert linked(synced) == {"Zoe": "Hooli", "Max": "Hooli", "Moe": "Initech"}
    synced.assert_settled()


def test_B7_B15_an_account_of_that_name_that_somebody_else_made_is_taken_but_not_told_of(synced: Stage):
    synced.fault(vendor="salesforce", operation="create", kind="drop_before")
    synced.sync()
    synced.admin.create("Account", Name="Hooli", OwnerId=synced.admin.query(OWNER)[0]["Id"])
    synced.sync()
    assert (accounts(synced), told(synced)) == (["Hooli", "Initech"], ["Initech"])
    assert linked(synced)["Zoe"] == "Hooli"


OWNER = "SELECT Id FROM User WHERE Username = 'ann@acme.example'"


def test_B7_what_is_refused_is_not_in_doubt(synced: Stage):
    synced.fault(vendor="salesforce", operation="create", kind="refuse", code="STRING_TOO_LONG", status=400)
    report = synced.sync()
    assert [i["code"] for i in report["issues"]] == ["ACCOUNT_NOT_CREATED"]
    assert set(linked(synced)) == {"Zoe", "Max", "Moe"}
    synced.assert_settled()
