"""@microsoft/microsoft-graph-client 3.0, unmodified, over TLS (over plain http it drops its token: mailbox.md F2)."""

from collections.abc import Iterator
from typing import Any

import pytest

from mailsync.sandbox.server import running_sandbox
from tests.contract.foreign.presence import require, run_script


@pytest.fixture(scope="module")
def given() -> Iterator[dict[str, Any]]:
    require("@microsoft/microsoft-graph-client")
    world = {"microsoft": {"mailboxes": [{"user": "cem"}]}}
    with running_sandbox(world, tls=True) as box, pytest.MonkeyPatch.context() as patch:
        patch.setenv("NODE_EXTRA_CA_CERTS", str(box.ca))
        yield run_script("graph", {"url": box.url})


def test_no_step_fails(given: dict[str, Any]) -> None:
    assert len(given) == 8
    assert {name: step for name, step in given.items() if isinstance(step, dict) and "failed" in step} == {}


def test_creates_and_lists_page_by_page(given: dict[str, Any]) -> None:
    assert given["create"] == 7
    assert given["list"] == [f"n{at} Hall" for at in range(7)]


def test_delta_tells_of_changes_and_removals(given: dict[str, Any]) -> None:
    found = {contact["id"]: contact["givenName"] for contact in given["delta"]["found"]}
    assert sorted(found.values()) == [f"n{at}" for at in range(7)]
    changes = {found[each["id"]]: "@removed" in each for each in given["changes"]}
    assert changes == {"n3": False, "n4": True}


def test_updates_under_a_condition(given: dict[str, Any]) -> None:
    assert given["update"] == "Cook"
    assert given["stale"] == {"status": 412, "code": "ErrorIrresolvableConflict"}


def test_batch(given: dict[str, Any]) -> None:
    assert given["batch"] == [201, 400, 200]
