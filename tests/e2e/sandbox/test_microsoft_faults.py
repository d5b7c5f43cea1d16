"""Microsoft's own faults, over HTTP; and one mailbox behind EWS and Graph."""

from collections.abc import Generator
from typing import Any

import pytest
import requests

from mailsync.sandbox.server import RunningSandbox, running_sandbox
from mailsync.sandbox.vendor import Refused
from tests.e2e.sandbox.vendors import Desk, codes, texts

OWN_ID = "String {6b1f0c9e-52a4-4d0b-9f0e-3c7d5a8e2f41} Name SalesforceId"
WORLD: dict[str, Any] = {
    "exchange": {
        "mailboxes": [{"user": "ann", "items": [{"Surname": name, "DisplayName": name} for name in ("A", "B")]}]
    },
    "microsoft": {
        "mailboxes": [{"user": "cem", "items": [{"Surname": name, "DisplayName": name} for name in "ABCDE"]}]
    },
}


@pytest.fixture(scope="module")
def running() -> Generator[RunningSandbox]:
    with running_sandbox(WORLD) as box:
        yield box


@pytest.fixture
def box(running: RunningSandbox) -> RunningSandbox:
    running.sandbox.reset(WORLD)
    return running


def ask(
    box: RunningSandbox, method: str, path: str, body: Any = None, bearer: str = "sandbox-cem"
) -> requests.Response:
    url = path if path.startswith("http") else f"{box.url}/v1.0/{path}"
    headers = {"Authorization": f"Bearer {bearer}", "Prefer": "odata.maxpagesize=2"}
    return requests.request(method, url, json=body, headers=headers, timeout=10)


def fail(box: RunningSandbox, kind: str, **details: Any) -> None:
    box.sandbox.add_fault({"vendor": "microsoft", "kind": kind, **details})


def batch(box: RunningSandbox, *urls: str) -> dict[str, Any]:
    parts = [{"id": str(at), "method": "GET", "url": url} for at, url in enumerate(urls)]
    answer = ask(box, "POST", "$batch", {"requests": parts})
    return {part["id"]: part for part in answer.json()["responses"]}


def drain(box: RunningSandbox) -> str:
    body = ask(box, "GET", "me/contacts/delta").json()
    while "@odata.nextLink" in body:
        body = ask(box, "GET", body["@odata.nextLink"]).json()
    return body["@odata.deltaLink"]


@pytest.mark.parametrize(
    ("fault", "details", "status", "code"),
    [
        ("throttle", {}, 429, "ApplicationThrottled"),
        ("throttle", {"status": 503}, 503, "serviceNotAvailable"),
        ("refuse", {"code": "ErrorQuotaExceeded"}, 507, "ErrorQuotaExceeded"),
        ("access_denied", {}, 403, "ErrorAccessDenied"),
        ("remove_scope", {}, 403, "ErrorAccessDenied"),
        ("expire_token", {}, 401, "InvalidAuthenticationToken"),
        ("revoke_token", {}, 401, "InvalidAuthenticationToken"),
        ("change_password", {}, 401, "InvalidAuthenticationToken"),
    ],
)
def test_a_refusal_is_in_graphs_words(
    box: RunningSandbox, fault: str, details: dict[str, Any], status: int, code: str
) -> None:
    fail(box, fault, operation="createContact", **details)
    answer = ask(box, "POST", "me/contacts", {"surname": "New"})
    assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)
    assert ("Retry-After" in answer.headers) is (fault == "throttle")
    assert len(box.sandbox.dump()["microsoft"]["mailboxes"][0]["items"]) == 5
    assert ask(box, "POST", "me/contacts", {"surname": "New"}).status_code == 201


def test_parts_of_a_batch_are_throttled_or_rejected_in_their_places(box: RunningSandbox) -> None:
    fail(box, "throttle", operation="$batch", items=[1], retry_after=7)
    answers = batch(box, "me/contacts", "me/contacts", "me/contactFolders")
    assert [answers[at]["status"] for at in "012"] == [200, 429, 200]
    assert answers["1"]["headers"]["Retry-After"] == "7"
    fail(box, "reject", items={"-1": "ErrorItemNotFound"})
    answers = batch(box, "me/contacts", "me/contacts")
    assert [answers[at]["status"] for at in "01"] == [200, 404]


def test_expired_tokens_lag_and_replay(box: RunningSandbox) -> None:
    link = drain(box)
    ask(box, "POST", "me/contacts", {"surname": "New"})
    fail(box, "lag")
    late = ask(box, "GET", link).json()
    assert (late["value"], late["@odata.deltaLink"]) == ([], link)
    assert len(ask(box, "GET", link).json()["value"]) == 1
    fail(box, "replay")
    again = ask(box, "GET", link).json()
    assert len(again["value"]) == 2
    assert "@odata.nextLink" in again
    fail(box, "expire_cursor")
    assert ask(box, "GET", link).json()["error"]["code"] == "SyncStateNotFound"
    fail(box, "expire_cursor", form="resync")
    lost = ask(box, "GET", link)
    assert (lost.status_code, "Location" in lost.headers) == (410, True)
    fail(box, "expire_cursor")
    path = link.partition("/v1.0/")[2]
    answers = batch(box, path, "me/contacts")
    assert [answers[at]["status"] for at in "01"] == [410, 200]


def test_a_replay_tells_what_went_once(box: RunningSandbox) -> None:
    """What is there comes again, page by page; what went since the token is told as without the fault."""
    made = ask(box, "POST", "me/contacts", {"surname": "New"}).json()["id"]
    link = drain(box)
    ask(box, "DELETE", f"me/contacts/{made}")
    fail(box, "replay")
    told: list[dict[str, Any]] = []
    while "$deltatoken" in link or "$skiptoken" in link:
        body = ask(box, "GET", link).json()
        told += body["value"]
        link = body.get("@odata.nextLink", "")
    assert [entry["id"] for entry in told if "@removed" in entry] == [made]
    assert len([entry for entry in told if "@removed" not in entry]) > 1
    fail(box, "replay")
    assert not any("@removed" in entry for entry in ask(box, "GET", body["@odata.deltaLink"]).json()["value"])


@pytest.mark.parametrize("path", ["me/contacts?$select=displayName", "me/contacts/delta?$select=displayName"])
def test_pages_that_lie(box: RunningSandbox, path: str) -> None:
    honest = [entry["displayName"] for entry in ask(box, "GET", path).json()["value"]]
    expected = {"missing": [], "zero": [], "unordered": honest[::-1], "twice": [*honest, honest[0]], "repeated": honest}
    for how, names in expected.items():
        fail(box, "paging", how=how)
        body = ask(box, "GET", path).json()
        assert [entry["displayName"] for entry in body["value"]] == names
        if how in ("repeated", "zero"):
            following = ask(box, "GET", body["@odata.nextLink"]).json()
            assert [entry["displayName"] for entry in following["value"]] == honest


@pytest.mark.parametrize(
    "details",
    [
        {"kind": "reject"},
        {"kind": "paging", "how": "sideways"},
        {"kind": "throttle", "status": 200},
        {"kind": "lag", "x": 1},
    ],
)
def test_a_fault_that_is_badly_asked_for_is_refused(box: RunningSandbox, details: dict[str, Any]) -> None:
    with pytest.raises(Refused):
        fail(box, **details)


def test_a_mailbox_online_answers_ews_only_if_its_tenant_lets_it(box: RunningSandbox) -> None:
    desk = Desk(box, "exchange")
    cem = ("cem@acme.example", "sandbox")
    blocked = desk.sync(most=50, auth=cem)
    assert (blocked.status_code, b"ErrorAccessDenied" in blocked.content) == (403, True)
    box.sandbox.act("admin", "ews_enabled", {"enabled": True})
    allowed = desk.sync(most=50, auth=cem)
    assert codes(allowed) == ["NoError"]
    assert sorted(texts(allowed, "t:Surname")) == ["A", "B", "C", "D", "E"]
    assert desk.create_items(["From EWS"], auth=cem).ok
    assert "From EWS" in [c["surname"] for c in ask(box, "GET", "me/contacts?$top=50").json()["value"]]
    box.sandbox.act("admin", "ews_enabled", {"user": "cem", "enabled": False})
    assert desk.sync(auth=cem).status_code == 403


def test_a_migrated_mailbox_keeps_content_and_named_properties_under_new_ids(box: RunningSandbox) -> None:
    world = box.sandbox.dump()
    first = world["exchange"]["mailboxes"][0]["items"][0]
    first["ExtendedProperties"] = {"{6b1f0c9e-52a4-4d0b-9f0e-3c7d5a8e2f41}/SalesforceId/String": "003X"}
    box.sandbox.reset(world)
    assert ask(box, "GET", "me/contacts", bearer="sandbox-ann").json()["error"]["code"] == "MailboxNotEnabledForRESTAPI"
    box.sandbox.act("admin", "migrate_mailbox", {"user": "ann"})
    text = f"me/contacts?$filter=singleValueExtendedProperties/Any(e: e/id eq '{OWN_ID}' and e/value eq '003x')"
    (found,) = ask(box, "GET", text, bearer="sandbox-ann").json()["value"]
    assert found["displayName"] == first["DisplayName"]
    assert found["id"] not in (first["Id"], first["Id"].replace("/", "-").replace("+", "_"))
    assert Desk(box, "exchange").sync().status_code == 403
    dumped = box.sandbox.dump()
    assert [each["user"] for each in dumped["microsoft"]["mailboxes"]] == ["cem", "ann"]
    box.sandbox.reset(dumped)
    assert box.sandbox.dump() == dumped
    with pytest.raises(Refused, match="has no mailbox on the Exchange server"):
        box.sandbox.act("admin", "migrate_mailbox", {"user": "ann"})
