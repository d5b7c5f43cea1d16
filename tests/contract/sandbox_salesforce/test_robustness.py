"""Whatever is sent, the organisation answers in the vendor's shapes and keeps its records as they were."""

import random
from typing import Any

import orjson
import pytest

from mailsync.sandbox.vendor import Request
from tests.contract.sandbox_salesforce.desk import BASE, Office, part, soql

ODD: tuple[Any, ...] = (
    None,
    True,
    7,
    -1.5,
    "",
    "x",
    "0001-01-01T00:00:00+14:00",
    [],
    [None],
    {},
    {"a": [1]},
    "@{a.b}",
    "²",
)
NAMES = ("LastName", "Email", "Birthdate", "AccountId", "OwnerId", "IsDeleted", "MailingLatitude", "attributes", "id")
PATHS = (
    "sobjects/Contact",
    "sobjects/Contact/003Ib0000000001IAA",
    "sobjects/Contact/Email/x",
    "sobjects/Contact/updated",
    "sobjects/Contact/listviews/x/results",
    "composite",
    "composite/batch",
    "composite/sobjects",
    "composite/sobjects/Contact",
    "composite/sobjects/Contact/Email",
    "query",
    "query/01gx-99999999999999999999",
    "sobjects/ListView/x",
)


def odd_object(source: random.Random) -> dict[str, Any]:
    keys = source.sample((*NAMES, "records", "ids", "fields", "compositeRequest", "batchRequests", "allOrNone"), 4)
    values: dict[str, Any] = {key: source.choice(ODD) for key in keys}
    for key in ("records", "compositeRequest", "batchRequests"):
        if key in values and source.random() < 0.7:
            item = {"attributes": {"type": "Contact"}, "method": "GET", "url": BASE + "limits", "referenceId": "a"}
            values[key] = [{**item, source.choice([*item, *NAMES, "httpHeaders", "body"]): source.choice(ODD)}]
    return values


@pytest.mark.parametrize("seed", range(4))
def test_odd_requests_are_answered(office: Office, seed: int) -> None:
    source = random.Random(seed)
    for _ in range(400):
        body = source.choice([orjson.dumps(odd_object(source)), orjson.dumps(source.choice(ODD)), b"\xff{", b""])
        request = Request(
            method=source.choice(["GET", "POST", "PATCH", "DELETE", "PUT"]),
            path=BASE + source.choice(PATHS),
            query=source.choice(
                ["", "q=SELECT", "ids=x,,&fields=Id", "start=0001-01-01T00:00:00%2B14:00&end=x", "%ff=%"]
            ),
            headers={
                "authorization": "Bearer sandbox-ann",
                "if-modified-since": source.choice(["", "never", "Mon, 01 Jan 0001 00:00:00 +1400"]),
                "sforce-duplicate-rule-header": "allowSave; =",
            },
            body=body,
        )
        office.vendor.classify(request)
        answer = office.vendor.answer(request)
        assert 200 <= answer.status < 500
        if answer.body:
            shown = orjson.loads(answer.body)
            assert answer.status < 400 or {"message", "errorCode"} <= set(shown[0])


def test_a_required_default_cannot_be_emptied(office: Office) -> None:
    record_id = office.ann.create()
    got = office.ann.send("PATCH", f"sobjects/Contact/{record_id}", {"OwnerId": None})
    assert (got.status, got.body[0]["errorCode"]) == (400, "REQUIRED_FIELD_MISSING")


def test_a_refused_part_leaves_nothing_behind(office: Office) -> None:
    before = office.vendor.dump()
    content = {"records": [{"attributes": {"type": "Contact"}, "LastName": "x"}, {"attributes": {"type": "Contact"}}]}
    office.ann.composite(
        part("POST", "composite/sobjects", "a", body={**content, "allOrNone": True}),
        part("GET", soql("SELECT Nope FROM Contact"), "b"),
        all_or_none=True,
    )
    assert office.vendor.dump() == before
