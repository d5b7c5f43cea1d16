"""Log-in, versions, limits, faults, and what a request is called."""

from typing import Any

import orjson
import pytest

from mailsync.sandbox.vendor import Refused, Request
from tests.contract.sandbox_salesforce.desk import BASE, Desk, Office, part, read, refusal, soql


def request(method: str, path: str, content: object = None, user: str = "ann") -> Request:
    path, _, query = path.partition("?")
    body = b"" if content is None else orjson.dumps(content)
    return Request(method, path, query, {"authorization": f"Bearer sandbox-{user}"}, body)


def test_versions_need_no_log_in(office: Office) -> None:
    got = read(office.vendor.answer(Request("GET", "/services/data/", "", {}, b"")))
    assert [one["version"] for one in got.body] == [f"{number}.0" for number in range(59, 69)]
    assert got.body[-1] == {"label": "Winter '27", "url": "/services/data/v68.0", "version": "68.0"}
    assert office.ann.get("/services/data/v59.0/limits").status == 200
    assert refusal(office.ann.get("/services/data/v58.0/limits")) == (404, "NOT_FOUND")


def test_unknown_and_deactivated_users(office: Office) -> None:
    expected = [{"message": "Session expired or invalid", "errorCode": "INVALID_SESSION_ID"}]
    got = Desk(office.vendor, "eve").get("limits")
    assert (got.status, got.body) == (401, expected)
    office.admin.act("deactivate", user="bob")
    assert office.bob.get("limits").body == expected
    assert office.ann.query("SELECT Username FROM User WHERE IsActive = false") != []
    bob = next(user["id"] for user in office.vendor.dump()["users"] if user["name"] == "bob")
    got = office.ann.send("POST", "sobjects/Contact", {"LastName": "x", "OwnerId": bob})
    assert refusal(got) == (400, "INACTIVE_OWNER_OR_USER")


def test_userinfo(office: Office) -> None:
    got = office.ann.get("/services/oauth2/userinfo")
    assert got.body["preferred_username"] == "ann@acme.example"
    assert got.body["user_id"].startswith("005")
    assert got.body["organization_id"].startswith("00D")
    assert got.body["user_id"] in [user["Id"] for user in office.ann.query("SELECT Id FROM User WHERE Alias = 'ann'")]
    token = office.ann.send("POST", "/services/oauth2/token", None)
    assert (token.status, token.body["error"]) == (400, "unsupported_grant_type")


def test_the_daily_limit(office: Office) -> None:
    office.admin.act("daily_limit", used=14999, limit=15000)
    got = office.ann.get("limits")
    assert got.headers["Sforce-Limit-Info"] == "api-usage=15000/15000"
    assert got.body["DailyApiRequests"] == {"Max": 15000, "Remaining": 0}
    refused = office.ann.get("limits")
    assert refusal(refused) == (403, "REQUEST_LIMIT_EXCEEDED")
    assert refused.headers["Sforce-Limit-Info"] == "api-usage=15000/15000"
    office.clock.advance(24 * 3600 + 60)
    assert office.ann.get("limits").status == 200


@pytest.mark.parametrize(
    ("kind", "details", "status", "code"),
    [
        ("refuse", {}, 500, "UNKNOWN_EXCEPTION"),
        ("refuse", {"code": "TXN_SECURITY_NO_ACCESS", "status": 403}, 403, "TXN_SECURITY_NO_ACCESS"),
        ("throttle", {}, 503, "SERVER_UNAVAILABLE"),
        ("throttle", {"code": "REQUEST_LIMIT_EXCEEDED"}, 403, "REQUEST_LIMIT_EXCEEDED"),
        ("expire_token", {}, 401, "INVALID_SESSION_ID"),
    ],
)
def test_faults(office: Office, kind: str, details: dict[str, Any], status: int, code: str) -> None:
    answer = office.vendor.fault(kind, request("GET", f"{BASE}limits"), details)
    assert answer is not None
    assert refusal(read(answer)) == (status, code)


def test_faults_of_other_interfaces(office: Office) -> None:
    assert office.vendor.fault("earthquake", request("GET", f"{BASE}limits"), {}) is None
    soap = office.vendor.fault("throttle", request("POST", "/services/Soap/u/68.0"), {})
    assert soap is not None
    assert b"sf:SERVER_UNAVAILABLE" in soap.body
    token = office.vendor.fault("refuse", request("POST", "/services/oauth2/token"), {"code": "invalid_grant"})
    assert token is not None
    assert orjson.loads(token.body)["error"] == "invalid_grant"


def test_locked_rows_fail_item_by_item(office: Office) -> None:
    record_id = office.ann.create()
    content = {"records": [{"attributes": {"type": "Contact"}, "id": record_id, "Title": "x"}]}
    answer = office.vendor.fault("lock", request("PATCH", f"{BASE}composite/sobjects", content), {})
    assert answer is not None
    result = orjson.loads(answer.body)[0]
    assert (answer.status, result["errors"][0]["statusCode"]) == (200, "UNABLE_TO_LOCK_ROW")
    parts = [
        part("GET", f"sobjects/Contact/{record_id}", "r"),
        part("PATCH", f"sobjects/Contact/{record_id}", "w", body={}),
    ]
    answer = office.vendor.fault("lock", request("POST", f"{BASE}composite", {"compositeRequest": parts}), {})
    assert answer is not None
    shown = orjson.loads(answer.body)["compositeResponse"]
    assert [one["httpStatusCode"] for one in shown] == [200, 400]
    assert shown[1]["body"][0]["errorCode"] == "UNABLE_TO_LOCK_ROW"
    assert office.ann.send("PATCH", f"sobjects/Contact/{record_id}", {"Title": "y"}).status == 204


SESSION = {
    "compositeRequest": [
        part("GET", soql("SELECT Id FROM Contact"), "a"),
        part("GET", "sobjects/Contact/deleted/?start=x", "b"),
        part("POST", "composite/sobjects", "c", body={}),
        part("PATCH", "sobjects/Contact/003", "d", body={}),
    ]
}


@pytest.mark.parametrize(
    ("method", "path", "content", "operation", "actions"),
    [
        ("GET", f"{BASE}query/?q=x", None, "query", ("read",)),
        ("GET", f"{BASE}queryAll?q=x", None, "queryAll", ("read",)),
        ("GET", f"{BASE}query/01gRO0000016PIAYA2-500", None, "queryMore", ("read",)),
        ("POST", f"{BASE}sobjects/Contact/", {}, "sobjects", ("create",)),
        ("GET", f"{BASE}sobjects/Contact/003", None, "sobjects", ("read",)),
        ("PATCH", f"{BASE}sobjects/Contact/003", {}, "sobjects", ("update",)),
        ("PATCH", f"{BASE}sobjects/Contact/Key__c/1", {}, "sobjects", ("create", "update")),
        ("DELETE", f"{BASE}sobjects/Contact/003", None, "sobjects", ("delete",)),
        ("POST", f"{BASE}composite", SESSION, "composite", ("read", "changes", "create", "update")),
        ("POST", f"{BASE}composite/batch", {"batchRequests": []}, "composite/batch", ("other",)),
        ("DELETE", f"{BASE}composite/sobjects?ids=x", None, "composite/sobjects", ("delete",)),
        ("POST", f"{BASE}composite/sobjects/Contact", {}, "composite/sobjects", ("read",)),
        ("GET", f"{BASE}sobjects/Contact/updated", None, "updated", ("changes",)),
        ("GET", f"{BASE}sobjects/Contact/deleted/", None, "deleted", ("changes",)),
        ("GET", f"{BASE}sobjects/Contact/describe", None, "describe", ("read",)),
        ("GET", f"{BASE}sobjects", None, "describe", ("read",)),
        ("GET", f"{BASE}sobjects/Contact/listviews/00B/describe", None, "listviews", ("read",)),
        ("GET", f"{BASE}limits", None, "limits", ("read",)),
        ("GET", "/services/oauth2/userinfo", None, "userinfo", ("read",)),
        ("POST", "/services/oauth2/token", None, "token", ("token",)),
        ("POST", "/services/Soap/u/68.0", None, "unknown", ("other",)),
        ("GET", "/services/data/v12/x", None, "unknown", ("other",)),
    ],
)
def test_calls(
    office: Office, method: str, path: str, content: object, operation: str, actions: tuple[str, ...]
) -> None:
    call = office.vendor.classify(request(method, path, content))
    assert (call.operation, call.actions) == (operation, actions)


@pytest.mark.parametrize("path", ["/services/data/", f"{BASE}query", "/services/Soap/u/68.0", "/services/oauth2/token"])
def test_serves(office: Office, path: str) -> None:
    assert office.vendor.serves(path)
    assert not office.vendor.serves("/EWS" + path)


@pytest.mark.parametrize(
    "op", ["field_security", "validation_rule", "required_field", "purge", "late_commit", "deactivate", "daily_limit"]
)
def test_administrators_acts(office: Office, op: str) -> None:
    with pytest.raises(Refused, match=f"as: {op} takes an administrator: admin"):
        office.ann.act(op)


def test_acts_name_what_is_wrong(office: Office) -> None:
    assert office.vendor.act("ann", "create_item", {}) is None
    for user, op, details, message in [
        ("eve", "share", {}, "as: there is no Salesforce user eve"),
        ("ann", "share", {"record": "x", "user": "bob"}, "record: there is no Salesforce record"),
        ("admin", "field_security", {"object": "Contact", "field": "Nope"}, "field: Contact has no field Nope"),
        ("admin", "late_commit", {"seconds": -1}, "seconds: give a number"),
        ("admin", "validation_rule", {"object": "Contact", "field": "Phone", "pattern": "("}, "pattern: no regular"),
    ]:
        with pytest.raises(Refused, match=message):
            office.vendor.act(user, op, details)
