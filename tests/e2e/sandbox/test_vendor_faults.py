"""Every fault that is a vendor's own, in that vendor's words on the wire, and what was carried out behind it."""

from collections.abc import Callable, Generator
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

import pytest

from mailsync.sandbox.exchange import faults as exchange_faults
from mailsync.sandbox.salesforce import faults as salesforce_faults
from mailsync.sandbox.salesforce.rejections import KNOWN
from mailsync.sandbox.server import RunningSandbox, running_sandbox
from mailsync.sandbox.vendor import Refused
from tests.e2e.sandbox.vendors import NAMES, REST, VENDORS, WORLD, Desk, codes, texts

_COLLECTION = "/composite/sobjects"
_BUSY = "m:ResponseMessages/*/m:MessageXml/t:Value"


@pytest.fixture(scope="module")
def running() -> Generator[RunningSandbox]:
    with running_sandbox(WORLD) as box:
        yield box


@pytest.fixture
def desk(running: RunningSandbox, request: pytest.FixtureRequest) -> Desk:
    running.sandbox.reset(WORLD)
    return Desk(running, request.param)


def _records(*names: str, all_or_none: bool = False) -> dict[str, Any]:
    records = [{"attributes": {"type": "Contact"}, "LastName": name} for name in names]
    return {"allOrNone": all_or_none, "records": records}


def _ids(desk: Desk) -> list[str]:
    return [row["Id"] for row in desk.box.sandbox.dump()["salesforce"]["records"]["Contact"]]


def _shown(results: list[dict[str, Any]]) -> list[str]:
    return ["ok" if result["success"] else result["errors"][0]["statusCode"] for result in results]


# Salesforce


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


# Exchange


def _ews_throttle(desk: Desk) -> int:
    desk.fail("throttle", milliseconds=4000)
    desk.fail("throttle", milliseconds=None)
    desk.fail("throttle", form="items", carry_out=True)
    desk.fail("throttle", retry_after=3600, retry_after_as="date")
    desk.fail("throttle", status=429, retry_after=-1)
    seen = [desk.create_items(["a", "b"]) for _ in range(5)]
    assert [answer.status_code for answer in seen] == [500, 500, 200, 503, 429]
    assert codes(seen[2]) == ["ErrorInternalServerError"] * 2
    assert texts(seen[2], _BUSY)[1:4] == ["ErrorServerBusy", "0", "1500"]
    faults = [answer.content.decode() for answer in seen[:2]]
    assert all("ErrorServerBusy</e:ResponseCode>" in fault for fault in faults)
    assert ['<t:Value Name="BackOffMilliseconds">4000<' in fault for fault in faults] == [True, False]
    ahead = parsedate_to_datetime(seen[3].headers["Retry-After"]) - parsedate_to_datetime(seen[3].headers["Date"])
    assert timedelta(seconds=3598) <= ahead <= timedelta(seconds=3601)
    assert (seen[4].headers["Retry-After"], "text/html" in seen[4].headers["Content-Type"]) == ("-1", True)
    return 2


def _ews_refuse(desk: Desk) -> int:
    desk.fail("refuse", code="ErrorQuotaExceeded")
    desk.fail("refuse", form="fault", carry_out=True, message="Out of order.")
    refused, broken = desk.create_items(["a", "b"]), desk.create_items(["a"])
    assert (refused.status_code, codes(refused)) == (200, ["ErrorQuotaExceeded"] * 2)
    assert broken.status_code == 500
    assert texts(broken, "faultstring") == ["Out of order."]
    return 1


def _ews_each(kind: str, code: str) -> Callable[[Desk], int]:
    def check(desk: Desk) -> int:
        desk.fail(kind)
        answer = desk.sync()
        assert (answer.status_code, codes(answer)) == (200, [code])
        assert texts(answer, "m:IncludesLastItemInRange") == ["true"]
        return 0

    return check


def _ews_session(kind: str) -> Callable[[Desk], int]:
    def check(desk: Desk) -> int:
        state = texts(desk.sync(), "m:SyncState")[0]
        desk.fail(kind)
        answer = desk.sync(state)
        assert (answer.status_code, answer.content) == (401, b"")
        assert "Basic" in answer.headers["WWW-Authenticate"]
        assert texts(desk.sync(state), "t:Surname") == ["Cleo", "Ben"]
        return 0

    return check


def _ews_expire_cursor(desk: Desk) -> int:
    desk.fail("expire_cursor", times=2)
    first = desk.sync()
    assert codes(first) == ["NoError"]
    assert codes(desk.sync(texts(first, "m:SyncState")[0])) == ["ErrorInvalidSyncStateData"]
    return 0


def _ews_reject(desk: Desk) -> int:
    wanted = ["ErrorItemNotFound", "ErrorIrresolvableConflict", "ErrorQuotaExceeded", "ErrorFolderNotFound"]
    for code in [*wanted, "ErrorAccessDenied"]:
        desk.fail("reject", code=code, items=[0, -1])
        answer = desk.create_items(["a", "b", "c"])
        assert codes(answer) == [code, "NoError", code]
        assert len(texts(answer, "t:ItemId")) == 1
    desk.fail("reject", items={"1": "ErrorItemNotFound", "2": "ErrorQuotaExceeded"})
    assert codes(desk.create_items(["a", "b", "c"])) == ["NoError", "ErrorItemNotFound", "ErrorQuotaExceeded"]
    desk.fail("reject", code="ErrorAccessDenied", message="No.")
    refused = desk.sync()
    assert (codes(refused), texts(refused, "m:MessageText")) == (["ErrorAccessDenied"], ["No."])
    return 6


def _ews_paging(desk: Desk) -> int:
    for how in ("missing", "repeated", "loop", "zero", "unordered", "twice"):
        _ews_walk(desk, how)
        _ews_walk_found(desk, how)
    return 0


def _ews_walk(desk: Desk, how: str) -> None:
    desk.fail("paging", operation="SyncFolderItems", how=how, after=1)
    read: list[str] = []
    state = ""
    for _ in range(6):
        page = desk.sync(state)
        read += [name[0] for name in texts(page, "t:Surname")]
        [state] = texts(page, "m:SyncState")
        if texts(page, "m:IncludesLastItemInRange") == ["true"]:
            break
    looped = {"repeated": "EDCBCBA", "loop": "EDCBCBA", "zero": "EDCBA"}
    straight = {"missing": "EDA", "unordered": "EDBCA", "twice": "EDCBCA"}
    assert "".join(read) == {**looped, **straight}[how]


def _ews_walk_found(desk: Desk, how: str) -> None:
    desk.fail("paging", operation="FindItem", how=how, after=1)
    read = 0
    offset = "0"
    for _ in range(6):
        page = desk.find(int(offset))
        read += len(texts(page, "t:ItemId"))
        [folder] = [line for line in page.text.split("<m:") if line.startswith("RootFolder")]
        offset = folder.partition('IndexedPagingOffset="')[2].partition('"')[0]
        if 'IncludesLastItemInRange="true"' in folder:
            break
    assert read == {"missing": 3, "repeated": 7, "loop": 9, "zero": 5, "unordered": 5, "twice": 6}[how]


def _ews_lag(desk: Desk) -> int:
    [state] = texts(desk.sync(most=10), "m:SyncState")
    desk.create()
    desk.fail("lag")
    late = desk.sync(state)
    assert (texts(late, "t:Surname"), texts(late, "m:SyncState")) == ([], [state])
    assert texts(late, "m:IncludesLastItemInRange") == ["true"]
    assert texts(desk.sync(state), "t:Surname") == ["New"]
    return 1


_SALESFORCE: dict[str, Callable[[Desk], int]] = {
    "refuse": _sf_refuse,
    "throttle": _sf_throttle,
    **{kind: _sf_session(kind) for kind in ("expire_token", "revoke_token", "change_password", "remove_scope")},
    "lock": _sf_lock,
    "lag": _sf_lag,
    "reject": _sf_reject,
    "expire_cursor": _sf_expire_cursor,
    "paging": _sf_paging,
}
_EXCHANGE: dict[str, Callable[[Desk], int]] = {
    "throttle": _ews_throttle,
    "refuse": _ews_refuse,
    "access_denied": _ews_each("access_denied", "ErrorAccessDenied"),
    "remove_scope": _ews_each("remove_scope", "ErrorAccessDenied"),
    "invalid_sync_state": _ews_each("invalid_sync_state", "ErrorInvalidSyncStateData"),
    **{kind: _ews_session(kind) for kind in ("expire_token", "revoke_token", "change_password")},
    "expire_cursor": _ews_expire_cursor,
    "reject": _ews_reject,
    "paging": _ews_paging,
    "lag": _ews_lag,
}
_ROWS = [("salesforce", kind) for kind in _SALESFORCE] + [("exchange", kind) for kind in _EXCHANGE]


def test_the_tables_have_every_kind_of_both_vendors() -> None:
    assert set(_SALESFORCE) == set(salesforce_faults.KINDS)
    assert set(_EXCHANGE) == set(exchange_faults.KINDS)


@pytest.mark.parametrize(("desk", "kind"), _ROWS, indirect=["desk"])
def test_in_the_vendors_words_and_behind_them(desk: Desk, kind: str) -> None:
    before = desk.count()
    created = (_SALESFORCE if desk.vendor == "salesforce" else _EXCHANGE)[kind](desk)
    assert desk.count() - before == created
    desk.box.sandbox.faults.clear()
    assert desk.read().ok


@pytest.mark.parametrize("desk", VENDORS, indirect=True)
@pytest.mark.parametrize(
    ("details", "named"),
    [
        ({"kind": "reject"}, "code: "),
        ({"kind": "reject", "items": "all"}, "items: "),
        ({"kind": "reject", "items": {"first": "X"}}, "items: "),
        ({"kind": "reject", "items": [True], "code": "ErrorX"}, "items: "),
        ({"kind": "paging"}, "how: "),
        ({"kind": "paging", "how": "sideways"}, "how: "),
        ({"kind": "throttle", "retry_after": [1]}, "retry_after: "),
        ({"kind": "throttle", "retry_after": 10**12}, "retry_after: "),
        ({"kind": "throttle", "retry_after": 1, "retry_after_as": "moon"}, "retry_after_as: "),
        ({"kind": "throttle", "status": 200}, "status: "),
        ({"kind": "refuse", "carry_out": "yes"}, "carry_out: "),
        ({"kind": "expire_token", "soon": True}, "soon: "),
    ],
)
def test_a_fault_that_is_badly_asked_for_names_the_detail(desk: Desk, details: dict[str, Any], named: str) -> None:
    with pytest.raises(Refused, match=f"^{named}"):
        desk.box.sandbox.add_fault({"vendor": desk.vendor, **details})
    assert desk.box.sandbox.faults.describe() == []


@pytest.mark.parametrize("desk", VENDORS, indirect=True)
@pytest.mark.parametrize("seconds", [-600, 600])
def test_a_skewed_clock_is_in_stamps_dates_and_worlds(desk: Desk, seconds: int) -> None:
    answer = desk.box.sandbox.act("admin", "clock_skew", {"vendor": desk.vendor, "seconds": seconds})
    assert answer["seconds"] == seconds
    real = desk.box.sandbox.clock.now()
    created = desk.create()
    assert abs((parsedate_to_datetime(created.headers["Date"]) - real).total_seconds() - seconds) < 5
    world = desk.box.sandbox.dump()
    assert world["clock_skew"] == {desk.vendor: seconds}
    stamps = [row["SystemModstamp"] for row in world["salesforce"]["records"]["Contact"]]
    if desk.vendor == "exchange":
        stamps = [item["LastModifiedTime"] for item in world["exchange"]["mailboxes"][0]["items"]]
    expected = real + timedelta(seconds=seconds)
    assert [stamp for stamp in stamps if abs(datetime.fromisoformat(stamp) - expected) < timedelta(seconds=5)]
    desk.box.sandbox.reset(world)
    assert desk.box.sandbox.dump() == world
    with pytest.raises(Refused, match="only admin"):
        desk.box.sandbox.act("ann", "clock_skew", {"vendor": desk.vendor, "seconds": 1})
    with pytest.raises(Refused, match=r"86400 seconds at most"):
        desk.box.sandbox.act("admin", "clock_skew", {"vendor": desk.vendor, "seconds": 10**6})
