"""Every fault of Salesforce's own, in its words on the wire, and what was carried out behind it."""

from collections.abc import Callable, Generator
from datetime import timedelta
from email.utils import parsedate_to_datetime
from typing import Any

import pytest

from mailsync.sandbox.salesforce.faults import KINDS
from mailsync.sandbox.salesforce.rejections import KNOWN
from mailsync.sandbox.server import RunningSandbox, running_sandbox
from tests.e2e.sandbox.vendors import NAMES, REST, WORLD, Desk

_COLLECTION = "/composite/sobjects"


@pytest.fixture(scope="module")
def running() -> Generator[RunningSandbox]:
    with running_sandbox(WORLD) as box:
        yield box


@pytest.fixture
def desk(running: RunningSandbox) -> Desk:
    running.sandbox.reset(WORLD)
    return Desk(running, "salesforce")


def _records(*names: str, all_or_none: bool = False) -> dict[str, Any]:
    records = [{"attributes": {"type": "Contact"}, "LastName": name} for name in names]
    return {"allOrNone": all_or_none, "records": records}


def _ids(desk: Desk) -> list[str]:
    return [row["Id"] for row in desk.box.sandbox.dump()["salesforce"]["records"]["Contact"]]


def _shown(results: list[dict[str, Any]]) -> list[str]:
    return ["ok" if result["success"] else result["errors"][0]["statusCode"] for result in results]


def _sf_refuse(desk: Desk) -> int:
    desk.fail("refuse")
    desk.fail("refuse", code="STORAGE_LIMIT_EXCEEDED", message="full", status=403, carry_out=True)
    first, second = desk.create(), desk.create()
    assert (first.status_code, first.json()[0]["errorCode"]) == (500, "UNKNOWN_EXCEPTION")
    assert (second.status_code, second.json()) == (403, [{"message": "full", "errorCode": "STORAGE_LIMIT_EXCEEDED"}])
    return 1


def _sf_throttle(desk: Desk) -> int:
    desk.fail("throttle")
    desk.fail("throttle", status=429, retry_after=7)
    desk.fail("throttle", retry_after=3600, retry_after_as="date")
    desk.fail("throttle", retry_after=-30, carry_out=True)
    desk.fail("throttle", code="REQUEST_LIMIT_EXCEEDED", retry_after=10**7)
    seen = [desk.create() for _ in range(5)]
    assert [answer.status_code for answer in seen] == [503, 429, 503, 503, 403]
    headers = [answer.headers.get("Retry-After") for answer in seen]
    assert [headers[0], headers[1], headers[3], headers[4]] == [None, "7", "-30", "10000000"]
    ahead = parsedate_to_datetime(str(headers[2])) - parsedate_to_datetime(seen[2].headers["Date"])
    assert timedelta(seconds=3598) <= ahead <= timedelta(seconds=3601)
    assert seen[4].json() == [{"message": "TotalRequests Limit exceeded.", "errorCode": "REQUEST_LIMIT_EXCEEDED"}]
    assert seen[4].headers["Sforce-Limit-Info"].startswith("api-usage=")
    return 1


def _sf_session(kind: str) -> Callable[[Desk], int]:
    def check(desk: Desk) -> int:
        first = desk.query().json()
        desk.fail(kind, times=None)
        for answer in (desk.query(first["nextRecordsUrl"]), desk.create()):
            assert answer.status_code == 401
            assert answer.json()[0]["errorCode"] == "INVALID_SESSION_ID"
            assert ("REST API" in answer.json()[0]["message"]) is (kind == "remove_scope")
        token = desk.rest("POST", "/services/oauth2/token", {})
        assert (token.status_code, token.json()["error"]) == (400, "invalid_grant")
        desk.box.sandbox.faults.clear()
        assert desk.query(first["nextRecordsUrl"]).json()["records"][0]["LastName"] == NAMES[2]
        return 0

    return check


def _sf_lock(desk: Desk) -> int:
    desk.fail("lock", times=2)
    answer = desk.create()
    assert (answer.status_code, answer.json()[0]["errorCode"]) == (400, "UNABLE_TO_LOCK_ROW")
    assert desk.read().json()["totalSize"] == 2
    return 0


def _sf_lag(desk: Desk) -> int:
    desk.fail("lag", seconds=300)
    created = desk.create().json()["id"]
    assert desk.query().json()["totalSize"] == len(NAMES)
    assert desk.rest("GET", f"/sobjects/Contact/{created}").status_code == 200
    desk.box.sandbox.advance(301)
    assert desk.query().json()["totalSize"] == len(NAMES) + 1
    return 1


def _sf_reject(desk: Desk) -> int:
    _sf_reject_single(desk)
    _sf_reject_collection(desk)
    _sf_reject_parts(desk)
    return 1 + 2 + 1 + 3


def _sf_reject_single(desk: Desk) -> None:
    for code, (status, message, fields) in KNOWN.items():
        desk.fail("reject", code=code)
        answer = desk.create()
        [error] = answer.json()
        assert (answer.status_code, error["errorCode"], error["message"]) == (status, code, message)
        assert error["fields"] == list(fields)
    desk.fail("reject", code="DUPLICATES_DETECTED", records=_ids(desk)[:1])
    [duplicate] = desk.create().json()
    [match] = duplicate["duplicateResult"]["matchResults"]
    assert [found["record"]["Id"] for found in match["matchRecords"]] == _ids(desk)[:1]
    desk.fail("reject", code="STRING_TOO_LONG", items=[1])
    assert desk.create().status_code == 201


def _sf_reject_collection(desk: Desk) -> None:
    desk.fail("reject", items={"0": "UNABLE_TO_LOCK_ROW", "-1": "STRING_TOO_LONG", "9": "NOT_FOUND"})
    results = desk.rest("POST", _COLLECTION, _records("a", "b", "c", "d")).json()
    assert _shown(results) == ["UNABLE_TO_LOCK_ROW", "ok", "ok", "STRING_TOO_LONG"]
    assert results[3]["errors"][0]["fields"] == ["Title"]
    desk.fail("reject", code="DUPLICATE_VALUE", items=[1])
    results = desk.rest("POST", _COLLECTION, _records("a", "b", all_or_none=True)).json()
    assert _shown(results) == ["ALL_OR_NONE_OPERATION_ROLLED_BACK", "DUPLICATE_VALUE"]
    ids = _ids(desk)[:2]
    desk.fail("reject", code="DELETE_FAILED", items=[0])
    deleted = desk.rest("DELETE", f"{_COLLECTION}?ids={','.join(ids)}").json()
    assert [(result["id"], result["success"]) for result in deleted] == [(ids[0], False), (ids[1], True)]
    desk.fail("reject", code="INSUFFICIENT_ACCESS", items=[0])
    read = desk.rest("POST", f"{_COLLECTION}/Contact", {"ids": ids[:1] * 2, "fields": ["Id"]}).json()
    assert [row and row["Id"] for row in read] == [None, ids[0]]
    desk.fail("reject", code="DELETE_FAILED")
    assert _shown(desk.rest("DELETE", f"{_COLLECTION}?ids={ids[0]}").json()) == ["DELETE_FAILED"]
    desk.box.sandbox.act("ann", "share", {"record": ids[0], "user": "bob"})  # it is still there
    desk.rest("POST", _COLLECTION, _records("in place of the one deleted"))


def _sf_reject_parts(desk: Desk) -> None:
    one = ("POST", "/sobjects/Contact", {"LastName": "x"})
    reference = ("GET", "/sobjects/Contact/@{r0.id}", None)
    desk.fail("reject", code="CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", items=[0])
    parts = desk.compose(one, reference, one)
    assert [part["httpStatusCode"] for part in parts] == [400, 400, 201]
    assert [part["body"][0]["errorCode"] for part in parts[:2]] == [
        "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY",
        "PROCESSING_HALTED",
    ]
    desk.fail("reject", code="FIELD_CUSTOM_VALIDATION_EXCEPTION", items=[1])
    halted = desk.compose(one, one, all_or_none=True)
    assert [part["body"][0]["errorCode"] for part in halted] == [
        "PROCESSING_HALTED",
        "FIELD_CUSTOM_VALIDATION_EXCEPTION",
    ]
    desk.fail("reject", code="UNABLE_TO_LOCK_ROW", items=[0], part=1)
    parts = desk.compose(one, ("POST", _COLLECTION, _records("a", "b")))
    assert (parts[0]["httpStatusCode"], _shown(parts[1]["body"])) == (201, ["UNABLE_TO_LOCK_ROW", "ok"])
    desk.fail("reject", code="UNABLE_TO_LOCK_ROW", part=0)
    [part] = desk.compose(("POST", _COLLECTION, _records("a", "b")))
    assert (part["httpStatusCode"], _shown(part["body"])) == (200, ["UNABLE_TO_LOCK_ROW"] * 2)
    desk.fail("reject", code="NOT_FOUND", items=[1])
    batch = [{"method": "GET", "url": f"{REST}/limits"}] * 2
    answer = desk.rest("POST", "/composite/batch", {"batchRequests": batch}).json()
    assert (answer["hasErrors"], [part["statusCode"] for part in answer["results"]]) == (True, [200, 404])


def _sf_expire_cursor(desk: Desk) -> int:
    following = desk.query().json()["nextRecordsUrl"]
    desk.fail("expire_cursor", times=4)
    answer = desk.query(following)
    assert (answer.status_code, answer.json()[0]["errorCode"]) == (400, "INVALID_QUERY_LOCATOR")
    window = "start=2026-01-01T00:00:00Z&end=2026-01-02T00:00:00Z"
    for feed, days in (("deleted", 15), ("updated", 30)):
        [error] = desk.rest("GET", f"/sobjects/Contact/{feed}?{window}").json()
        assert (error["errorCode"], f"{days} days" in error["message"]) == ("INVALID_REPLICATION_DATE", True)
    parts = desk.compose(("GET", "/limits", None), ("GET", f"/sobjects/Contact/deleted?{window}", None))
    assert [part["httpStatusCode"] for part in parts] == [200, 400]
    return 0


def _sf_paging(desk: Desk) -> int:
    for how in ("missing", "repeated", "loop", "zero", "unordered", "twice"):
        _sf_walk(desk, how)
    desk.fail("paging", how="zero")
    [part] = desk.compose(("GET", "/query?q=SELECT+Id+FROM+Contact", None))
    assert (part["body"]["records"], part["body"]["done"], part["body"]["totalSize"]) == ([], False, len(NAMES))
    desk.fail("paging", how="repeated")
    only = desk.rest("GET", "/query?q=SELECT+Id+FROM+Contact+LIMIT+1").json()
    again = desk.query(only["nextRecordsUrl"]).json()
    assert (only["done"], again["done"]) == (False, True)
    assert again["records"] == only["records"]
    return 0


def _sf_walk(desk: Desk, how: str) -> None:
    """What a client that believes everything reads where the second of the three pages lies, in at most six pages."""
    desk.fail("paging", operation="queryMore", how=how)
    read: list[str] = []
    path = ""
    for _ in range(6):
        page = desk.query(path).json()
        assert page["totalSize"] == len(NAMES)
        read += [record["LastName"][0] for record in page["records"]]
        path = page.get("nextRecordsUrl", "")
        if page["done"]:
            break
    assert (
        "".join(read)
        == {
            "missing": "ABE",
            "repeated": "ABCDCDE",
            "loop": "ABCDABCDE",
            "zero": "ABCDE",
            "unordered": "ABDCE",
            "twice": "ABCDCE",
        }[how]
    )


def _sf_concurrency(desk: Desk) -> int:
    desk.fail("concurrency", operation="create", after=1)
    desk.fail("concurrency", limit="ConcurrentPerOrgLongTxn", operation="create")
    seen = [desk.create() for _ in range(3)]
    assert [answer.status_code for answer in seen] == [403, 403, 201]
    assert [answer.json()[0]["message"] for answer in seen[:2]] == [
        "ConcurrentPerOrgLongTxn Limit exceeded.",
        "ConcurrentRequests (Concurrent API Requests) Limit exceeded.",
    ]
    assert {answer.json()[0]["errorCode"] for answer in seen[:2]} == {"REQUEST_LIMIT_EXCEEDED"}
    return 1


_TABLE: dict[str, Callable[[Desk], int]] = {
    "refuse": _sf_refuse,
    "throttle": _sf_throttle,
    **{kind: _sf_session(kind) for kind in ("expire_token", "revoke_token", "change_password", "remove_scope")},
    "lock": _sf_lock,
    "lag": _sf_lag,
    "reject": _sf_reject,
    "expire_cursor": _sf_expire_cursor,
    "paging": _sf_paging,
    "concurrency": _sf_concurrency,
}


def test_the_table_has_every_kind() -> None:
    assert set(_TABLE) == set(KINDS)


@pytest.mark.parametrize("kind", _TABLE)
def test_in_the_vendors_words_and_behind_them(desk: Desk, kind: str) -> None:
    before = desk.count()
    created = _TABLE[kind](desk)
    assert desk.count() - before == created
    desk.box.sandbox.faults.clear()
    assert desk.read().ok
