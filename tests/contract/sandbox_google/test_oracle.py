"""The judge itself: what Google's document doesn't have is found."""

import json
from typing import Any

import pytest

from tests.contract.sandbox_google.oracle import check_answer, check_request


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ({"connections": [{"salary": 1}]}, ".connections[0].salary: Person has no such field"),
        ({"connections": {}}, ".connections: not a list"),
        ({"totalItems": "5"}, ".totalItems: '5' is no int32"),
        ({"connections": [{"metadata": {"deleted": "yes"}}]}, ".connections[0].metadata.deleted: 'yes' is no boolean"),
        (
            {"connections": [{"metadata": {"objectType": "DOG"}}]},
            ".connections[0].metadata.objectType: 'DOG' is no string",
        ),
    ],
)
def test_answers_that_google_does_not_give(answer: Any, said: str) -> None:
    assert check_answer("GET", "/v1/people/me/connections", 200, json.dumps(answer).encode()) == [said]


def test_errors_that_google_does_not_give() -> None:
    for body in ({}, {"error": {"code": 400}}, {"error": {"code": 404, "message": "", "status": ""}}, {"error": "x"}):
        assert check_answer("GET", "/v1/people/me", 400, json.dumps(body).encode())


def test_requests_that_google_does_not_take() -> None:
    assert check_request("GET", "/v1/people/me", "page=1", b"") == ["/v1/people/me: no parameter page"]
    assert check_request("POST", "/v1/people:createContact", "", b'{"x": 1}') == [".x: Person has no such field"]
    assert check_request("GET", "/v1/nothing", "", b"") == ["/v1/nothing: no such method"]
