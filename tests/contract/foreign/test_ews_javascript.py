"""ews-javascript-api 0.15, unmodified, over http (vendors/mailbox.md F2): one run of clients/ews.mjs, looked at."""

from collections.abc import Iterator
from typing import Any

import pytest
import requests

from mailsync.sandbox.server import running_sandbox
from tests.contract.foreign.presence import require, run_script
from tests.contract.sandbox_exchange.oracle import check_valid


@pytest.fixture(scope="module")
def run() -> Iterator[tuple[dict[str, Any], list[dict[str, Any]]]]:
    require("ews-javascript-api")
    with running_sandbox("empty") as box:
        given = run_script("ews", {"url": box.url, "user": "ann@acme.example"})
        yield given, requests.get(f"{box.url}/sandbox/requests?bodies=1", timeout=10).json()


@pytest.fixture
def given(run: tuple[dict[str, Any], list[dict[str, Any]]]) -> dict[str, Any]:
    return run[0]


def test_no_step_fails(given: dict[str, Any]) -> None:
    assert len(given) > 15
    assert {name: step["failed"] for name, step in given.items() if isinstance(step, dict) and "failed" in step} == {}


def test_binds_and_creates_a_folder(given: dict[str, Any]) -> None:
    assert given["bind"] == {"name": "Contacts", "total": 0}
    assert given["createFolder"] == {"name": "Salesforce Contacts", "class": "IPF.Contact"}
    assert "Salesforce Contacts" in given["findFolder"]
    assert given["deleteFolder"] == "ErrorFolderNotFound"


def test_creates_a_contact(given: dict[str, Any]) -> None:
    created = {name: value for name, value in given["createContact"].items() if name not in ("id", "key")}
    assert created == {
        "name": "Dick Hallorann",
        "given": "Dick",
        "surname": "Hallorann",
        "company": "Overlook Söhne",
        "body": "two\nlines",
        "categories": ["Salesforce"],
        "email": "dick@overlook.example",
        "phone": "+1 212 555 0101",
        "city": "Sidewinder",
        "property": "003Ib0000000001IAA",
    }


def test_synchronises_items(given: dict[str, Any]) -> None:
    item = given["createContact"]["id"]
    assert given["syncEmpty"] == []
    assert given["syncCreated"] == [{"kind": "Create", "name": "Dick Hallorann", "id": item}]
    assert given["syncUpdated"] == [{"kind": "Update", "name": "Dick Hallorann", "id": item}]
    assert given["syncMoved"] == [{"kind": "Delete", "name": None, "id": item}]


def test_updates_only_the_version_it_saw(given: dict[str, Any]) -> None:
    update = given["update"]
    assert update["title"] == "Cook"
    assert update["own"] == update["after"] != update["before"]
    assert given["staleUpdate"] == {"refused": "ErrorIrresolvableConflict", "title": "Cook"}
    assert given["overwrite"] == "Chef"
    assert given["clear"] == "cleared"


def test_finds_by_category_and_by_property(given: dict[str, Any]) -> None:
    assert given["findByCategory"] == {"found": ["Dick Hallorann"], "total": 1, "missed": 0}
    assert given["findByProperty"] == 1


def test_moves_to_a_new_id_and_deletes(given: dict[str, Any]) -> None:
    moved = given["move"]
    assert moved["changed"] is True
    assert moved["old"] == "ErrorItemNotFound"
    assert (moved["name"], moved["categories"], moved["body"]) == ("Dick Hallorann", ["Salesforce"], "two\nlines")
    assert given["delete"] == {"gone": "ErrorItemNotFound", "trash": ["Dick Hallorann"]}


def test_a_wrong_password_is_refused(given: dict[str, Any]) -> None:
    assert "401" in given["wrongPassword"]


def test_every_answer_fits_microsofts_schema(run: tuple[dict[str, Any], list[dict[str, Any]]]) -> None:
    answered = [entry for entry in run[1] if entry["status"] == 200]
    assert len(answered) > 20
    for entry in answered:
        check_valid(entry["response"].encode())
