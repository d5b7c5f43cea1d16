"""google-api-python-client and google-auth, unmodified, over HTTP."""

from collections.abc import Iterator
from typing import Any

import pytest
from google.auth.exceptions import RefreshError
from google.auth.transport.requests import Request as Transport
from google.oauth2 import service_account
from google.oauth2.credentials import Credentials
from googleapiclient.discovery import build
from googleapiclient.errors import HttpError

from mailsync.sandbox.google.grants import CONTACTS
from mailsync.sandbox.server import RunningSandbox, running_sandbox
from tests.contract.sandbox_google.oracle import list_violations
from tests.contract.sandbox_google.wire import etag_of

ALL = "names,phoneNumbers,memberships,metadata,clientData"


@pytest.fixture
def box() -> Iterator[RunningSandbox]:
    with running_sandbox("empty") as running:
        yield running
        assert list_violations(running.sandbox.log.entries()) == []


def open_service(box: RunningSandbox, credentials: Any) -> Any:
    options = {"api_endpoint": box.url}
    return build("people", "v1", credentials=credentials, client_options=options, static_discovery=True)


def test_a_list_of_everything(box: RunningSandbox) -> None:
    service = open_service(box, Credentials("sandbox-bob"))
    group = service.contactGroups().create(body={"contactGroup": {"name": "Salesforce"}}).execute()
    people = [{"contactPerson": {"names": [{"givenName": f"N{at}"}]}} for at in range(7)]
    made = service.people().batchCreateContacts(body={"contacts": people, "readMask": ALL}).execute()["createdPeople"]
    names = [each["person"]["resourceName"] for each in made]
    service.contactGroups().members().modify(
        resourceName=group["resourceName"], body={"resourceNamesToAdd": names[:3]}
    ).execute()
    lists = service.people().connections()
    request = lists.list(resourceName="people/me", personFields=ALL, pageSize=3, requestSyncToken=True)
    seen, answer = [], {}
    while request is not None:
        answer = request.execute()
        seen += answer["connections"]
        request = lists.list_next(request, answer)
    assert len(seen) == 7
    one = service.people().get(resourceName=names[0], personFields=ALL).execute()
    body = {**etag_of(one), "phoneNumbers": [{"value": "+12125550101"}]}
    service.people().updateContact(resourceName=names[0], updatePersonFields="phoneNumbers", body=body).execute()
    service.people().batchDeleteContacts(body={"resourceNames": names[5:]}).execute()
    changes = lists.list(
        resourceName="people/me", personFields=ALL, pageSize=3, requestSyncToken=True, syncToken=answer["nextSyncToken"]
    ).execute()
    assert len(changes["connections"]) == 3
    with pytest.raises(HttpError) as refused:
        service.people().updateContact(resourceName=names[0], updatePersonFields="phoneNumbers", body=body).execute()
    assert (refused.value.status_code, "Clear local cache" in refused.value.reason) == (400, True)
    found = service.people().getBatchGet(resourceNames=[names[1], names[6]], personFields="names").execute()
    assert [each["httpStatusCode"] for each in found["responses"]] == [200, 404]
    with pytest.raises(HttpError) as refused:
        service.contactGroups().create(body={"contactGroup": {"name": "Salesforce"}}).execute()
    assert refused.value.status_code == 409


def test_refresh_tokens_and_service_accounts(box: RunningSandbox) -> None:
    given = box.sandbox.act("bob", "consent", {"scopes": [CONTACTS]})
    user = Credentials(
        None,
        refresh_token=given["refresh_token"],
        token_uri=f"{box.url}/token",
        client_id=given["client_id"],
        client_secret=given["client_secret"],
        scopes=[CONTACTS],
    )
    key = box.sandbox.act("admin", "service_account_key", {"url": box.url})
    robot = service_account.Credentials.from_service_account_info(key, scopes=[CONTACTS], subject="bob@acme.example")
    for credentials in (user, robot):
        credentials.refresh(Transport())
        service = open_service(box, credentials)
        assert service.people().connections().list(resourceName="people/me", personFields="names").execute() == {}
    box.sandbox.act("bob", "revoke_access", {})
    with pytest.raises(RefreshError, match="invalid_grant"):
        user.refresh(Transport())
    with pytest.raises(RefreshError, match="Invalid email or User ID"):
        robot.with_subject("cem@nowhere.example").refresh(Transport())


def test_a_page_of_a_thousand() -> None:
    contacts = [
        {
            "names": [{"givenName": f"N{at}", "familyName": "Family"}],
            "phoneNumbers": [{"value": f"+1212555{at:04}", "type": "work"}],
            "emailAddresses": [{"value": f"n{at}@x.example"}],
        }
        for at in range(1000)
    ]
    with running_sandbox({"google": {"mailboxes": [{"user": "bob", "contacts": contacts}]}}) as box:
        service = open_service(box, Credentials("sandbox-bob"))
        request = service.people().connections().list(resourceName="people/me", personFields=ALL, pageSize=1000)
        assert len(request.execute()["connections"]) == 1000
