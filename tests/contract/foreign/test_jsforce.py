"""jsforce 3.10, unmodified, over plain http (vendors/salesforce.md §8): one run of clients/jsforce.mjs, looked at."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from mailsync.sandbox.server import running_sandbox
from tests.contract.foreign.presence import require, run_script

APP = {
    "client_secret": "sandbox-secret",
    "redirect_uris": ["https://mailsync.example/callback"],
    "run_as": "admin",
}
VIEW = "00BIb0000000001MAA"
WORLD = {
    "salesforce": {
        "connected_apps": [{"client_id": "mailsync", **APP}, {"client_id": "steady", "rotating": False, **APP}],
        "custom_fields": {"Contact": [{"name": "Key__c", "type": "string", "length": 36, "externalId": True}]},
        "list_views": [
            {
                "object": "Contact",
                "name": "Halls",
                "label": "The Halls",
                "where": "LastName LIKE 'Hall%' AND (Title != 'x' OR Email = null)",
                "scope": "mine",
                "owner": None,
                "id": VIEW,
            }
        ],
    }
}


@pytest.fixture(scope="module")
def given() -> Iterator[dict[str, Any]]:
    require("jsforce")
    with running_sandbox(WORLD) as box:
        now = box.sandbox.clock.now()
        start, end = now - timedelta(hours=1), now + timedelta(minutes=2)
        yield run_script("jsforce", {"url": box.url, "start": start.isoformat(), "end": end.isoformat(), "view": VIEW})


def test_no_step_fails(given: dict[str, Any]) -> None:
    assert len(given) == 39
    assert {name: step["failed"] for name, step in given.items() if isinstance(step, dict) and "failed" in step} == {}


def test_creates_one_and_many(given: dict[str, Any]) -> None:
    assert given["createOne"]["success"] is True
    many = given["createMany"]
    assert many["outcomes"] == 450
    assert [o["errors"][0]["statusCode"] for o in many["refused"]] == ["INVALID_EMAIL_ADDRESS"]
    assert many["ids"].count(None) == 1
    assert len(set(many["ids"])) == 450


def test_updates_one_and_many(given: dict[str, Any]) -> None:
    assert given["updateOne"]["Title"] == "Cook"
    assert given["updateOne"]["Name"] == "Dick Hallorann"
    assert [o["success"] for o in given["updateMany"]["outcomes"]] == [True] * 5
    assert given["updateMany"]["changed"] == 5


def test_retrieves_many_in_order_with_null_for_what_is_not_there(given: dict[str, Any]) -> None:
    assert given["retrieveMany"] == ["Many 0", "Many 1", "Many 2", None]


def test_upserts_by_external_id(given: dict[str, Any]) -> None:
    assert given["upsertNew"]["created"] is True
    assert given["upsertOld"]["outcome"]["created"] is False
    assert given["upsertOld"]["outcome"]["id"] == given["upsertNew"]["id"]
    assert [r["Title"] for r in given["upsertOld"]["found"]["records"]] == ["Twice"]
    assert [(o["success"], o["created"]) for o in given["upsertMany"]] == [(True, False), (True, True)]
    assert given["upsertAmbiguous"]["code"] == "MULTIPLE_CHOICES"


def test_pages_through_a_query(given: dict[str, Any]) -> None:
    assert given["autoFetch"] == {"total": 449, "fetched": 449, "distinct": 449}
    assert given["pageByPage"] == {"sizes": [200, 200], "done": [False, False]}


def test_built_query(given: dict[str, Any]) -> None:
    (found,) = given["builtQuery"]
    assert (found["LastName"], found["Email"]) == ("Hallorann", "dick@overlook.example")
    assert found["CreatedBy"]["attributes"]["type"] == "User"


def test_refused_queries_have_codes(given: dict[str, Any]) -> None:
    codes = {name: refusal["code"] for name, refusal in given["queryRefused"].items()}
    assert codes == {"field": "INVALID_FIELD", "grammar": "MALFORMED_QUERY", "object": "INVALID_TYPE"}
    assert given["expired"] == {"code": "INVALID_SESSION_ID", "message": "Session expired or invalid"}


def test_deletes_and_sees_tombstones(given: dict[str, Any]) -> None:
    gone = given["createMany"]["ids"][:4]
    assert given["destroyOne"]["success"] is True
    assert [o["id"] for o in given["destroyMany"]] == gone[1:]
    assert sorted(given["scanAll"]) == sorted(gone)
    assert sorted(r["id"] for r in given["deleted"]["deletedRecords"]) == sorted(gone)
    assert not set(gone) & set(given["updated"]["ids"])
    assert given["createOne"]["id"] in given["updated"]["ids"]


def test_list_views(given: dict[str, Any]) -> None:
    (view,) = given["listViews"]["listviews"]
    assert (view["id"], view["developerName"], view["label"]) == (VIEW, "Halls", "The Halls")
    described = given["viewDescribe"]
    assert described["scope"] == "mine"
    assert "USING SCOPE mine" in described["query"]
    assert described["whereCondition"]["conjunction"] == "and"
    (row,) = given["viewResults"]["records"]
    cells = {cell["fieldNameOrPath"]: cell["value"] for cell in row["columns"]}
    assert (cells["Name"], cells["Id"]) == ("Dick Hallorann", given["createOne"]["id"])


def test_describes_and_limits(given: dict[str, Any]) -> None:
    assert (given["describe"]["name"], given["describe"]["prefix"]) == ("Contact", "003")
    assert {"Key__c", "MailingAddress", "MasterRecordId"} <= set(given["describe"]["fields"])
    assert {"Account", "Contact", "Lead", "Task", "User"} <= set(given["describeGlobal"])
    usage = given["limits"]["usage"]["apiUsage"]
    assert usage["limit"] == given["limits"]["daily"]["Max"]
    assert usage["used"] == usage["limit"] - given["limits"]["daily"]["Remaining"] - 1
    assert [v["version"] for v in given["versions"]][-1] == "68.0"


def test_if_unmodified_since(given: dict[str, Any]) -> None:
    assert given["unmodifiedSince"] == {
        "stale": {"code": "ERROR_HTTP_412", "message": ""},
        "titles": ["Cook", "Fresh"],
    }


def test_composite_with_a_reference(given: dict[str, Any]) -> None:
    one, two = given["composite"]["compositeResponse"]
    assert one["body"]["LastName"] == "Hallorann"
    assert [r["Id"] for r in two["body"]["records"]] == [given["createOne"]["id"]]


def test_soap_merge_of_jsforce_does_not_fit_the_wsdl(given: dict[str, Any]) -> None:
    """jsforce names the element mergeRequests; the Partner WSDL says request, and the service goes by that."""
    place = "{urn:partner.soap.sforce.com}mergeRequests"
    assert given["soapMerge"] == {"code": "soapenv:Client", "message": f"Element {place} invalid at this location"}


def test_soap_undelete(given: dict[str, Any]) -> None:
    assert [o["success"] for o in given["soapUndelete"]["outcomes"]] == [True, True]
    assert given["soapUndelete"]["live"] == 2


def test_logs_in_by_authorization_code_with_pkce(given: dict[str, Any]) -> None:
    login = given["authorize"]
    assert (login["state"], login["instance"], login["found"]) == ("a b&c", True, 1)
    assert login["user"]["id"] == "005Ib0000000001IAA"
    assert login["user"]["organizationId"] == "00DIb0000000001MAA"
    assert login["replayed"]["message"] == "expired authorization code"


def test_logs_in_by_client_credentials(given: dict[str, Any]) -> None:
    assert given["clientCredentials"]["user"]["id"] == "005Ib0000000004IAA"
    assert given["clientCredentials"]["wrong"]["message"] == "invalid client credentials"


def test_refreshes_each_time_a_session_ends(given: dict[str, Any]) -> None:
    steady = given["refreshSteady"]
    assert steady == {"found": 1, "again": "not refused", "refreshes": 2, "rotated": False, "kept": True}


def test_a_spent_refresh_token_of_a_rotating_app_ends_it_all(given: dict[str, Any]) -> None:
    """jsforce does not keep the new token that a rotating app is given; its second refresh is the vendor's alarm."""
    rotating = given["refreshRotating"]
    assert (rotating["found"], rotating["refreshes"], rotating["rotated"], rotating["kept"]) == (1, 1, True, True)
    assert rotating["again"]["message"].endswith("expired access/refresh token")


def test_revokes(given: dict[str, Any]) -> None:
    assert given["revoke"]["code"] == "INVALID_SESSION_ID"


def test_bulk_query(given: dict[str, Any]) -> None:
    bulk = given["bulkQuery"]
    assert bulk["rows"] == 447, "449 were made, 4 deleted, 2 restored"
    assert bulk["columns"] == ["Id", "LastName", "Account.Name"]
    assert bulk["first"]["LastName"] == "Many 0"


def test_bulk_load_tells_good_and_bad_rows_apart(given: dict[str, Any]) -> None:
    load = given["bulkLoad"]
    assert load["done"] == [['Bulk, "One"', "true", 18], ["Bulk Two", "true", 18]]
    assert load["refused"] == ["INVALID_EMAIL_ADDRESS", "REQUIRED_FIELD_MISSING"]
    assert load["unprocessed"] == 0
    assert load["stored"] == [["Bulk Two", None, None], ['Bulk, "One"', "one@bulk.example", "two\nlines"]]


def test_bulk_upserts_and_deletes(given: dict[str, Any]) -> None:
    assert given["bulkUpsertAndDelete"] == {"created": ["false", "true"], "deleted": 2, "left": 0}
    assert given["bulkRefused"]["code"] == "API_ERROR"
    assert "No such column 'Nothing__c'" in given["bulkRefused"]["message"]
