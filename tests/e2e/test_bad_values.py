"""B11, B13, B14, L5: hostile, odd and over-long values in every text field, in both directions, and back again."""

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from exchangelib.indexed_properties import EmailAddress
from exchangelib.items import Contact

from tests.e2e.people import FOLDER
from tests.e2e.stage import Stage, stage

HOSTILE = {
    "emoji": "Ada 👩🏽‍💻 𝔘nicode 🇩🇪",
    "bidi": "\u202eevil\u202c \u200fעברית \u2066x\u2069",
    "combining": "Zoe\u0301 A\u030angstro\u0308m",
    "tab": "left\tright",
    "quotes": "O'Neil \"the\" \\ \\n \\' `x`",
    "wildcards": "100%_ ?* [a-z] {x} {{y}} ${z} %s",
    "markup": "<b>&amp;</b> ]]> <!-- --> &#x41; <?p?>",
    "soql": "' OR Name != ' --",
    "json": '{"a": [null, "\\u0000"]}',
    "formula": "=HYPERLINK(1)+@{ref.id}",
    "words": "null None NaN undefined",
    "signs": ".,;:-/()[]@#+~",
}
TEXTS = {
    "FirstName": "given_name",
    "MiddleName": "middle_name",
    "LastName": "surname",
    "Suffix": "generation",
    "Title": "job_title",
    "Department": "department",
    "AssistantName": "assistant_name",
}
PARTS = {"Street": "street", "City": "city", "State": "state", "PostalCode": "zipcode", "Country": "country"}
PHONES = {
    "two": "+1 415 555 0101 or 0102",
    "two whole": "+1 415 555 0101 / +1 415 555 0102",
    "letters": "1-800-FLOWERS",
    "extension": "+1 (415) 555-0101 ext. 12",
    "words": "ask the porter",
    "short": "112",
    "signs": "(((---)))",
    "arabic": "\u0664\u0661\u0665 \u0665\u0665\u0665 \u0660\u0661\u0660\u0661",
    "bidi": "\u202a+1 415 555 0101\u202c",
}


def all_texts(text: str, short: str) -> dict[str, str]:
    """Every text field of a Contact; a postal code takes 20 characters."""
    texts = dict.fromkeys(TEXTS, text)
    return texts | {f"Mailing{part}": short if part == "PostalCode" else text for part in PARTS}


def held_by(contact: Contact) -> dict[str, str]:
    """The same fields as Outlook shows them, by Salesforce's names."""
    shown = {name: str(getattr(contact, attribute) or "") for name, attribute in TEXTS.items()}
    address = next(a for a in contact.physical_addresses if a.label == "Business")
    return shown | {f"Mailing{part}": getattr(address, attribute) for part, attribute in PARTS.items()}


def folder_with(*items: Mapping[str, Any]) -> dict[str, Any]:
    """A world in which ann's folder holds these items from before: what no Outlook would let a person type."""
    box = {"user": "ann", "address": "ann@acme.example", "folders": [{"name": FOLDER, "items": list(items)}]}
    return {"exchange": {"mailboxes": [box]}}


def issue_fields(report: Mapping[str, Any], rule: str = "B13") -> list[str]:
    return sorted(i["field"] for i in report["issues"] if i["rule"] == rule)


def settle(scene: Stage) -> None:
    for _ in range(2):
        scene.assert_settled()


def test_B11_hostile_texts_go_up_as_typed_and_stay(synced: Stage):
    for tag, text in HOSTILE.items():
        texts = {attribute: text for name, attribute in TEXTS.items() if name not in ("FirstName", "LastName")}
        address = {attribute: text[:20].strip() if part == "PostalCode" else text for part, attribute in PARTS.items()}
        synced.ann.create(synced.ann.folder, text, text, display_name=tag, business=address, **texts)
    report = synced.sync()
    assert (report["salesforce"]["created"], report["issues"]) == (len(HOSTILE), [])
    records = {i.display_name: synced.org.get(i.sf_id) for i in synced.ann.all_in()}
    for tag, text in HOSTILE.items():
        expected = all_texts(text, text[:20].strip())
        assert {name: records[tag][name] for name in expected} == expected, tag
    settle(synced)
    for tag, text in HOSTILE.items():
        assert held_by(synced.ann.get(tag)) == all_texts(text, text[:20].strip()), tag


def test_B11_hostile_texts_come_down_as_typed_and_stay(synced: Stage):
    made = {tag: synced.org.create(**all_texts(text, text[:20].strip())) for tag, text in HOSTILE.items()}
    report = synced.sync()
    assert (report["mailbox"]["created"], report["issues"]) == (len(HOSTILE), [])
    items = {i.sf_id: i for i in synced.ann.account.fetch(ids=synced.ann.all_in())}
    for tag, text in HOSTILE.items():
        assert held_by(items[made[tag]]) == all_texts(text, text[:20].strip()), tag
    settle(synced)
    for tag, text in HOSTILE.items():
        record = synced.org.get(made[tag])
        expected = all_texts(text, text[:20].strip())
        assert {name: record[name] for name in expected} == expected, tag


def test_B11_hostile_texts_are_edited_both_ways(synced: Stage):
    """The same texts as updates, which take another way through both vendors than creates."""
    for tag in HOSTILE:
        synced.ann.create(synced.ann.folder, "Kim", tag)
    synced.sync()
    for tag, text in HOSTILE.items():
        kim = synced.ann.get(f"Kim {tag}")
        synced.ann.edit(kim, job_title=text)
        synced.org.update(kim.sf_id, Department=text, MailingStreet=text)
    report = synced.sync()
    assert (report["salesforce"]["updated"], report["issues"]) == (len(HOSTILE), [])
    for tag, text in HOSTILE.items():
        kim = synced.ann.get(f"Kim {tag}")
        assert synced.org.get(kim.sf_id)["Title"] == text, tag
        assert (kim.department, kim.physical_addresses[0].street) == (text, text), tag
    settle(synced)


@pytest.mark.parametrize("company", [t for tag, t in HOSTILE.items() if tag != "tab"])
def test_B5_hostile_companies_are_looked_up_literally(scene: Stage, company: str):
    account = scene.org.create("Account", Name=company)
    scene.org.create("Account", Name="Decoy")
    scene.sync()
    scene.ann.create(scene.ann.folder, "Zoe", "Quinn", company_name=company)
    report = scene.sync()
    assert report["issues"] == []
    assert scene.org.named("Quinn")["AccountId"] == account
    scene.assert_settled()


def test_B2_hostile_names_are_matched_literally(synced: Stage):
    """Names go into queries: each finds its own namesake and no other."""
    synced.set(view="all")
    for tag, text in HOSTILE.items():
        record = synced.admin.create(FirstName=tag, LastName=text)
        synced.act("share", record=record, user="ann")
    synced.set(direction="up")
    for tag, text in HOSTILE.items():
        synced.ann.create(synced.ann.folder, tag, text, display_name=tag)
    report = synced.sync("held")
    assert report["salesforce"]["created"] == 0
    assert sum(h["count"] for h in report["holds"] if h["rule"] == "B2") == len(HOSTILE)


def test_B13_control_characters_of_the_mailbox_never_go_up_and_nothing_fails(tmp_path: Path):
    text = "A\x01d\x00a\x1f\x7f\ufffe"
    item = {"GivenName": text, "Surname": f"Love{text}", "DisplayName": "Ada", "JobTitle": text, "Department": text}
    address = {"Street": "1\x0b2\x00", "City": text}
    world = folder_with(item | {"PhysicalAddresses": {"Business": address}, "PhoneNumbers": {"HomePhone": "5\x005"}})
    with stage(tmp_path, world) as scene:
        report = scene.sync()
        assert (report["salesforce"]["created"], report["issues"]) == (1, [])
        (record,) = scene.org.all("FirstName", "Title", "MailingCity", "MailingStreet", "HomePhone")
        for name in ("FirstName", "Title", "MailingCity"):
            assert record[name].replace("?", "") == "Ada"  # Exchange answers "?" for some of them
        assert record["MailingStreet"].startswith("1")
        assert all(ord(c) >= 32 and c not in "\x7f\ufffe" for name in ("FirstName", "HomePhone") for c in record[name])
        settle(scene)


def test_B13_control_characters_of_salesforce_never_come_down(synced: Stage):
    text = "A\x01d\x00a\x1f\x7f\ufffe"
    record = synced.org.create(FirstName=text, LastName=f"Love{text}", Title=text, MailingCity=text, HomePhone="5\x005")
    report = synced.sync()
    assert (report["mailbox"]["created"], report["issues"]) == (1, [])
    ada = synced.ann.get("Ada LoveAda")
    assert (ada.job_title, ada.physical_addresses[0].city) == ("Ada", "Ada")
    settle(synced)
    assert synced.org.get(record)["Title"] == text
    synced.ann.edit(ada, department="R&D")
    synced.sync()
    assert (synced.org.get(record)["Title"], synced.org.get(record)["Department"]) == (text, "R&D")
    settle(synced)


def test_B13_names_of_four_thousand_characters_are_cut_towards_salesforce_alone(tmp_path: Path):
    long = "Wolfeschlegelstein " * 210
    fields = {"GivenName": long, "Surname": long, "JobTitle": long, "Department": long, "AssistantName": long}
    world = folder_with(fields | {"DisplayName": "Wolfe", "MiddleName": long, "Generation": long})
    with stage(tmp_path, world) as scene:
        report = scene.sync()
        assert report["salesforce"]["created"] == 1
        assert issue_fields(report) == sorted(TEXTS)
        assert all(i["item_id"] or i["salesforce_id"] for i in report["issues"])
        (record,) = scene.org.all(*TEXTS)
        assert all(long.startswith(record[name]) for name in TEXTS)
        for name, length in {"FirstName": 40, "LastName": 80, "Title": 128}.items():
            assert record[name] == long[:length].rstrip()
        settle(scene)
        wolfe = scene.ann.get("Wolfe")
        assert (wolfe.job_title.strip(), wolfe.surname.strip()) == (long.strip(), long.strip())
        scene.org.update(record["Id"], Title="Chief")
        scene.sync()
        assert (scene.ann.get("Wolfe").job_title, scene.ann.get("Wolfe").surname.strip()) == ("Chief", long.strip())
        settle(scene)


def test_B13_what_is_never_cut_is_left_out_and_named(tmp_path: Path):
    """An e-mail address or a phone number that is cut would be somebody else's."""
    phones = {"BusinessPhone": "+1 415 555 0101 ask for the second secretary", "MobilePhone": "5" * 300}
    item = {"GivenName": "Zoe", "Surname": "Quinn", "DisplayName": "Zoe Quinn", "JobTitle": "CTO"}
    emails = {"EmailAddress1": f"{'z' * 200}@x.example"}
    with stage(tmp_path, folder_with(item | {"PhoneNumbers": phones, "EmailAddresses": emails})) as scene:
        report = scene.sync()
        assert report["salesforce"]["created"] == 1
        assert issue_fields(report) == ["Email", "MobilePhone", "Phone"]
        record = scene.org.named("Quinn")
        assert (record["Email"], record["MobilePhone"], record["Phone"], record["Title"]) == (None, None, None, "CTO")
        settle(scene)
        zoe = scene.ann.get("Zoe Quinn")
        assert {p.label: p.phone_number for p in zoe.phone_numbers if p.phone_number} == phones
        assert zoe.email_addresses[0].email == emails["EmailAddress1"]
        scene.ann.set_email(zoe, "zoe@x.example")
        scene.ann.set_phone(scene.ann.get("Zoe Quinn"), "MobilePhone", "+1 415 555 0102")
        assert issue_fields(scene.sync()) == ["Phone"]
        record = scene.org.named("Quinn")
        assert (record["Email"], record["MobilePhone"]) == ("zoe@x.example", "+1 415 555 0102")
        settle(scene)


def test_B11_odd_phones_go_both_ways_as_typed(synced: Stage):
    for tag, number in PHONES.items():
        synced.ann.create(synced.ann.folder, "Up", tag, phones={"BusinessPhone": number, "HomePhone": "1"})
        synced.org.create(FirstName="Down", LastName=tag, Phone=number, OtherPhone="+49 30 1234567")
    assert synced.sync()["issues"] == []
    for tag, number in PHONES.items():
        up, down = synced.ann.get(f"Up {tag}"), synced.ann.get(f"Down {tag}")
        assert synced.org.get(up.sf_id)["Phone"] == number, tag
        numbers = {p.label: p.phone_number for p in down.phone_numbers}
        assert (numbers["BusinessPhone"], numbers["OtherTelephone"]) == (number, "+49 30 1234567"), tag
    settle(synced)


def test_B11_line_ends_of_streets_and_notes_never_ping_pong(synced: Stage):
    synced.set(description="both")
    street, notes = "Hall 3\r\nGate 7\nDock 1", "one\r\n\r\n  two\t\r\nthree\n"
    synced.ann.create(synced.ann.folder, "Up", "Quinn", business={"street": street, "city": "Berlin"}, body=notes)
    record = synced.org.create(FirstName="Down", LastName="Doe", MailingStreet=street, Description=notes)
    report = synced.sync()
    assert report["issues"] == []
    assert synced.org.named("Quinn")["MailingStreet"].split() == street.split()
    assert synced.org.named("Quinn")["Description"].split() == notes.split()
    down = synced.ann.get("Down Doe")
    assert (down.physical_addresses[0].street.split(), str(down.body).split()) == (street.split(), notes.split())
    settle(synced)
    assert synced.org.get(record)["MailingStreet"] == street


@pytest.mark.parametrize(
    "email",
    ["zoe@", "@x.example", "zoe x@x.example", "zoe@x", "a@x.example; b@x.example", "Zoe <zoe@x.example>", "x400"],
)
def test_B13_a_malformed_address_is_left_out_until_mended(synced: Stage, email: str):
    synced.ann.create(synced.ann.folder, "Zoe", "Quinn", email=email)
    report = synced.sync()
    assert (report["salesforce"]["created"], issue_fields(report)) == (1, ["Email"])
    assert "e-mail" in report["issues"][0]["message"]
    assert synced.org.named("Quinn")["Email"] is None
    settle(synced)
    zoe = synced.ann.get("Zoe Quinn")
    assert zoe.email_addresses[0].email == email
    synced.ann.edit(zoe, email_addresses=[EmailAddress(label="EmailAddress1", email="zoe+tag.o'x@sub.x.example")])
    assert synced.sync()["issues"] == []
    assert synced.org.named("Quinn")["Email"] == "zoe+tag.o'x@sub.x.example"
    settle(synced)


@pytest.mark.parametrize("day", [date(2000, 2, 29), date(1899, 12, 30), date(1752, 9, 14), date(2031, 1, 1)])
def test_B11_days_of_birth_are_the_same_day_on_both_sides(synced: Stage, day: date):
    synced.ann.create(synced.ann.folder, "Up", "Quinn", birthday=day)
    synced.org.create(FirstName="Down", LastName="Doe", Birthdate=day.isoformat())
    report = synced.sync()
    assert report["issues"] == []
    assert synced.org.named("Quinn")["Birthdate"] == day.isoformat()
    assert synced.ann.get("Down Doe").birthday == day
    settle(synced)


def test_B13_a_date_that_no_calendar_of_salesforce_has_is_left_out(tmp_path: Path):
    """1650 is before Salesforce's first, 4200 after its last."""
    items = [
        {"GivenName": "Kim", "Surname": f"Y{day[:4]}", "DisplayName": f"Kim Y{day[:4]}", "Birthday": day}
        for day in ("1650-05-05", "4200-02-28")
    ]
    with stage(tmp_path, folder_with(*items)) as scene:
        report = scene.sync()
        assert report["salesforce"]["created"] == 2
        assert issue_fields(report) == ["Birthdate"] * 2
        assert [r["Birthdate"] for r in scene.org.all("Birthdate")] == [None, None]
        settle(scene)
        assert scene.ann.get("Kim Y4200").birthday == date(4200, 2, 28)


@pytest.mark.parametrize("none", ["4501-01-01", "4501-01-01T00:00:00Z", "4500-12-31T23:00:00Z"])
def test_B4_B11_the_day_that_outlook_has_for_none_is_blank(tmp_path: Path, none: str):
    """Outlook writes 1 January 4501, midnight of the user's zone, where no date is set."""
    item = {"GivenName": "Kim", "Surname": "Doe", "DisplayName": "Kim Doe", "Birthday": none}
    with stage(tmp_path, folder_with(item)) as scene:
        report = scene.sync()
        assert (report["salesforce"]["created"], report["issues"]) == (1, [])
        (record,) = scene.org.all("Birthdate")
        assert record["Birthdate"] is None
        settle(scene)
        scene.org.update(record["Id"], Birthdate="1980-02-29")
        assert scene.sync()["issues"] == []
        assert scene.ann.get("Kim Doe").birthday == date(1980, 2, 29)
        settle(scene)
