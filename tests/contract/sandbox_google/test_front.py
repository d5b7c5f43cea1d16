"""The front of the API: tokens, unknown names and values, partial responses, and the shape of its errors."""

import json
from typing import Any

import pytest

from mailsync.sandbox.google import Google
from mailsync.sandbox.google.grants import EMAIL, OTHERS, READ_ONLY
from mailsync.sandbox.vendor import Call, Clock, Request
from tests.contract.sandbox_google.wire import Account, person


def ask(google: Google, path: str, query: str = "", **headers: str) -> tuple[int, Any]:
    answer = google.answer(Request("GET", path, query, headers, b""))
    return answer.status, json.loads(answer.body)


def test_without_a_token(google: Google) -> None:
    status, body = ask(google, "/v1/people/me", "personFields=names")
    assert (status, body["error"]["status"]) == (401, "UNAUTHENTICATED")
    assert body["error"]["message"].startswith("Request is missing required authentication credential.")
    assert body["error"]["details"][0]["reason"] == "CREDENTIALS_MISSING"


@pytest.mark.parametrize("token", ["ya29.none", "sandbox-ann", "sandbox-"])
def test_with_a_token_that_is_none(google: Google, token: str) -> None:
    status, body = ask(google, "/v1/people/me", "personFields=names", authorization=f"Bearer {token}")
    assert (status, body["error"]["errors"][0]["reason"]) == (401, "authError")
    assert body["error"]["message"].startswith("Request had invalid authentication credentials.")


def test_a_token_may_be_a_parameter(google: Google) -> None:
    assert ask(google, "/v1/people/me", "personFields=names&access_token=sandbox-bob")[0] == 200
    assert ask(google, "/v1/people/me", "personFields=names&oauth_token=sandbox-bob")[0] == 200


@pytest.mark.parametrize(
    ("scope", "method", "path", "allowed"),
    [
        (READ_ONLY, "GET", "people/me/connections", True),
        (READ_ONLY, "GET", "contactGroups", True),
        (READ_ONLY, "POST", "people:createContact", False),
        (READ_ONLY, "POST", "contactGroups", False),
        (READ_ONLY, "GET", "otherContacts", False),
        (OTHERS, "GET", "otherContacts", True),
        (OTHERS, "GET", "people/me/connections", False),
        (EMAIL, "GET", "people/me", True),
        (EMAIL, "GET", "people/me/connections", False),
    ],
)
def test_scopes(bob: Account, scope: str, method: str, path: str, allowed: bool) -> None:
    tokens = bob.google.act("bob", "consent", {"scopes": [scope]})
    assert tokens is not None
    bob.token = tokens["access_token"]
    query = {"otherContacts": {"readMask": "names"}, "contactGroups": {}}.get(path, {"personFields": "names"})
    answer = bob.send(method, path, {} if method == "POST" else query, {} if method == "POST" else None)
    assert (answer.status == 200) is allowed
    if not allowed:
        error = json.loads(answer.body)["error"]
        assert (answer.status, error["status"]) == (403, "PERMISSION_DENIED")
        assert error["message"] == "Request had insufficient authentication scopes."
        assert error["details"][0]["reason"] == "ACCESS_TOKEN_SCOPE_INSUFFICIENT"
        assert 'error="insufficient_scope"' in answer.headers["www-authenticate"]


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"salary": 1}, "Invalid JSON payload received. Unknown name \"salary\" at 'person': Cannot find field."),
        (
            {"names": [{"nick": "x"}]},
            "Invalid JSON payload received. Unknown name \"nick\" at 'person.names[0]': Cannot find field.",
        ),
        (
            {"phoneNumbers": [{"value": 5}]},
            "Invalid value at 'person.phone_numbers[0].value' (TYPE_STRING), 5",
        ),
        (
            {"birthdays": [{"date": {"day": "x"}}]},
            "Invalid value at 'person.birthdays[0].date.day' (TYPE_INT32), \"x\"",
        ),
        ({"organizations": [{"current": 1}]}, "Invalid value at 'person.organizations[0].current' (TYPE_BOOL), 1"),
        (
            {"biographies": [{"contentType": "MARKDOWN"}]},
            "Invalid value at 'person.biographies[0].content_type' "
            '(type.googleapis.com/google.people.v1.Biography.ContentType), "MARKDOWN"',
        ),
        ({"names": ["x"]}, "Invalid value at 'person.names[0]' (type.googleapis.com/google.people.v1.Name), \"x\""),
    ],
)
def test_bodies_are_read_strictly(bob: Account, body: Any, message: str) -> None:
    error = bob.refused("POST", "people:createContact", None, body)
    assert (error["status"], error["message"]) == ("INVALID_ARGUMENT", message)
    assert error["details"][0]["@type"] == "type.googleapis.com/google.rpc.BadRequest"
    assert error["details"][0]["fieldViolations"][0]["description"] == message
    assert bob.names() == []


def test_every_fault_of_a_body_is_named_at_once(bob: Account) -> None:
    body = {"contacts": [{"contactPerson": {"names": [{"a": 1, "b": 2}]}, "who": 3}]}
    error = bob.refused("POST", "people:batchCreateContacts", None, body)
    assert error["message"].count("Cannot find field.") == 3
    assert "at 'contacts[0].contact_person.names[0]'" in error["message"]


@pytest.mark.parametrize("body", [b"{", b"[]", b"null", b'"x"', b"\xff", b'{"names": [{}'])
def test_bodies_that_are_no_object(bob: Account, body: bytes) -> None:
    assert bob.refused("POST", "people:createContact", None, body)["message"].startswith(
        "Invalid JSON payload received."
    )


def test_proto_names_numbers_as_text_and_nulls_are_taken(bob: Account) -> None:
    body = {"phone_numbers": [{"value": "1"}], "birthdays": [{"date": {"year": "1999"}}], "nicknames": None}
    made = bob.google.answer(
        Request(
            "POST", "/v1/people:createContact", "", {"authorization": "Bearer sandbox-bob"}, json.dumps(body).encode()
        )
    )
    shown = json.loads(made.body)
    assert (shown["phoneNumbers"][0]["value"], shown["birthdays"][0]["date"]) == ("1", {"year": 1999})


def test_parameters_are_read_strictly(bob: Account) -> None:
    error = bob.refused("GET", "people/me/connections", {"personFields": "names", "page": 1})
    assert error["message"] == (
        'Invalid JSON payload received. Unknown name "page": Cannot bind query parameter. '
        "Field 'page' could not be found in request message."
    )
    for query, text in (
        ({"pageSize": "x"}, "Invalid value at 'page_size' (TYPE_INT32), \"x\""),
        ({"pageSize": 3_000_000_000}, "(TYPE_INT32)"),
        ({"requestSyncToken": "maybe"}, "Invalid value at 'request_sync_token' (TYPE_BOOL), \"maybe\""),
        ({"sources": "MINE"}, "ReadSourceType"),
        ({"sortOrder": "MINE"}, "SortOrder"),
    ):
        error = bob.refused("GET", "people/me/connections", {"personFields": "names", **query})
        assert text in error["message"]
    assert bob.ask("GET", "people/me", {"personFields": "names", "key": "k", "quotaUser": "q", "alt": "json"})


def test_a_body_where_none_belongs(bob: Account) -> None:
    made = bob.create()
    assert bob.refused("DELETE", f"{made['resourceName']}:deleteContact", None, {"force": True})["code"] == 400


_NAMED = {"connections": [{"names": [{"displayName": "Ada"}]}]}


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ("totalItems,totalPeople", {"totalItems": 1, "totalPeople": 1}),
        ("connections(names/displayName)", _NAMED),
        ("connections/names/displayName", _NAMED),
        ("connections(names(displayName))", _NAMED),
        ("*/names/displayName", {**_NAMED, "totalItems": 1, "totalPeople": 1}),
        (
            "connections/names(givenName,displayName)",
            {"connections": [{"names": [{"givenName": "Ada", "displayName": "Ada"}]}]},
        ),
        ("salary", {}),
    ],
)
def test_partial_responses(bob: Account, fields: str, expected: Any) -> None:
    bob.create()
    answer = bob.ask("GET", "people/me/connections", {"personFields": "names", "fields": fields})
    assert answer == expected


@pytest.mark.parametrize("fields", ["names(", "a)", "a b(c", ",", "a//b", "(" * 50, "ä"])
def test_partial_responses_that_cannot_be_read(bob: Account, fields: str) -> None:
    query = {"personFields": "names", "fields": fields}
    assert bob.refused("GET", "people/me", query)["status"] == "INVALID_ARGUMENT"


def test_answers_are_indented_unless_told(bob: Account) -> None:
    pretty = bob.send("GET", "people/me", {"personFields": "names"}).body
    plain = bob.send("GET", "people/me", {"personFields": "names", "prettyPrint": "false"}).body
    assert (pretty.count(b"\n") > 5, plain.count(b"\n"), json.loads(pretty) == json.loads(plain)) == (True, 0, True)


def test_the_list_of_errors_is_left_out_by_the_newer_format(bob: Account) -> None:
    assert "errors" in bob.refused("GET", "people/me")
    assert "errors" not in bob.refused("GET", "people/me", {"$.xgafv": "2"})


def test_paths_and_verbs_that_are_none(google: Google) -> None:
    for verb, path in (("GET", "/v1/people"), ("PUT", "/v1/people/c1"), ("POST", "/v1/people:find"), ("GET", "/v1/")):
        answer = google.answer(Request(verb, path, "", {"authorization": "Bearer sandbox-bob"}, b""))
        assert (answer.status, json.loads(answer.body)["error"]["status"]) == (404, "NOT_FOUND")


@pytest.mark.parametrize(
    ("verb", "path", "query", "operation", "action"),
    [
        ("GET", "/v1/people/me/connections", "personFields=names", "connections.list", "read"),
        ("GET", "/v1/people/me/connections", "requestSyncToken=true", "connections.list", "changes"),
        ("GET", "/v1/people/me/connections", "syncToken=x", "connections.list", "changes"),
        ("GET", "/v1/people:batchGet", "", "getBatchGet", "read"),
        ("POST", "/v1/people:batchCreateContacts", "", "batchCreateContacts", "create"),
        ("POST", "/v1/people:batchDeleteContacts", "", "batchDeleteContacts", "delete"),
        ("PATCH", "/v1/people/c1:updateContact", "", "updateContact", "update"),
        ("POST", "/v1/contactGroups/x/members:modify", "", "members.modify", "update"),
        ("GET", "/v1/contactGroups", "", "contactGroups.list", "read"),
        ("GET", "/v1/nothing", "", "unknown", "other"),
        ("POST", "/token", "", "token", "token"),
        ("GET", "/o/oauth2/v2/auth", "", "authorize", "token"),
        ("GET", "/v1/userinfo", "", "userinfo", "read"),
    ],
)
def test_names_in_the_log(google: Google, verb: str, path: str, query: str, operation: str, action: str) -> None:
    assert google.serves(path)
    assert google.classify(Request(verb, path, query, {}, b"")) == Call(operation, (action,))


def test_other_vendors_paths_are_left_alone(google: Google) -> None:
    for path in ("/v1.0/me/contacts", "/services/oauth2/token", "/common/oauth2/v2.0/token", "/EWS/Exchange.asmx", "/"):
        assert not google.serves(path)


def test_a_request_of_an_unknown_user_sees_nothing(google: Google, clock: Clock) -> None:
    eve = Account(google, clock, "sandbox-eve")
    Account(google, clock).create()
    assert eve.names() == []
    assert eve.refused("POST", "people:createContact", None, person("A") | {"x": 1})["code"] == 400
