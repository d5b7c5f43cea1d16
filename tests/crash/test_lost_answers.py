"""L2, B15: every request of a busy session is spoilt once, in every way; the end is that of the unspoilt session."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pytest
import requests

from mailsync import retry
from tests.crash.world import Snapshot, picture, prepare_busy
from tests.e2e.stage import Stage, stage

FAULTS: Mapping[str, Mapping[str, Any]] = {
    "drop_before": {"kind": "drop_before"},
    "drop_after": {"kind": "drop_after"},
    "503 after": {"kind": "error_after"},
    "500 after": {"kind": "status", "status": 500, "carry_out": True},
    "cut": {"kind": "truncate", "at": 0.5},
    "log-in page": {"kind": "html"},
    "throttle": {"kind": "throttle"},
    "expired": {"kind": "expire_token"},
}
FOR_READS = frozenset({"drop_after", "cut", "log-in page"})
"""Ways that tell reads apart: no answer, a broken one, one that is not the vendor's. The others end in these."""
WRITES = frozenset({"create", "update", "delete", "move"})
MOST_SESSIONS = 3
"""Within so many sessions after the spoilt one everything is as if nothing had happened, and one writes nothing."""
IN_DOUBT = 601
"""Seconds after which a create that was not found was not carried out (B15)."""


@dataclass(frozen=True)
class Undisturbed:
    """The end that is expected, and of each vendor's requests whether they write, in their order."""

    end: Mapping[str, list[str]]
    notices: Mapping[str, list[str]]
    requests: Mapping[str, list[bool]]


def notices(scene: Stage) -> Mapping[str, list[str]]:
    told = scene.run("issues", "ann")
    return {"issues": sorted(i["code"] for i in told["issues"]), "holds": sorted(h["rule"] for h in told["holds"])}


def settle(scene: Stage) -> None:
    """Sessions until one writes nothing."""
    for _ in range(MOST_SESSIONS):
        scene.forget_requests()
        report = scene.sync(None)
        assert report["status"] in ("done", "held"), report
        if not scene.writes():
            return
    raise AssertionError(f"still writing in session {MOST_SESSIONS}: {scene.writes()}")


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    with stage(tmp_path_factory.mktemp("busy")) as standing:
        prepare_busy(standing)
        yield standing


@pytest.fixture(scope="module")
def start(scene: Stage) -> Snapshot:
    return Snapshot.take(scene)


@pytest.fixture(scope="module")
def undisturbed(scene: Stage, start: Snapshot) -> Undisturbed:
    start.restore(scene)
    report = scene.sync()
    assert report["salesforce"] == {"created": 3, "updated": 1, "deleted": 2}
    assert report["mailbox"] == {"created": 2, "updated": 1, "removed": 1, "moved": 1, "categorised": 3}
    logged = {vendor: scene.requests(vendor=vendor) for vendor in ("salesforce", "exchange")}
    sent = {vendor: [bool(WRITES & set(r["actions"])) for r in found] for vendor, found in logged.items()}
    settle(scene)
    return Undisturbed(picture(scene), notices(scene), sent)


def spoil(scene: Stage, undisturbed: Undisturbed, vendor: str, fault: Mapping[str, Any], position: int) -> None:
    """One session with one fault, and the sessions after it."""
    scene.fault(vendor=vendor, after=position, **fault)
    spoilt = scene.sync(None)
    assert "internal error" not in spoilt["reason"], spoilt
    assert requests.get(f"{scene.url}/sandbox/faults", timeout=10).json() == [], "no request met the fault"
    scene.advance(IN_DOUBT)
    settle(scene)
    assert picture(scene) == undisturbed.end
    assert notices(scene) == undisturbed.notices


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("vendor", ["salesforce", "exchange"])
def test_L2_B15_each_request_spoilt_once(
    scene: Stage,
    start: Snapshot,
    undisturbed: Undisturbed,
    monkeypatch: pytest.MonkeyPatch,
    vendor: str,
    fault: str,
):
    monkeypatch.setattr(retry, "_wait", lambda _state: 0.0)  # what is tried again is tried at once
    wrong: list[str] = []
    for position, writes in enumerate(undisturbed.requests[vendor]):
        if not writes and fault not in FOR_READS:
            continue
        start.restore(scene)
        try:
            spoil(scene, undisturbed, vendor, FAULTS[fault], position)
        except AssertionError as error:
            wrong.append(f"request {position}: {error}")
    assert not wrong, "\n\n".join(wrong)
