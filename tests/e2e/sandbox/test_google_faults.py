"""Every fault of Google's own, in its words on the wire, and what was carried out behind it."""

from collections.abc import Callable, Generator
from datetime import timedelta
from email.utils import parsedate_to_datetime
from typing import Any

import pytest
import requests

from mailsync.sandbox.google.faults import KINDS
from mailsync.sandbox.server import RunningSandbox, running_sandbox
from mailsync.sandbox.vendor import Refused
from tests.contract.sandbox_google.oracle import check_answer
from tests.e2e.sandbox.vendors import NAMES, WORLD, Desk


@pytest.fixture(scope="module")
def running() -> Generator[RunningSandbox]:
    with running_sandbox(WORLD) as box:
        yield box


@pytest.fixture
def desk(running: RunningSandbox) -> Desk:
    running.sandbox.reset(WORLD)
    return Desk(running, "google")


def error_of(answer: requests.Response) -> tuple[int, str]:
    """Status and status name of a refusal, which is told as Google tells it."""
    error = answer.json()["error"]
    assert error["code"] == answer.status_code
    return answer.status_code, error["status"]


def names_of(page: Any) -> list[str]:
    """The family names on a page."""
    return [each["names"][0]["familyName"] for each in page.get("connections", [])]


def follow(desk: Desk, most: int = 6) -> list[Any]:
    """The pages of a list, as far as they lead, `most` at most."""
    pages = [desk.connections().json()]
    while "nextPageToken" in pages[-1] and len(pages) < most:
        pages.append(desk.connections(f"&pageToken={pages[-1]['nextPageToken']}").json())
    return pages


def batch_of(desk: Desk, count: int) -> requests.Response:
    """A batch that creates so many."""
    contacts = [{"contactPerson": {"names": [{"familyName": f"N{at}"}]}} for at in range(count)]
    return desk.people("POST", "people:batchCreateContacts", {"contacts": contacts, "readMask": "names"})


def token_of(desk: Desk) -> str:
    """A sync token of now."""
    return follow(desk)[-1]["nextSyncToken"]


def _throttle(desk: Desk) -> int:
    desk.fail("throttle")
    desk.fail("throttle", quota="full_syncs", retry_after=3600, retry_after_as="date")
    desk.fail("throttle", status=403, carry_out=True)
    desk.fail("throttle", status=503, retry_after=7)
    seen = [desk.create() for _ in range(4)]
    assert [error_of(each) for each in seen] == [
        (429, "RESOURCE_EXHAUSTED"),
        (429, "RESOURCE_EXHAUSTED"),
        (403, "PERMISSION_DENIED"),
        (503, "UNAVAILABLE"),
    ]
    info = seen[0].json()["error"]["details"][0]
    assert (info["reason"], info["metadata"]["quota_limit"]) == (
        "RATE_LIMIT_EXCEEDED",
        "CriticalReadsPerMinutePerProjectPerUser",
    )
    ahead = parsedate_to_datetime(seen[1].headers["Retry-After"]) - parsedate_to_datetime(seen[1].headers["Date"])
    assert timedelta(seconds=3598) <= ahead <= timedelta(seconds=3601)
    assert seen[2].json()["error"]["errors"][0]["reason"] == "userRateLimitExceeded"
    assert seen[3].headers["Retry-After"] == "7"
    return 1


def _quota_day(desk: Desk) -> int:
    desk.fail("quota_day")
    info = desk.create().json()["error"]["details"][0]
    assert info["metadata"]["quota_unit"] == "1/d/{project}"
    return 0


def _refuse(desk: Desk) -> int:
    desk.fail("refuse")
    desk.fail("refuse", code="FAILED_PRECONDITION", message="Not now.", reason="EXPIRED_SYNC_TOKEN", carry_out=True)
    desk.fail("refuse", code="CONTACT_LIMIT")
    desk.fail("refuse", code="PERMISSION_DENIED", status=418)
    seen = [desk.create() for _ in range(4)]
    assert [error_of(each)[1] for each in seen] == [
        "INTERNAL",
        "FAILED_PRECONDITION",
        "FAILED_PRECONDITION",
        "PERMISSION_DENIED",
    ]
    assert seen[1].json()["error"]["details"][0]["reason"] == "EXPIRED_SYNC_TOKEN"
    assert (seen[2].json()["error"]["message"], seen[3].status_code) == ("MY_CONTACTS_OVERFLOW_COUNT", 418)
    with pytest.raises(Refused, match=r"^code: "):
        desk.fail("refuse", code="NO_SUCH")
    return 1


def _reject(desk: Desk) -> int:
    desk.fail("reject", items={"1": "STALE_ETAG", "-1": "CONTACT_GONE", "9": "INTERNAL"})
    error = batch_of(desk, 3).json()["error"]
    assert {name: status["code"] for name, status in error["details"][-1]["contactErrors"].items()} == {"1": 9, "2": 5}
    desk.fail("reject", items=[7], code="INTERNAL")
    assert batch_of(desk, 2).ok
    names = [each["resourceName"] for each in desk.connections().json()["connections"]]
    desk.fail("reject", items=[1], code="NOT_FOUND")
    asked = "&".join(f"resourceNames={name}" for name in names)
    read = desk.people("GET", f"people:batchGet?personFields=names&{asked}").json()["responses"]
    assert [each["httpStatusCode"] for each in read] == [200, 404]
    desk.fail("reject", code="ABORTED")
    assert error_of(desk.create()) == (409, "ABORTED")
    return 2


def _fail_parts(desk: Desk) -> int:
    desk.fail("fail_parts", code="INTERNAL", items=[1])
    parts = batch_of(desk, 2).json()["createdPeople"]
    assert ["person" in each for each in parts] == [True, False]
    assert parts[1]["status"]["code"] == 13
    (name, *_) = [each["resourceName"] for each in desk.connections().json()["connections"]]
    desk.fail("fail_parts", operation="getBatchGet", items=[0])
    asked = f"people:batchGet?personFields=names&resourceNames={name}"
    assert desk.people("GET", asked).json()["responses"] == [{"requestedResourceName": name}]
    return 2


def _abort(desk: Desk) -> int:
    desk.fail("abort", operation="create")
    assert error_of(desk.create()) == (409, "ABORTED")
    return 0


def _expire_cursor(desk: Desk) -> int:
    token = token_of(desk)
    desk.fail("expire_cursor", operation="connections.list", status=410, after=1)
    desk.fail("expire_cursor", operation="changes")
    expired = desk.connections(f"&syncToken={token}")
    assert (error_of(expired), expired.json()["error"]["details"][0]["reason"]) == (
        (400, "FAILED_PRECONDITION"),
        "EXPIRED_SYNC_TOKEN",
    )
    assert desk.connections(f"&syncToken={token}").status_code == 410
    assert desk.connections(f"&syncToken={token}").ok
    desk.fail("expire_cursor")
    assert desk.create().ok
    return 1


def _lag(desk: Desk) -> int:
    token = token_of(desk)
    assert desk.create().ok
    desk.fail("lag", operation="changes")
    late = desk.connections(f"&syncToken={token}").json()
    assert set(late) == {"nextSyncToken"}
    assert names_of(desk.connections(f"&syncToken={late['nextSyncToken']}").json()) == ["New"]
    return 1


def _replay(desk: Desk) -> int:
    token = token_of(desk)
    desk.fail("replay", times=3)
    pages = [desk.connections(f"&syncToken={token}").json()]
    while "nextPageToken" in pages[-1]:
        pages.append(desk.connections(f"&syncToken={token}&pageToken={pages[-1]['nextPageToken']}").json())
        if "error" in pages[-1]:
            break
    told = [name for page in pages for name in names_of(page)]
    assert told == list(NAMES)
    assert set(desk.connections(f"&syncToken={token}").json()) == {"nextSyncToken"}
    return 0


def _end_token(kind: str, desk: Desk) -> int:
    desk.fail(kind)
    assert error_of(desk.read()) == (401, "UNAUTHENTICATED")
    assert desk.read().ok
    given = desk.box.sandbox.act("ann", "consent", {})
    headers = {"Authorization": f"Bearer {given['access_token']}"}
    form = {
        "grant_type": "refresh_token",
        **{key: given[key] for key in ("client_id", "client_secret", "refresh_token")},
    }
    desk.fail(kind, operation="connections.list")
    assert [desk.connections(headers=headers).status_code for _ in range(2)] == [401, 401]
    renewed = requests.post(f"{desk.box.url}/token", data=form, timeout=10)
    assert renewed.ok is (kind == "expire_token")
    desk.fail(kind, operation="token")
    refused = requests.post(f"{desk.box.url}/token", data=form, timeout=10)
    assert refused.json()["error"] == "invalid_grant"
    return 0


def _remove_scope(desk: Desk) -> int:
    desk.fail("remove_scope")
    answer = desk.create()
    assert error_of(answer) == (403, "PERMISSION_DENIED")
    assert answer.json()["error"]["details"][0]["reason"] == "ACCESS_TOKEN_SCOPE_INSUFFICIENT"
    return 0


def _paging(desk: Desk) -> int:
    whole = [["Ada", "Ben"], ["Cleo", "Dan"], ["Eve"]]
    assert [names_of(page) for page in follow(desk)] == whole
    expected = {
        "missing": [[], *whole[1:]],
        "repeated": [whole[0], *whole],
        "loop": [whole[0], *whole],
        "zero": [[], *whole],
        "unordered": [["Ben", "Ada"], *whole[1:]],
        "twice": [["Ada", "Ben", "Ada"], *whole[1:]],
    }
    for how, pages in expected.items():
        desk.fail("paging", how=how)
        assert [names_of(page) for page in follow(desk)] == pages, how
    desk.fail("paging", how="loop", after=2)
    assert [names_of(page) for page in follow(desk)] == [*whole, *whole]
    desk.box.sandbox.faults.clear()
    desk.fail("paging", how="zero", times=None)
    assert len(follow(desk)) == 6
    return 0


_TABLE: dict[str, Callable[[Desk], int]] = {
    "throttle": _throttle,
    "quota_day": _quota_day,
    "refuse": _refuse,
    "reject": _reject,
    "fail_parts": _fail_parts,
    "abort": _abort,
    "expire_cursor": _expire_cursor,
    "lag": _lag,
    "replay": _replay,
    "expire_token": lambda desk: _end_token("expire_token", desk),
    "revoke_token": lambda desk: _end_token("revoke_token", desk),
    "change_password": lambda desk: _end_token("change_password", desk),
    "remove_scope": _remove_scope,
    "paging": _paging,
}


def test_every_kind_is_here() -> None:
    assert set(_TABLE) == set(KINDS)


@pytest.mark.parametrize("fault", _TABLE)
def test_in_the_vendors_words_and_behind_them(desk: Desk, fault: str) -> None:
    before = desk.count()
    created = _TABLE[fault](desk)
    assert desk.count() - before == created
    desk.box.sandbox.faults.clear()
    assert desk.read().ok
    api = [each for each in desk.box.sandbox.log.entries() if each.request.path.startswith("/v1/") and each.status]
    found = [check_answer(each.request.method, each.request.path, each.status or 0, each.response) for each in api]
    assert [text for texts in found for text in texts] == []


def test_a_page_fault_on_the_only_page_leads_back_to_it(desk: Desk) -> None:
    desk.fail("paging", how="repeated")
    asked = "people/me/connections?personFields=names&pageSize=1000&requestSyncToken=true"
    first = desk.people("GET", asked).json()
    assert "nextSyncToken" not in first
    second = desk.people("GET", f"{asked}&pageToken={first['nextPageToken']}").json()
    assert names_of(first) == names_of(second) == list(NAMES)
    assert "nextSyncToken" in second
