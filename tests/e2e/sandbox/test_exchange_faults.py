"""Every fault of Exchange's own, in its words on the wire, and what was carried out behind it."""

from collections.abc import Callable, Generator
from datetime import timedelta
from email.utils import parsedate_to_datetime

import pytest
import requests

from mailsync.sandbox.exchange.faults import KINDS
from mailsync.sandbox.server import RunningSandbox, running_sandbox
from tests.contract.sandbox_exchange.oracle import find_violation
from tests.e2e.sandbox.vendors import WORLD, Desk, codes, find_ids, texts

_BUSY = "m:ResponseMessages/*/m:MessageXml/t:Value"


@pytest.fixture(scope="module")
def running() -> Generator[RunningSandbox]:
    with running_sandbox(WORLD) as box:
        yield box


@pytest.fixture
def desk(running: RunningSandbox) -> Desk:
    running.sandbox.reset(WORLD)
    return Desk(running, "exchange")


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
    _ews_stale_reads(desk)
    return 0


def _get(desk: Desk, *ids: str) -> requests.Response:
    shape = (
        "<m:ItemShape><t:BaseShape>IdOnly</t:BaseShape><t:AdditionalProperties>"
        '<t:FieldURI FieldURI="contacts:Surname"/></t:AdditionalProperties></m:ItemShape>'
    )
    listed = "".join(f'<t:ItemId Id="{each}"/>' for each in ids)
    return desk.ews(f"<m:GetItem>{shape}<m:ItemIds>{listed}</m:ItemIds></m:GetItem>")


def _ews_stale_reads(desk: Desk) -> None:
    """One item made, one changed, one deleted within the last minute: a server that is behind knows of none of it."""
    desk.box.sandbox.advance(61)
    found = find_ids(desk.sync(most=10))
    changed, deleted = found[:2]
    names = texts(_get(desk, changed, deleted), "t:Surname")
    [made] = find_ids(desk.create_items(["Made"]))
    change = (
        f'<t:ItemChange><t:ItemId Id="{changed}"/><t:Updates><t:SetItemField><t:FieldURI FieldURI="contacts:Surname"/>'
    )
    change += "<t:Contact><t:Surname>Changed</t:Surname></t:Contact></t:SetItemField></t:Updates></t:ItemChange>"
    update = '<m:UpdateItem ConflictResolution="AlwaysOverwrite"><m:ItemChanges>{}</m:ItemChanges></m:UpdateItem>'
    assert codes(desk.ews(update.format(change))) == ["NoError"]
    delete = f'<m:ItemIds><t:ItemId Id="{deleted}"/></m:ItemIds>'
    delete = f'<m:DeleteItem DeleteType="MoveToDeletedItems">{delete}</m:DeleteItem>'
    assert codes(desk.ews(delete)) == ["NoError"]
    desk.fail("lag", operation="GetItem")
    stale = _get(desk, changed, deleted, made)
    assert codes(stale) == ["NoError", "NoError", "ErrorItemNotFound"]
    assert texts(stale, "t:Surname") == names
    fresh = _get(desk, changed, deleted, made)
    assert (codes(fresh), texts(fresh, "t:Surname")) == (
        ["NoError", "ErrorItemNotFound", "NoError"],
        ["Changed", "Made"],
    )
    desk.fail("lag", operation="FindItem", times=3)
    seen = [each for offset in (0, 2, 4) for each in find_ids(desk.find(offset))]
    assert (deleted in seen, made in seen, len(seen)) == (True, False, 6)
    desk.fail("lag", operation="GetItem", seconds=0)
    assert codes(_get(desk, deleted, made)) == ["ErrorItemNotFound", "NoError"]
    desk.box.sandbox.advance(61)
    desk.fail("lag", operation="GetItem")
    assert codes(_get(desk, deleted, made)) == ["ErrorItemNotFound", "NoError"]
    assert codes(desk.ews(delete.replace(deleted, made))) == ["NoError"]


def _ews_concurrency(desk: Desk) -> int:
    desk.fail("concurrency", operation="CreateItem", after=1)
    desk.fail("concurrency", operation="CreateItem", form="items")
    seen = [desk.create_items(["a", "b"]) for _ in range(3)]
    assert [answer.status_code for answer in seen] == [200, 500, 200]
    assert "ErrorExceededConnectionCount</e:ResponseCode>" in seen[1].text
    assert "BackOffMilliseconds" not in seen[1].text
    assert codes(seen[0]) == ["ErrorExceededConnectionCount"] * 2
    return 2


_TABLE: dict[str, Callable[[Desk], int]] = {
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
    "concurrency": _ews_concurrency,
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
    answered = [entry.response for entry in desk.box.sandbox.log.entries() if entry.status == 200]
    assert [violation for body in answered if (violation := find_violation(body))] == []
