"""What goes wrong on Salesforce's side, and what is made of it."""

import json

import pytest

from mailsync.crm.salesforce.answers import Fault, failure, faults_of, read_json
from mailsync.errors import (
    AnswerBroken,
    BudgetSpent,
    CursorInvalid,
    Disposition,
    LoginRefused,
    OutcomeUnknown,
    PermissionMissing,
    Throttled,
    Unreachable,
    VendorError,
    dispose,
)
from mailsync.line import read_wait
from tests.contract.crm.bench import Bench


@pytest.mark.parametrize("kind", ["drop_before", "drop_after", "error_after", "throttle", "refuse", "lock"])
def test_reads_are_repeated_until_they_answer(org: Bench, kind: str) -> None:
    org.ann.create(LastName="Mine")
    org.fault(kind, "composite", times=2)
    assert len(org.changes(None).records) == 1
    assert len(org.waits) == (0 if kind == "lock" else 2)


@pytest.mark.parametrize(
    ("kind", "details"),
    [
        ("truncate", {}),
        ("truncate", {"at": 0.99}),
        ("html", {}),
        ("empty", {}),
        ("malform", {"how": "garble"}),
        ("malform", {"how": "utf8"}),
        ("malform", {"how": "control"}),
        ("malform", {"how": "bom"}),
    ],
)
def test_an_answer_that_is_cut_or_garbled_is_never_believed(org: Bench, kind: str, details: dict) -> None:
    org.ann.create(LastName="Mine")
    org.fault(kind, "composite", **details)
    with pytest.raises(AnswerBroken):
        org.changes(None)


@pytest.mark.parametrize(
    ("kind", "details"), [("truncate", {"declared": "whole"}), ("malform", {"how": "gzip"}), ("drop_after", {})]
)
def test_an_answer_that_breaks_off_is_asked_for_again(org: Bench, kind: str, details: dict) -> None:
    org.ann.create(LastName="Mine")
    org.fault(kind, "composite", **details)
    assert len(org.changes(None).records) == 1


def test_C4_the_organisations_spent_calls_end_the_session_at_once(org: Bench) -> None:
    org.admin.act("daily_limit", limit=100, used=100)
    with pytest.raises(BudgetSpent) as caught:
        org.changes(None)
    assert dispose(caught.value) is Disposition.PAUSE
    assert org.waits == []
    assert org.crm.budget is not None
    assert org.crm.budget.used == 100


def test_C3_a_refused_token_is_told_at_once(org: Bench) -> None:
    org.fault("expire_token")
    with pytest.raises(LoginRefused) as caught:
        org.changes(None)
    assert dispose(caught.value) is Disposition.SKIP
    assert org.crm.requests == 1
    org.admin.act("deactivate", user="ann")
    with pytest.raises(LoginRefused):
        org.crm.identify()


def test_a_composite_without_one_of_its_answers_is_not_believed(org: Bench) -> None:
    body = json.dumps({"compositeResponse": []})
    org.fault("status", "composite", status=200, body=body)
    with pytest.raises(AnswerBroken):
        org.changes(None)


def test_an_unexpected_refusal_is_an_error_without_personal_values(org: Bench) -> None:
    org.fault("refuse", "composite", code="MALFORMED_QUERY", status=400, message="unexpected token: Geheimrat")
    with pytest.raises(VendorError, match="MALFORMED_QUERY") as caught:
        org.changes(None)
    assert "Geheimrat" not in str(caught.value)


@pytest.mark.parametrize(
    ("status", "code", "message", "kind"),
    [
        (401, "INVALID_SESSION_ID", "Session expired or invalid", LoginRefused),
        (401, "", "", LoginRefused),
        (403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.", BudgetSpent),
        (403, "REQUEST_LIMIT_EXCEEDED", "ConcurrentRequests (Concurrent API) Limit exceeded.", Throttled),
        (403, "API_CURRENTLY_DISABLED", "", PermissionMissing),
        (403, "API_DISABLED_FOR_ORG", "", PermissionMissing),
        (400, "INSUFFICIENT_ACCESS", "", PermissionMissing),
        (403, "TXN_SECURITY_NO_ACCESS", "", PermissionMissing),
        (400, "UNABLE_TO_LOCK_ROW", "", Throttled),
        (503, "SERVER_UNAVAILABLE", "", Unreachable),
        (500, "UNKNOWN_EXCEPTION", "", Unreachable),
        (502, "", "", Unreachable),
        (429, "", "", Throttled),
        (420, "", "", Throttled),
        (400, "INVALID_QUERY_LOCATOR", "", CursorInvalid),
        (302, "", "", AnswerBroken),
        (404, "", "", AnswerBroken),
        (414, "", "", AnswerBroken),
        (400, "MALFORMED_QUERY", "", VendorError),
    ],
)
def test_errors_are_known_by_their_code(status: int, code: str, message: str, kind: type[VendorError]) -> None:
    faults = [Fault(code, message)] if code else []
    assert type(failure(status, faults, {})) is kind
    doubtful = failure(status, faults, {}, doubtful=True)
    assert type(doubtful) is (OutcomeUnknown if status >= 500 else kind)


@pytest.mark.parametrize(
    ("headers", "after"),
    [
        ({}, None),
        ({"retry-after": "7"}, 7.0),
        ({"retry-after": "-7"}, None),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "Sun, 22 Nov 2026 09:00:00 GMT", "date": "Sun, 22 Nov 2026 08:59:12 GMT"}, 48.0),
        ({"retry-after": "Sun, 22 Nov 2026 08:00:00 GMT", "date": "Sun, 22 Nov 2026 08:59:12 GMT"}, 0.0),
        ({"retry-after": "Sun, 22 Nov 2026 09:00:00 GMT"}, None),
    ],
)
def test_retry_after_is_seconds_or_a_date(headers: dict[str, str], after: float | None) -> None:
    assert read_wait(headers) == after
    error = failure(503, [], headers)
    assert (error.after if isinstance(error, Throttled) else None) == after


def test_the_vendors_forms_of_an_error_are_all_read() -> None:
    assert faults_of([{"message": "m", "errorCode": "X", "fields": ["LastName"]}]) == (Fault("X", "m", ("LastName",)),)
    assert faults_of({"success": False, "errors": [{"statusCode": "Y", "message": "m", "fields": []}]}) == (
        Fault("Y", "m"),
    )
    assert faults_of({"error": "invalid_grant", "error_description": "d"}) == (Fault("invalid_grant", "d"),)
    match = {"matchRecords": [{"record": {"Id": "003Ib0000000001"}}, {"record": {"Id": "003Ib0000000002IAA"}}]}
    twice = {"errorCode": "DUPLICATES_DETECTED", "message": "", "duplicateResult": {"matchResults": [match, match]}}
    assert faults_of([twice])[0].duplicates == ("003Ib0000000001IAA", "003Ib0000000002IAA")
    assert faults_of("text") == faults_of(None) == faults_of([1]) == faults_of({}) == ()


@pytest.mark.parametrize(
    "body", [b"", b"{", b"NaN", b"[Infinity]", b"\xef\xbb\xbf{}", b'"\xff"', b'"a\x00"', b"{} {}", b"[" * 99999]
)
def test_only_strict_json_is_believed(body: bytes) -> None:
    with pytest.raises(AnswerBroken):
        read_json(body)
