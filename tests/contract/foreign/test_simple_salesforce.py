"""simple-salesforce 1.12, unmodified, over TLS: it speaks https alone (vendors/salesforce.md §7)."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from requests import PreparedRequest, Response, Session
from requests.adapters import HTTPAdapter
from requests.exceptions import SSLError
from simple_salesforce.api import Salesforce as Client
from simple_salesforce.exceptions import SalesforceAuthenticationFailed, SalesforceExpiredSession

from mailsync.sandbox.server import RunningSandbox, running_sandbox

APP = {"consumer_key": "mailsync", "consumer_secret": "sandbox-secret"}


class Nameserver(HTTPAdapter):
    """Does what a hosts file would: the vendor's names lead to this machine; certificates are checked all the same."""

    def __init__(self, port: int) -> None:
        self._port = port
        super().__init__()

    def send(self, request: PreparedRequest, **options: Any) -> Response:  # type: ignore[override]
        split = urlsplit(str(request.url))
        request.headers["Host"] = split.netloc
        request.url = split._replace(netloc=f"127.0.0.1:{self._port}").geturl()
        return super().send(request, **options | {"timeout": (5, 30)})


def session_of(box: RunningSandbox, *, trusting: bool = True) -> Session:
    session = Session()
    session.trust_env = False
    if trusting:
        session.verify = str(box.ca)
    return session


@pytest.fixture(scope="module")
def box() -> Iterator[RunningSandbox]:
    with running_sandbox("empty", tls=True) as running:
        assert running.url.startswith("https://")
        yield running


@pytest.fixture
def client(box: RunningSandbox) -> Client:
    """By nothing but its own arguments: the instance is this machine."""
    host = urlsplit(box.url).netloc
    return Client(session_id="sandbox-ann", instance=host, session=session_of(box), version="68.0")


def test_reads_and_writes_rows(client: Client) -> None:
    record = client.Contact.create({"LastName": "Hallorann", "Email": "dick@overlook.example"})["id"]
    assert client.Contact.update(record, {"Title": "Cook"}) == 204
    assert client.Contact.get(record)["Title"] == "Cook"
    found = client.query_all("SELECT Id, Title FROM Contact WHERE LastName = 'Hallorann'")
    assert [row["Title"] for row in found["records"]] == ["Cook"]
    assert client.Contact.describe()["keyPrefix"] == "003"
    assert client.Contact.delete(record) == 204


def test_pages_over_tls(client: Client) -> None:
    rows = [{"attributes": {"type": "Contact"}, "LastName": f"Page {n}"} for n in range(200)]
    for _ in range(11):
        outcome = client.restful("composite/sobjects", method="POST", json={"allOrNone": True, "records": rows})
        assert {one["success"] for one in outcome} == {True}
    page = client.query("SELECT Id FROM Contact WHERE LastName LIKE 'Page %'")
    assert (page["totalSize"], len(page["records"]), page["done"]) == (2200, 2000, False)
    rest = client.query_more(page["nextRecordsUrl"], identifier_is_url=True)
    assert (len(rest["records"]), rest["done"]) == (200, True)


def test_an_unknown_authority_is_not_trusted(box: RunningSandbox) -> None:
    host, stranger = urlsplit(box.url).netloc, session_of(box, trusting=False)
    with pytest.raises(SSLError, match="CERTIFICATE_VERIFY_FAILED"):
        Client(session_id="sandbox-ann", instance=host, session=stranger, version="68.0").limits()


def test_an_expired_session(box: RunningSandbox) -> None:
    host = urlsplit(box.url).netloc
    with pytest.raises(SalesforceExpiredSession):
        Client(session_id="gone", instance=host, session=session_of(box), version="68.0").limits()


def test_logs_in_by_client_credentials(box: RunningSandbox) -> None:
    session = session_of(box)
    session.mount("https://", Nameserver(box.port))
    client = Client(**APP, domain="acme.my", session=session, version="68.0")
    assert client.sf_instance == "acme.my.salesforce.com"
    assert client.limits()["DailyApiRequests"]["Max"] == 15000
    wrong = APP | {"consumer_secret": "guessed"}
    with pytest.raises(SalesforceAuthenticationFailed, match="invalid_client"):
        Client(**wrong, domain="acme.my", session=session, version="68.0")
