"""@googleapis/people 12, unmodified, over http (vendors/mailbox.md F2): one run of clients/people.mjs, looked at."""

from collections.abc import Iterator
from typing import Any

import pytest

from mailsync.sandbox.log import Entry
from mailsync.sandbox.server import running_sandbox
from tests.contract.foreign.presence import require, run_script
from tests.contract.sandbox_google.oracle import list_violations


@pytest.fixture(scope="module")
def run() -> Iterator[tuple[dict[str, Any], tuple[Entry, ...]]]:
    require("@googleapis/people")
    with running_sandbox("empty") as box:
        given = run_script("people", {"url": box.url, "token": "sandbox-bob"})
        yield given, box.sandbox.log.entries()


@pytest.fixture
def given(run: tuple[dict[str, Any], tuple[Entry, ...]]) -> dict[str, Any]:
    return run[0]


def test_no_step_fails(given: dict[str, Any]) -> None:
    assert len(given) == 19
    assert {name: step for name, step in given.items() if isinstance(step, dict) and "failed" in step} == {}


def test_creates(given: dict[str, Any]) -> None:
    assert given["me"] == "bob@acme.example"
    made = given["create"]
    assert made["phoneNumbers"][0]["canonicalForm"] == "+12125550101"
    assert made["clientData"][0]["value"] == "003Ib0000000001IAA"
    groups = [each["contactGroupMembership"]["contactGroupResourceName"] for each in made["memberships"]]
    assert groups == ["contactGroups/myContacts", given["group"]["resourceName"]]
    assert len(given["batchCreate"]) == 4


def test_lists_page_by_page_and_by_sync_token(given: dict[str, Any]) -> None:
    assert given["list"] == {
        "pages": [["Dick", "A"], ["B", "C"], ["D"]],
        "tokens": [False, False, True],
        "total": 5,
    }
    assert given["idle"] == [[]]
    assert given["changes"] == ["A", "Richard", "deleted", "deleted"]
    assert given["otherMask"]["status"] == 400


def test_updates_only_the_version_it_saw(given: dict[str, Any]) -> None:
    assert given["update"] == {"name": "Richard", "phone": "+12125550101", "moved": True}
    assert given["staleUpdate"]["status"] == 400
    assert "Clear local cache and get the latest person." in given["staleUpdate"]["message"]


def test_groups_and_their_members(given: dict[str, Any]) -> None:
    assert given["sameGroup"]["status"] == 409
    assert given["modify"] == {"notFoundResourceNames": ["people/c1"]}
    assert given["members"] == 2
    assert given["groups"][-1] == "Salesforce"
    assert given["deleteGroup"]["status"] == 404


def test_deletes(given: dict[str, Any]) -> None:
    assert (given["delete"], given["batchDelete"]) == ({}, {})
    assert given["batchGet"] == [200, 404, 404, 200]


def test_what_google_does_not_know_is_refused(given: dict[str, Any]) -> None:
    assert given["badField"]["status"] == 400
    assert "Cannot find field." in given["badField"]["message"]


def test_every_request_and_answer_fits_googles_document(run: tuple[dict[str, Any], tuple[Entry, ...]]) -> None:
    assert len(run[1]) > 20
    assert list_violations(run[1]) == []
