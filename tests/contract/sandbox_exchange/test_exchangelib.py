"""A client nobody here wrote, over HTTP: exchangelib drives the sandbox unmodified."""

from collections.abc import Iterator

import pytest
from exchangelib import (
    DELEGATE,
    Account,
    Build,
    Configuration,
    Credentials,
    EWSTimeZone,
    ExtendedProperty,
    Folder,
    Version,
)
from exchangelib.errors import ErrorFolderExists, ErrorIrresolvableConflict, ErrorServerBusy, UnauthorizedError
from exchangelib.folders import Contacts
from exchangelib.indexed_properties import EmailAddress, PhoneNumber, PhysicalAddress
from exchangelib.items import Contact
from exchangelib.protocol import close_connections

from mailsync.sandbox.exchange import Exchange
from mailsync.sandbox.server import RunningSandbox, running_sandbox

VERSION = Version(Build(15, 2, 1748, 10))
WORLD = {"exchange": {"mailboxes": [{"user": "ann", "address": "ann@acme.example"}]}}


class SalesforceId(ExtendedProperty):
    property_set_id = "6b1f0c9e-52a4-4d0b-9f0e-3c7d5a8e2f41"
    property_name = "SalesforceId"
    property_type = "String"


@pytest.fixture(scope="module", autouse=True)
def salesforce_id() -> Iterator[None]:
    # exchangelib's registry is global to the process, and other tests of the same process register it too.
    known = "sf_id" in [f.name for f in Contact.FIELDS]
    if not known:
        Contact.register("sf_id", SalesforceId)
    yield
    if not known:
        Contact.deregister("sf_id")


@pytest.fixture
def running() -> Iterator[RunningSandbox]:
    with running_sandbox(WORLD, makers=(Exchange,)) as sandbox:
        yield sandbox
        close_connections()


def log_in(running: RunningSandbox, password: str = "sandbox", version: Version | None = VERSION) -> Account:
    config = Configuration(
        service_endpoint=f"{running.url}/EWS/Exchange.asmx",
        credentials=Credentials("ann@acme.example", password),
        auth_type="basic",
        version=version,
    )
    return Account(
        "ann@acme.example", config=config, access_type=DELEGATE, default_timezone=EWSTimeZone("UTC"), locale="en_US"
    )


@pytest.fixture
def account(running: RunningSandbox) -> Account:
    return log_in(running)


def make_contact(folder: Folder, name: str, **fields: object) -> Contact:
    return Contact(folder=folder, given_name="Jo", surname=name, display_name=f"Jo {name}", **fields)


def test_a_life_of_contacts(account: Account) -> None:
    folder = Contacts(parent=account.contacts, name="Salesforce Contacts", folder_class="IPF.Contact").save()
    with pytest.raises(ErrorFolderExists):
        Contacts(parent=account.contacts, name="salesforce contacts", folder_class="IPF.Contact").save()
    one = make_contact(
        folder,
        "One",
        categories=["Salesforce"],
        sf_id="003A",
        email_addresses=[EmailAddress(label="EmailAddress1", email="one@x.example")],
        phone_numbers=[PhoneNumber(label="MobilePhone", phone_number="+1 2")],
        physical_addresses=[PhysicalAddress(label="Business", street="1 Main St", city="Ulm", zipcode="89073")],
        body="note",
    )
    created = account.bulk_create(folder=folder, items=[one, make_contact(folder, "Two")])
    changes = list(folder.sync_items(only_fields=["given_name", "surname", "categories", "phone_numbers"]))
    assert [(kind, item.surname) for kind, item in changes] == [("create", "Two"), ("create", "One")]
    assert changes[1][1].categories == ["Salesforce"]
    state = folder.item_sync_state

    (found,) = folder.filter(sf_id="003A")
    assert found.id == created[0].id
    assert [each.surname for each in folder.filter(categories__contains=["salesforce"])] == ["One"]
    assert found.physical_addresses[0].city == "Ulm"
    whole = folder.get(id=found.id)
    assert (whole.body, whole.company_name, whole.complete_name.full_name) == ("note", None, "Jo One")

    stale = folder.get(id=found.id)
    whole.surname = "Eins"
    whole.phone_numbers = [PhoneNumber(label="MobilePhone", phone_number="+1 3")]
    whole.save(update_fields=["surname", "phone_numbers"], conflict_resolution="NeverOverwrite")
    stale.surname = "Late"
    with pytest.raises(ErrorIrresolvableConflict):
        stale.save(update_fields=["surname"], conflict_resolution="NeverOverwrite")

    moved = folder.get(id=created[1].id)
    moved.move(account.contacts)
    assert moved.id != created[1].id
    assert {
        (kind, getattr(item, "surname", None))
        for kind, item in folder.sync_items(sync_state=state, only_fields=["surname"])
    } == {
        ("update", "Eins"),
        ("delete", None),
    }
    account.bulk_delete([(created[0].id, None)], delete_type="MoveToDeletedItems")
    assert folder.all().count() == 0
    (binned,) = account.trash.all().only("subject")
    assert binned.id != created[0].id


def test_sync_asks_for_everything(account: Account) -> None:
    account.bulk_create(folder=account.contacts, items=[make_contact(account.contacts, f"N{n}") for n in range(120)])
    seen = {item.surname for _, item in account.contacts.sync_items()}
    assert len(seen) == 120


def test_the_folder_tree(account: Account) -> None:
    folder = Contacts(parent=account.contacts, name="Clients", folder_class="IPF.Contact").save()
    assert (account.contacts / "Clients").id == folder.id
    names = {each.name for _, each in account.root.sync_hierarchy()}
    assert {"Contacts", "Clients", "Deleted Items", "Recipient Cache"} <= names
    folder.name = "Customers"
    folder.save(update_fields=["name"])
    folder.refresh()
    assert folder.name == "Customers"
    folder.delete()


def test_versions_are_detected(running: RunningSandbox) -> None:
    assert log_in(running, version=None).version.build.major_version == 15


def test_wrong_passwords_and_throttling(running: RunningSandbox, account: Account) -> None:
    with pytest.raises(UnauthorizedError):
        log_in(running, "wrong").contacts.refresh()
    running.sandbox.add_fault(
        {"vendor": "exchange", "operation": "GetFolder", "kind": "throttle", "milliseconds": 1500}
    )
    with pytest.raises(ErrorServerBusy) as busy:
        account.root.refresh()
    assert busy.value.back_off == 1.5
