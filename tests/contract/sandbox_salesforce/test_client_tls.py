"""simple-salesforce, unmodified, over TLS: its own log-ins, and Bulk API 2.0 (vendors/salesforce.md §7, §10)."""

import csv
from collections.abc import Iterator
from io import StringIO
from typing import Any
from urllib.parse import urlsplit

import pytest
from requests import PreparedRequest, Response, Session
from requests.adapters import HTTPAdapter
from simple_salesforce.api import Salesforce as Client
from simple_salesforce.exceptions import SalesforceAuthenticationFailed, SalesforceExpiredSession

from mailsync.sandbox.server import RunningSandbox, running_sandbox
from tests.contract.sandbox_salesforce.logins import Signer, make_signer


class VendorHosts(HTTPAdapter):
    """Resolves the vendor's host names to the sandbox; TLS and everything above it stays."""

    def __init__(self, port: int) -> None:
        self._port = port
        super().__init__()

    def send(self, request: PreparedRequest, **options: Any) -> Response:  # type: ignore[override]
        split = urlsplit(str(request.url))
        request.headers["Host"] = split.netloc
        request.url = split._replace(netloc=f"127.0.0.1:{self._port}").geturl()
        return super().send(request, **options | {"timeout": (5, 30)})


@pytest.fixture(scope="module")
def signer() -> Signer:
    return make_signer()


@pytest.fixture(scope="module")
def box(signer: Signer) -> Iterator[RunningSandbox]:
    with running_sandbox("empty", tls=True) as running:
        running.sandbox.act(
            "admin", "register_app", {"client_id": "jwt", "client_secret": "s", "public_key": signer.public}
        )
        running.sandbox.act("admin", "register_app", {"client_id": "bot", "client_secret": "s", "run_as": "bob"})
        yield running


@pytest.fixture
def session(box: RunningSandbox) -> Iterator[Session]:
    """Trusts the sandbox's authority and nobody else; the environment has no say (vendors/salesforce.md §7)."""
    with Session() as opened:
        opened.trust_env = False
        opened.verify = str(box.ca)
        yield opened


def test_a_jwt_log_in_at_the_log_in_host(box: RunningSandbox, session: Session, signer: Signer) -> None:
    session.mount("https://", VendorHosts(box.port))
    client = Client(username="ann@acme.example", consumer_key="jwt", privatekey=signer.private, session=session)
    assert client.sf_instance == "acme.my.salesforce.com"
    assert client.query("SELECT Id FROM Contact")["totalSize"] == 0
    unapproved = pytest.raises(SalesforceAuthenticationFailed, match="user hasn't approved this consumer")
    with unapproved, pytest.warns(UserWarning, match="authorize this"):
        Client(username="eve@acme.example", consumer_key="jwt", privatekey=signer.private, session=session)
    with pytest.raises(SalesforceAuthenticationFailed, match="invalid assertion"):
        Client(username="ann@acme.example", consumer_key="jwt", privatekey=make_signer().private, session=session)


def test_client_credentials_at_my_domain(box: RunningSandbox, session: Session) -> None:
    session.mount("https://", VendorHosts(box.port))
    client = Client(consumer_key="bot", consumer_secret="s", domain="acme.my", session=session)
    client.Contact.create({"LastName": "Bot"})
    assert client.query("SELECT Owner.Alias FROM Contact")["records"][0]["Owner"]["Alias"] == "bob"
    with pytest.raises(SalesforceAuthenticationFailed, match="invalid client credentials"):
        Client(consumer_key="bot", consumer_secret="wrong", domain="acme.my", session=session)


def test_an_ended_session_is_told(box: RunningSandbox, session: Session) -> None:
    session.mount("https://", VendorHosts(box.port))
    client = Client(consumer_key="bot", consumer_secret="s", domain="acme.my", session=session)
    direct = Client(session_id=client.session_id, instance=f"127.0.0.1:{box.port}", session=session, version="68.0")
    assert direct.limits()["DailyApiRequests"]["Max"] == 15000
    box.sandbox.act("admin", "expire_sessions", {"user": "bob"})
    with pytest.raises(SalesforceExpiredSession):
        direct.limits()


def test_bulk_insert_and_query(box: RunningSandbox, session: Session) -> None:
    client = Client(session_id="sandbox-cem", instance=f"127.0.0.1:{box.port}", session=session, version="68.0")
    records = [{"LastName": f'Bulk "{n}"', "Description": "two\nlines, one"} for n in range(3)] + [{"LastName": ""}]
    (done,) = client.bulk2.Contact.insert(records=records, wait=0.01)
    assert (done["numberRecordsTotal"], done["numberRecordsProcessed"], done["numberRecordsFailed"]) == (4, 4, 1)
    failed = client.bulk2.Contact.get_failed_records(done["job_id"])
    assert "REQUIRED_FIELD_MISSING" in failed
    assert client.bulk2.Contact.get_unprocessed_records(done["job_id"]).count("\n") == 1
    pages = list(
        client.bulk2.Contact.query("SELECT Id, LastName FROM Contact ORDER BY LastName", max_records=2, wait=0.01)
    )
    rows = [row for page in pages for row in csv.DictReader(StringIO(page))]
    assert [row["LastName"] for row in rows] == ['Bulk "0"', 'Bulk "1"', 'Bulk "2"']
    (gone,) = client.bulk2.Contact.update(records=[{"Id": rows[0]["Id"], "Description": "#N/A"}], wait=0.01)
    assert gone["numberRecordsFailed"] == 0
    assert client.Contact.get(rows[0]["Id"])["Description"] is None
