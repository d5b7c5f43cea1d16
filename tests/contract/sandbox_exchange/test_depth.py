"""exchangelib, unmodified, where it goes beyond contacts: NTLM, notifications, files, lists, other people's mailboxes.

Everything that goes over the wire is held against Microsoft's schema when a test ends.
"""

import threading
import time
from collections.abc import Iterator

import pytest
import requests
from exchangelib import (
    DELEGATE,
    IMPERSONATION,
    Account,
    Build,
    Configuration,
    Contact,
    Credentials,
    DistributionList,
    EWSTimeZone,
    FileAttachment,
    Mailbox,
    Version,
)
from exchangelib.autodiscover.protocol import AutodiscoverProtocol
from exchangelib.errors import (
    ErrorExpiredSubscription,
    ErrorImpersonateUserDenied,
    ErrorItemNotFound,
    ErrorSubscriptionNotFound,
    UnauthorizedError,
)
from exchangelib.properties import (
    CreatedEvent,
    Member,
    ModifiedEvent,
    MovedEvent,
    StatusEvent,
)
from exchangelib.protocol import close_connections
from exchangelib.services import GetStreamingEvents
from requests_ntlm import HttpNtlmAuth

from mailsync.sandbox.exchange import Exchange
from mailsync.sandbox.server import RunningSandbox, running_sandbox
from tests.contract.sandbox_exchange.oracle import list_violations
from tests.contract.sandbox_exchange.wire import envelope

VERSION = Version(Build(15, 2, 1748, 10))
WORLD = {"exchange": {"mailboxes": [{"user": "ann"}, {"user": "eve"}]}}
PICTURE = b"\xff\xd8\xff\xe0 a small picture"
GET = "<m:GetFolder><m:FolderShape><t:BaseShape>IdOnly</t:BaseShape></m:FolderShape><m:FolderIds>" + (
    '<t:DistinguishedFolderId Id="contacts"/></m:FolderIds></m:GetFolder>'
)


@pytest.fixture
def running() -> Iterator[RunningSandbox]:
    with running_sandbox(WORLD, makers=(Exchange,)) as sandbox:
        yield sandbox
        close_connections()
        violations = list_violations(sandbox.sandbox.log.entries())
        # exchangelib names ExpandDL's Mailbox in the wrong one of the two namespaces; Exchange takes it all the same.
        assert [each for each in violations if " ExpandDL request" not in each] == []


def log_in(running: RunningSandbox, auth: str | None = "NTLM", login: str = "ann@acme.example", **more) -> Account:
    config = Configuration(
        service_endpoint=f"{running.url}/EWS/Exchange.asmx",
        credentials=Credentials(login, more.get("password", "sandbox")),
        auth_type=auth,
        version=more.get("version", VERSION),
        max_connections=more.get("connections", 1),
    )
    return Account(
        more.get("address", "ann@acme.example"),
        config=config,
        access_type=more.get("access", DELEGATE),
        default_timezone=EWSTimeZone("UTC"),
        locale="en_US",
    )


@pytest.fixture
def ann(running: RunningSandbox) -> Account:
    return log_in(running)


def list_statuses(running: RunningSandbox) -> list[tuple[str, int | None]]:
    return [(entry.call.operation, entry.status) for entry in running.sandbox.log.entries()]


@pytest.mark.parametrize("login", ["ann@acme.example", "ACME\\ann", "acme.example\\Ann"])
def test_ntlm_authenticates_the_connection(running: RunningSandbox, login: str) -> None:
    account = log_in(running, login=login)
    account.contacts.refresh()
    account.contacts.refresh()
    knocks, rest = list_statuses(running)[:2], list_statuses(running)[2:]
    assert knocks == [("authenticate", 401)] * 2
    assert len(rest) > 1
    assert set(rest) == {("GetFolder", 200)}
    entries = running.sandbox.log.entries()
    assert "authorization" not in entries[-1].request.headers
    assert len({entry.request.connection for entry in entries}) == 1


def test_everything_is_detected(running: RunningSandbox) -> None:
    account = log_in(running, auth=None, version=None)
    account.contacts.refresh()
    assert account.protocol.auth_type == "NTLM"
    assert account.version.build.major_version == 15


def test_a_wrong_password_is_refused_over_ntlm(running: RunningSandbox) -> None:
    with pytest.raises(UnauthorizedError):
        log_in(running, password="wrong").contacts.refresh()
    assert {status for _, status in list_statuses(running)} == {401}


def test_an_authenticated_connection_is_nobody_elses(running: RunningSandbox) -> None:
    url = f"{running.url}/EWS/Exchange.asmx"
    with requests.Session() as known, requests.Session() as stranger:
        headers = {"content-type": "text/xml"}
        body = envelope(GET)
        assert known.post(url, body, headers=headers, auth=HttpNtlmAuth("ACME\\ann", "sandbox")).status_code == 200
        assert known.post(url, body, headers=headers).status_code == 200
        refused = stranger.post(url, body, headers=headers)
        assert (refused.status_code, refused.headers["www-authenticate"]) == (401, 'NTLM, Basic realm="acme.example"')
        running.sandbox.add_fault({"vendor": "exchange", "kind": "expire_token"})
        assert [known.post(url, body, headers=headers).status_code for _ in range(2)] == [401, 401]
        for token in ("NTLM", "NTLM %%%", "NTLM TlRMTVNTUAADAAAA", "NTLM TlRMTVNTUAABAAAA"):
            assert stranger.post(url, body, headers={**headers, "authorization": token}).status_code == 401


def test_pull_notifications(running: RunningSandbox, ann: Account) -> None:
    identifier, watermark = ann.contacts.subscribe_to_pull(timeout=5)
    (quiet,) = ann.contacts.get_events(identifier, watermark)
    assert [type(event) for event in quiet.events] == [StatusEvent]
    contact = Contact(folder=ann.contacts, display_name="Jo").save()
    contact.move_to_trash()
    (told,) = ann.contacts.get_events(identifier, watermark)
    assert [type(event) for event in told.events] == [CreatedEvent, ModifiedEvent, MovedEvent, ModifiedEvent]
    assert told.events[0].item_id.id == told.events[2].old_item_id.id
    running.sandbox.advance(6 * 60)
    with pytest.raises(ErrorExpiredSubscription):
        list(ann.contacts.get_events(identifier, watermark))
    with pytest.raises(ErrorSubscriptionNotFound):
        ann.contacts.unsubscribe(identifier)


def test_streaming_notifications(running: RunningSandbox) -> None:
    account = log_in(running, connections=2)
    identifier = account.contacts.subscribe_to_streaming()
    told: list[object] = []

    def listen() -> None:
        for notification in account.contacts.get_streaming_events(identifier, connection_timeout=1):
            told.extend(notification.events)

    listener = threading.Thread(target=listen)
    listener.start()
    other = log_in(running, auth="basic")
    Contact(folder=other.contacts, display_name="Jo").save()
    _wait_for(lambda: bool(told))
    running.sandbox.advance(61)
    listener.join(5)
    assert not listener.is_alive(), "the vendors' clock ends a stream"
    assert [type(event) for event in told] == [CreatedEvent, ModifiedEvent]
    assert account.affinity_cookie.startswith("SANDBOX-EX1")
    account.contacts.unsubscribe(identifier)


def _wait_for(holds) -> None:
    until = time.monotonic() + 5
    while not holds() and time.monotonic() < until:
        time.sleep(0.01)
    assert holds()


def test_a_client_that_hangs_up_frees_its_stream(running: RunningSandbox) -> None:
    account = log_in(running, auth="basic", connections=2)
    identifier = account.contacts.subscribe_to_streaming()
    service = GetStreamingEvents(account=account)
    response = requests.post(
        f"{running.url}/EWS/Exchange.asmx",
        service.wrap(service.get_payload([identifier], 30), "Exchange2016"),
        headers={"content-type": "text/xml"},
        auth=("ann@acme.example", "sandbox"),
        stream=True,
        timeout=5,
    )
    assert response.headers["transfer-encoding"] == "chunked"
    hub = running.sandbox.vendor("exchange")._hub
    assert hub.streams["ann"] == 1
    response.close()
    _wait_for(lambda: hub.streams["ann"] == 0)


def test_files_and_photos(ann: Account) -> None:
    contact = Contact(folder=ann.contacts, display_name="Jo").save()
    contact.attach(FileAttachment(name="ContactPicture.jpg", content=PICTURE, is_contact_photo=True))
    found = ann.contacts.get(id=contact.id)
    assert (found.has_picture, found.has_attachments) == (True, True)
    assert found.attachments[0].content == PICTURE
    with found.attachments[0].fp as file:
        assert file.read() == PICTURE
    found.detach(found.attachments)
    again = ann.contacts.get(id=contact.id)
    assert (again.has_picture, again.attachments) == (False, [])
    with_file = Contact(
        folder=ann.contacts, display_name="Al", attachments=[FileAttachment(name="a.txt", content=b"text")]
    ).save()
    assert ann.contacts.get(id=with_file.id).attachments[0].content == b"text"


def test_lists_and_their_expansion(ann: Account) -> None:
    members = [Member(mailbox=Mailbox(name="Al", email_address="al@x.example", routing_type="SMTP"))]
    team = DistributionList(folder=ann.contacts, display_name="Team", members=members).save()
    assert [type(item) for item in ann.contacts.all()] == [DistributionList]
    (expanded,) = ann.protocol.expand_dl(Mailbox(name="Team", email_address="Team", mailbox_type="PrivateDL"))
    assert expanded.email_address == "al@x.example"
    (again,) = ann.contacts.all().only("members")
    assert (again.id, [each.mailbox.name for each in again.members]) == (team.id, ["Al"])


def test_acting_for_somebody_else(running: RunningSandbox) -> None:
    own = log_in(running)
    Contact(folder=own.contacts, display_name="Of Ann").save()
    acting = log_in(running, login="admin@acme.example", access=IMPERSONATION)
    assert [item.display_name for item in acting.contacts.all()] == ["Of Ann"]
    with pytest.raises(ErrorImpersonateUserDenied):
        log_in(running, login="eve@acme.example", access=IMPERSONATION).contacts.refresh()


def test_configurations(ann: Account) -> None:
    found = ann.calendar.get_user_configuration("CategoryList")
    assert b"<categories" in found.xml_data
    with pytest.raises(ErrorItemNotFound):
        ann.calendar.get_user_configuration("Own")
    ann.calendar.create_user_configuration(name="Own", dictionary={"a": ["x", "y"], "b": 3}, binary_data=b"\x00")
    own = ann.calendar.get_user_configuration("Own")
    assert (own.dictionary, own.binary_data, own.xml_data) == ({"a": ("x", "y"), "b": 3}, b"\x00", None)
    ann.calendar.update_user_configuration(name="Own", xml_data=b"<x/>")
    assert ann.calendar.get_user_configuration("Own").binary_data == b"\x00"
    ann.calendar.delete_user_configuration("Own")


def test_the_dumpster(ann: Account) -> None:
    Contact(folder=ann.contacts, display_name="Soft").save().soft_delete()
    Contact(folder=ann.contacts, display_name="Hard").save().delete()
    assert [item.display_name for item in ann.recoverable_items_deletions.all()] == ["Soft"]
    assert [item.display_name for item in ann.recoverable_items_purges.all()] == ["Hard"]


def test_autodiscover(running: RunningSandbox) -> None:
    protocol = AutodiscoverProtocol(
        config=Configuration(
            service_endpoint=f"{running.url}/Autodiscover/Autodiscover.svc",
            credentials=Credentials("ann@acme.example", "sandbox"),
            auth_type=None,
        )
    )
    found = protocol.get_user_settings("ann@acme.example")
    found.raise_errors()
    assert found.autodiscover_smtp_address == "ann@acme.example"
    assert found.ews_url == f"{running.url}/EWS/Exchange.asmx"
    assert found.version.api_version == "Exchange2016"
