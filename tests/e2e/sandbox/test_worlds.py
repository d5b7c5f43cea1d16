"""The shipped worlds: what they promise, that they refer to nothing that is missing, and that vendors load them."""

import re
from collections.abc import Iterator
from typing import Any

import pytest

from mailsync.sandbox.server import running_sandbox
from mailsync.sandbox.world import SHIPPED, read_world


@pytest.fixture(scope="module")
def acme() -> dict[str, Any]:
    return read_world("acme")


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for item in value.values():
            yield from _texts(item)
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item)
    elif isinstance(value, str):
        yield value


@pytest.mark.parametrize("name", SHIPPED)
def test_the_people_are_the_same_in_every_world(name: str) -> None:
    world = read_world(name)
    users = world["salesforce"]["users"]
    assert [(user["name"], user["username"], user["admin"]) for user in users] == [
        ("ann", "ann@acme.example", False),
        ("bob", "bob@acme.example", False),
        ("cem", "cem@acme.example", False),
        ("admin", "admin@acme.example", True),
    ]
    assert [mailbox["address"] for mailbox in world["exchange"]["mailboxes"]] == ["ann@acme.example"]
    assert [mailbox["address"] for mailbox in world["google"]["mailboxes"]] == ["bob@acme.example"]


def test_the_empty_world_holds_nothing() -> None:
    world = read_world("empty")
    assert not any(world["salesforce"]["records"].values())
    assert world["exchange"]["mailboxes"][0]["items"] == world["exchange"]["mailboxes"][0]["folders"] == []
    assert world["google"]["mailboxes"][0]["contacts"] == world["google"]["mailboxes"][0]["groups"] == []


def test_acme_names_nobody_real(acme: dict[str, Any]) -> None:
    texts = list(_texts(acme))
    assert [text for text in texts if "@" in text and not re.fullmatch(r"[a-z.]+@[a-z-]+\.example", text)] == []
    numbers = [re.sub(r"\D", "", text) for text in texts if re.fullmatch(r"(?!\d{4}-)[+(]?[\d () -]{10,}", text)]
    assert len(numbers) > 60
    assert [number for number in numbers if not re.fullmatch(r"1?\d{3}55501\d\d", number)] == []
    assert len(set(numbers)) == len(numbers) - 1  # one acquaintance is in Salesforce and in the address book


def test_acme_refers_to_nothing_that_is_not_there(acme: dict[str, Any]) -> None:
    records = acme["salesforce"]["records"]
    ids = [record["Id"] for rows in records.values() for record in rows]
    people = {user["name"] for user in acme["salesforce"]["users"]}
    assert len(set(ids)) == len(ids)
    assert {record["OwnerId"] for rows in records.values() for record in rows} == {"ann", "bob", "cem"}
    assert {record["AccountId"] for record in records["Contact"] if "AccountId" in record} <= set(ids)
    assert {view["owner"] for view in acme["salesforce"]["list_views"]} <= people | {None}


def test_acme_shows_every_step_of_the_account_link(acme: dict[str, Any]) -> None:
    accounts = [account for account in acme["salesforce"]["records"]["Account"] if account["OwnerId"] == "ann"]
    names = [account["Name"].casefold() for account in accounts]
    created = [account["CreatedDate"] for account in accounts if account["Name"] == "Globex"]
    assert len(set(created)) == 2
    assert [sum("initech" in name for name in names), names.count("initech")] == [1, 0]
    assert [sum("stark" in name for name in names), names.count("stark")] == [2, 0]
    assert [sum("umbrella" in name for name in names), names.count("umbrella")] == [2, 1]
    views = [view for view in acme["salesforce"]["list_views"] if view["object"] == "Contact"]
    assert len(views) >= 3


@pytest.mark.parametrize("name", SHIPPED)
def test_the_vendors_load_each_world_and_what_they_dump(name: str) -> None:
    with running_sandbox(name) as box:
        dumped = box.sandbox.dump()
        assert set(dumped) >= {"salesforce", "exchange", "google"}
        box.sandbox.reset(dumped)
        assert box.sandbox.dump() == dumped
