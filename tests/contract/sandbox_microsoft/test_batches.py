"""$batch, throttling, and who may do what."""

from typing import Any

import orjson
import pytest

from mailsync.sandbox.microsoft import Microsoft
from mailsync.sandbox.vendor import Clock, Request
from tests.contract.sandbox_microsoft.wire import Person, Reply

JSON = {"Content-Type": "application/json"}


def batch(person: Person, *parts: dict[str, Any]) -> Reply:
    return person.ask("POST", "$batch", {"requests": list(parts)})


def by_id(reply: Reply) -> dict[str, Any]:
    assert reply.status == 200, reply.raw
    return {part["id"]: part for part in reply.body["responses"]}


def create(identifier: str, **more: Any) -> dict[str, Any]:
    return {
        "id": identifier,
        "method": "POST",
        "url": "/me/contacts",
        "headers": JSON,
        "body": {"givenName": identifier},
        **more,
    }


def test_each_part_has_its_own_answer_and_they_come_in_another_order(cem: Person) -> None:
    made = cem.create(givenName="A")
    reply = batch(
        cem,
        create("1"),
        {"id": "2", "method": "GET", "url": f"/me/contacts/{made['id']}?$select=givenName"},
        {"id": "3", "method": "PATCH", "url": f"/me/contacts/{made['id']}", "headers": {**JSON, "If-Match": 'W/"old"'},
         "body": {"surname": "B"}},
        {"id": "4", "method": "DELETE", "url": "/me/contacts/nonsense"},
        {"id": "5", "method": "GET", "url": "/me/contacts/delta", "headers": {"Prefer": "odata.maxpagesize=1"}},
    )  # fmt: skip
    answers = by_id(reply)
    assert [answers[at]["status"] for at in "12345"] == [201, 200, 412, 400, 200]
    assert [part["id"] for part in reply.body["responses"]] != ["1", "2", "3", "4", "5"]
    assert answers["2"]["body"]["givenName"] == "A"
    assert answers["3"]["body"]["error"]["code"] == "ErrorIrresolvableConflict"
    assert len(answers["5"]["body"]["value"]) == 1


def test_a_batch_has_the_actions_of_its_parts(graph: Microsoft) -> None:
    parts = (("1", "GET", "/me/contacts/delta"), ("2", "DELETE", "/me/contacts/x"))
    body = orjson.dumps({"requests": [{"id": at, "method": method, "url": url} for at, method, url in parts]})
    call = graph.classify(Request("POST", "/v1.0/$batch", "", {}, body))
    assert (call.operation, call.actions) == ("$batch", ("changes", "delete"))
    assert graph.classify(Request("POST", "/v1.0/$batch", "", {}, b"?")).actions == ("other",)


@pytest.mark.parametrize(
    ("parts", "message"),
    [
        ([create(str(at)) for at in range(21)], "Number of batch request steps exceeds the maximum value of 20."),
        ([create("1"), create("1")], "Batch request steps must have unique ids."),
        ([{**create("1"), "headers": {}}], "Write request with id '1' does not contain a Content-Type header."),
        ([{**create("1"), "url": "https://graph.microsoft.com/v1.0/me"}], "give a method and a relative url"),
        ([create("1", dependsOn=["2"]), create("2")], "Invalid dependency for request Id '1'."),
        ([create("1"), create("2", dependsOn=["1"]), create("3"), create("4", dependsOn=["2"])],
         "Batch should be either fully sequential or fully parallel."),
        ([5], "Invalid batch payload format."),
    ],
)  # fmt: skip
def test_a_batch_that_is_not_in_order_does_nothing(cem: Person, parts: list[Any], message: str) -> None:
    reply = batch(cem, *parts)
    assert (reply.status, reply.code) == (400, "BadRequest")
    assert message in reply.message
    assert cem.get("me/contacts").value == []


def test_what_depends_on_a_failure_is_not_carried_out(cem: Person) -> None:
    bad = {**create("1"), "body": {"shoeSize": 1}}
    answers = by_id(batch(cem, bad, create("2", dependsOn=["1"]), create("3", dependsOn=["2"])))
    assert [answers[at]["status"] for at in "123"] == [400, 424, 424]
    assert cem.get("me/contacts").value == []
    reply = batch(cem, create("1"), create("2", dependsOn=["1"]), create("3", dependsOn=["2"]))
    assert [(part["id"], part["status"]) for part in reply.body["responses"]] == [("1", 201), ("2", 201), ("3", 201)]


def test_each_part_counts_against_the_limit_and_may_be_429(clock: Clock) -> None:
    graph = Microsoft(clock)
    graph.load({"mailboxes": [{"user": "cem"}], "throttling": {"MailboxRequests": 2}})
    cem = Person(graph)
    answers = by_id(batch(cem, create("1"), create("2"), create("3")))
    assert sorted(part["status"] for part in answers.values()) == [201, 201, 429]
    assert int(answers["3"]["headers"]["Retry-After"]) >= 599
    refused = cem.get("me/contacts")
    assert (refused.status, refused.code) == (429, "ApplicationThrottled")
    clock.advance(int(refused.headers["retry-after"]))
    assert cem.get("me/contacts").status == 200


def test_four_requests_at_once_and_no_more(clock: Clock) -> None:
    graph = Microsoft(clock)
    graph.load({"mailboxes": [{"user": "cem"}], "throttling": {"MailboxConcurrency": 4, "RequestMilliseconds": 60000}})
    people = [Person(graph, connection=at) for at in range(5)]
    assert [person.get("me/contacts").status for person in people] == [200, 200, 200, 200, 429]
    assert by_id(batch(people[0], create("1"), create("2")))["2"]["status"] == 201
    clock.advance(60)
    assert people[4].get("me/contacts").status == 200


def test_who_may_do_what(cem: Person, graph: Microsoft) -> None:
    assert cem.get("users/cem@acme.example/contacts").status == 200
    assert cem.get("users/dana@acme.example/contacts").code == "ErrorAccessDenied"
    app = Person(graph, "sandbox-app")
    assert app.get("users/dana@acme.example/contacts").status == 200
    assert app.get("me/contacts").message == "/me request is only valid with delegated authentication flow."
    assert app.get("users/nobody@acme.example/contacts").code == "ErrorInvalidUser"
    assert Person(graph, "sandbox-ann").get("me/contacts").code == "MailboxNotEnabledForRESTAPI"
    assert cem.get("me").body["userPrincipalName"] == "cem@acme.example"
    assert app.get(f"users/{cem.get('me').body['id']}/contacts").status == 200
    refused = Person(graph, "nonsense").get("me/contacts")
    assert (refused.status, refused.code) == (401, "InvalidAuthenticationToken")
    assert refused.headers["www-authenticate"].startswith("Bearer ")
    assert refused.body["error"]["innerError"]["request-id"] == refused.headers["request-id"]
    assert cem.get("me/contacts", client_request_id="mine").headers["client-request-id"] == "mine"


@pytest.mark.parametrize(
    ("method", "url", "status"), [("PUT", "me/contacts", 405), ("GET", "me/nothing", 400), ("GET", "nothing", 400)]
)
def test_what_is_not_there(cem: Person, method: str, url: str, status: int) -> None:
    assert cem.ask(method, url).status == status
