"""simple-salesforce, unmodified, over HTTP (vendors/salesforce.md §7, §10)."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
from requests import PreparedRequest, Response, Session
from requests.adapters import HTTPAdapter
from simple_salesforce.api import Salesforce as Client
from simple_salesforce.exceptions import SalesforceExpiredSession, SalesforceGeneralError, SalesforceMalformedRequest

from mailsync.sandbox.server import RunningSandbox, running_sandbox


class Loopback(HTTPAdapter):
    """Sends what is meant for https://acme.my.salesforce.com to the sandbox on this machine."""

    def __init__(self, port: int) -> None:
        self._port = port
        super().__init__()

    def send(self, request: PreparedRequest, **options: Any) -> Response:  # type: ignore[override]
        split = urlsplit(str(request.url))
        request.headers["Host"] = split.netloc
        request.url = split._replace(scheme="http", netloc=f"127.0.0.1:{self._port}").geturl()
        return super().send(request, **options | {"timeout": (5, 30)})


def client_of(box: RunningSandbox, token: str = "sandbox-ann") -> Client:
    session = Session()
    session.mount("https://", Loopback(box.port))
    return Client(session_id=token, instance_url="https://acme.my.salesforce.com", session=session, version="68.0")


@pytest.fixture(scope="module")
def box() -> Iterator[RunningSandbox]:
    with running_sandbox(world="empty") as running:
        yield running


def test_rows_and_queries(box: RunningSandbox) -> None:
    client = client_of(box)
    record_id = client.Contact.create({"LastName": "O'Neil", "Email": "o@acme.example"})["id"]
    assert client.Contact.get(record_id)["Name"] == "O'Neil"
    assert client.Contact.update(record_id, {"Title": "CTO"}) == 204
    found = client.query_all("SELECT Id, Title FROM Contact WHERE LastName = 'O\\'Neil'")
    assert [(record["Id"], record["Title"]) for record in found["records"]] == [(record_id, "CTO")]
    assert client.Contact.describe()["name"] == "Contact"
    assert client.limits()["DailyApiRequests"]["Max"] == 15000
    assert client.api_usage["api-usage"].total == 15000
    assert client.Contact.delete(record_id) == 204
    assert client.query("SELECT Id, IsDeleted FROM Contact", include_deleted=True)["records"][0]["IsDeleted"] is True


def test_feeds(box: RunningSandbox) -> None:
    client = client_of(box)
    record_id = client.Contact.create({"LastName": "Feed"})["id"]
    box.sandbox.advance(120)
    now = box.sandbox.clock.now() + timedelta(seconds=60)
    assert record_id in client.Contact.updated(now - timedelta(hours=1), now)["ids"]
    assert "deletedRecords" in client.Contact.deleted(now - timedelta(hours=1), now)


def test_many_pages(box: RunningSandbox) -> None:
    client = client_of(box, "sandbox-cem")
    for _ in range(11):
        records = [{"attributes": {"type": "Contact"}, "LastName": f"Many {n}"} for n in range(200)]
        results = client.restful("composite/sobjects", method="POST", json={"records": records})
        assert all(result["success"] for result in results)
    assert len(list(client.query_all_iter("SELECT Id, Name FROM Contact USING SCOPE mine"))) == 2200


def test_errors_arrive_typed(box: RunningSandbox) -> None:
    client = client_of(box)
    with pytest.raises(SalesforceMalformedRequest) as caught:
        client.Contact.create({})
    assert caught.value.content[0]["errorCode"] == "REQUIRED_FIELD_MISSING"
    record_id = client.Contact.create({"LastName": "x"})["id"]
    with pytest.raises(SalesforceGeneralError) as stale:
        client.Contact.update(
            record_id, {"Title": "y"}, headers={"If-Unmodified-Since": "Mon, 01 Jan 2024 00:00:00 GMT"}
        )
    assert stale.value.status == 412
    with pytest.raises(SalesforceExpiredSession):
        client_of(box, "sandbox-nobody").query("SELECT Id FROM Contact")
