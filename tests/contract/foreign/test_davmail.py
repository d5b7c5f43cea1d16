"""DavMail 6.0.1, unmodified, between an address book program and the mailbox (vendors/mailbox.md F2).

It writes contacts by MAPI property tags alone, so what arrives in Salesforce went through Exchange's aliases.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.contract.foreign.davmail import AddressBook, running_davmail
from tests.contract.foreign.presence import require
from tests.e2e.stage import Stage, stage

CONTACTS = "contacts"
SYNCED = "contacts/Salesforce Contacts"
CARD = {
    "FN": "Dick Hallorann",
    "N": "Hallorann;Dick;;Mr.;",
    "ORG": "Overlook Söhne;Kitchen",
    "TITLE": "Cook",
    "EMAIL;TYPE=WORK": "dick@overlook.example",
    "TEL;TYPE=WORK,VOICE": "+1 212 555 0101",
    "TEL;TYPE=CELL": "+1 212 555 0102",
    "TEL;TYPE=HOME": "+1 212 555 0103",
    "TEL;TYPE=FAX": "+1 212 555 0104",
    "ADR;TYPE=WORK": ";;1 Mountain Road;Sidewinder;Colorado;80466;USA",
    "NOTE": "two\\nlines",
    "CATEGORIES": "Salesforce",
}


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """After a first session, which made folder and category."""
    require("DavMail")
    with stage(tmp_path_factory.mktemp("home"), auto_removal="allowed") as standing:
        standing.sync()
        yield standing


@pytest.fixture(scope="module")
def book(scene: Stage, tmp_path_factory: pytest.TempPathFactory) -> Iterator[AddressBook]:
    place: Path = tmp_path_factory.mktemp("davmail")
    with running_davmail(f"{scene.url}/EWS/Exchange.asmx", place) as url:
        yield AddressBook(url, "ann@acme.example")


@pytest.mark.rule("A7", "B10", "D1", "L1")
def test_a_card_put_edited_and_deleted_arrives_in_salesforce(scene: Stage, book: AddressBook) -> None:
    assert book.put(CONTACTS, "card-1", **CARD) == 201
    scene.sync()

    record = scene.org.named("Hallorann")
    assert record is not None
    assert {name: record[name] for name in ("FirstName", "Salutation", "Title", "Department", "Email")} == {
        "FirstName": "Dick",
        "Salutation": "Mr.",
        "Title": "Cook",
        "Department": "Kitchen",
        "Email": "dick@overlook.example",
    }
    assert [record[name] for name in ("Phone", "MobilePhone", "HomePhone", "Fax")] == [
        f"+1 212 555 010{n}" for n in (1, 2, 3, 4)
    ]
    assert [record[f"Mailing{part}"] for part in ("Street", "City", "State", "PostalCode", "Country")] == [
        "1 Mountain Road",
        "Sidewinder",
        "Colorado",
        "80466",
        "USA",
    ]
    assert record["Description"] is None, "notes stay in the mailbox until their field is turned on"
    assert scene.ann.get("Dick Hallorann").body == "two\nlines"
    assert book.names(CONTACTS) == []
    assert book.names(SYNCED) == ["card-1.vcf"]
    scene.assert_settled()

    changed = CARD | {"TITLE": "Chef", "TEL;TYPE=CELL": "+1 212 555 0199", "NOTE": "gone south"}
    assert book.put(SYNCED, "card-1", **changed) == 201  # DavMail says so of updates, too
    assert book.names(SYNCED) == ["card-1.vcf"]
    scene.sync()
    edited = scene.org.get(record["Id"])
    assert [edited[name] for name in ("Title", "MobilePhone", "Phone")] == [
        "Chef",
        "+1 212 555 0199",
        "+1 212 555 0101",
    ]
    scene.assert_settled()

    assert book.delete(SYNCED, "card-1") == 200
    scene.sync()
    assert scene.org.named("Hallorann") is None
    assert book.names(SYNCED) == []
    scene.assert_settled()


@pytest.mark.rule("A6", "A17", "B10")
def test_what_salesforce_holds_is_a_card(scene: Stage, book: AddressBook) -> None:
    assert book.put(CONTACTS, "friend", FN="Wendy Friend", N="Friend;Wendy;;;") == 201
    record = scene.org.create(
        FirstName="Jack",
        LastName="Torrance",
        Title="Caretaker",
        Email="jack@overlook.example",
        MobilePhone="+1 212 555 0150",
        MailingCity="Boulder",
    )
    scene.sync()
    (name,) = book.names(SYNCED)
    card = book.get(SYNCED, name.removesuffix(".vcf").removesuffix(".EML"))
    assert card["N"] == "Torrance;Jack;;;"
    assert card["TITLE"] == "Caretaker"
    assert card["EMAIL;TYPE=work"] == "jack@overlook.example"
    assert card["TEL;TYPE=cell"] == "+1 212 555 0150"
    assert card["ADR;TYPE=work"] == ";;;Boulder;;;"
    assert card["CATEGORIES"] == "Salesforce"
    scene.org.update(record, Title="Writer")
    scene.sync()
    assert book.get(SYNCED, name.removesuffix(".vcf").removesuffix(".EML"))["TITLE"] == "Writer"
    assert scene.org.named("Friend") is None
    assert book.names(CONTACTS) == ["friend.vcf"]


def test_a_wrong_password_is_refused(scene: Stage, book: AddressBook) -> None:
    assert AddressBook(book.url, book.user, "guessed").put(CONTACTS, "stranger", **CARD) == 401
    assert book.names(CONTACTS).count("stranger.vcf") == 0
