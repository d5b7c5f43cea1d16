"""Batches: their limits, one mask for all, all or nothing."""

from typing import Any

from tests.contract.sandbox_google.wire import Account, etag_of, given_names, person


def wrap(*people: dict[str, Any]) -> list[dict[str, Any]]:
    return [{"contactPerson": each} for each in people]


def test_creates_two_hundred_and_answers_them_in_order(bob: Account) -> None:
    people = wrap(*(person(f"N{at}") for at in range(200)))
    answer = bob.ask("POST", "people:batchCreateContacts", None, {"contacts": people, "readMask": "names,metadata"})
    names = [each["person"]["names"][0]["givenName"] for each in answer["createdPeople"]]
    assert names == [f"N{at}" for at in range(200)]
    first = answer["createdPeople"][0]
    assert (first["httpStatusCode"], first["status"]) == (200, {})
    assert first["requestedResourceName"] == first["person"]["resourceName"]


def test_without_a_read_mask_nothing_is_told(bob: Account) -> None:
    assert bob.ask("POST", "people:batchCreateContacts", None, {"contacts": wrap(person("A"))}) == {}
    made = bob.list()["connections"][0]
    update = {"contacts": {made["resourceName"]: {**etag_of(made), **person("B")}}, "updateMask": "names"}
    assert bob.ask("POST", "people:batchUpdateContacts", None, update) == {}
    assert bob.names() == ["B"]


def test_limits(bob: Account) -> None:
    bob.create()
    for path, body in (
        ("people:batchCreateContacts", {"contacts": wrap(*[person("A")] * 201), "readMask": "names"}),
        ("people:batchCreateContacts", {"contacts": [], "readMask": "names"}),
        ("people:batchUpdateContacts", {"contacts": {f"people/c{at}": {} for at in range(201)}, "updateMask": "names"}),
        ("people:batchDeleteContacts", {"resourceNames": [f"people/c{at}" for at in range(501)]}),
        ("people:batchDeleteContacts", {}),
    ):
        assert bob.refused("POST", path, None, body)["status"] == "INVALID_ARGUMENT"
    names = {"personFields": "names", "resourceNames": [f"people/c{at}" for at in range(201)]}
    assert bob.refused("GET", "people:batchGet", names)["status"] == "INVALID_ARGUMENT"
    assert bob.refused("GET", "people:batchGet", {"personFields": "names"})["status"] == "INVALID_ARGUMENT"


def test_an_invalid_contact_refuses_the_whole_batch(bob: Account) -> None:
    people = wrap(person("A"), {"names": [{"givenName": "x"}, {"givenName": "y"}]})
    error = bob.refused("POST", "people:batchCreateContacts", None, {"contacts": people, "readMask": "names"})
    assert list(error["details"][-1]["contactErrors"]) == ["1"]
    assert bob.names() == []


def test_one_stale_etag_refuses_the_whole_batch(bob: Account) -> None:
    first, second = bob.create("A"), bob.create("B")
    bob.update(second, "names", names=[{"givenName": "C"}])
    body = {
        "contacts": {each["resourceName"]: {**etag_of(each), **person("X")} for each in (first, second)},
        "updateMask": "names",
        "readMask": "names",
    }
    error = bob.refused("POST", "people:batchUpdateContacts", None, body)
    assert (error["code"], error["status"]) == (400, "FAILED_PRECONDITION")
    detail = error["details"][-1]
    assert detail["@type"].endswith("BatchUpdateContactsErrorDetails")
    assert {name: status["code"] for name, status in detail["contactErrors"].items()} == {second["resourceName"]: 9}
    assert bob.names() == ["A", "C"]


def test_one_mask_clears_what_a_contact_leaves_out(bob: Account) -> None:
    phone = [{"value": "+12125550101"}]
    made = [bob.create(name, phoneNumbers=phone) for name in "AB"]
    contacts = {
        made[0]["resourceName"]: {**etag_of(made[0]), "phoneNumbers": phone},
        made[1]["resourceName"]: etag_of(made[1]),
    }
    body = {"contacts": contacts, "updateMask": "phoneNumbers", "readMask": "phoneNumbers,names"}
    answer = bob.ask("POST", "people:batchUpdateContacts", None, body)["updateResult"]
    assert ["phoneNumbers" in answer[each["resourceName"]]["person"] for each in made] == [True, False]
    assert all("names" in each["person"] for each in answer.values())


def test_deletes_many_or_none(bob: Account) -> None:
    names = [bob.create(name)["resourceName"] for name in "ABC"]
    error = bob.refused("POST", "people:batchDeleteContacts", None, {"resourceNames": [names[0], "people/c1"]})
    assert (error["code"], len(bob.names())) == (404, 3)
    assert bob.ask("POST", "people:batchDeleteContacts", None, {"resourceNames": [*names[:2], names[0]]}) == {}
    assert bob.names() == ["C"]


def test_reads_many_and_says_which_are_not_there(bob: Account) -> None:
    made = bob.create("A")
    asked = ["people/c1", made["resourceName"], "people/me", "nonsense"]
    answer = bob.ask("GET", "people:batchGet", {"personFields": "names", "resourceNames": asked})["responses"]
    assert [each["requestedResourceName"] for each in answer] == asked
    assert [each["httpStatusCode"] for each in answer] == [404, 200, 200, 404]
    assert answer[0]["status"] == {"code": 5, "message": "Requested entity was not found."}
    assert given_names({"connections": [answer[1]["person"]]}) == ["A"]
