"""A person of Google, read and changed: what a slot means, and that nothing else is touched (L7, B10, C1, C2)."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailsync.core.person import Address, Flow
from mailsync.core.refs import FieldName, Version
from mailsync.mailbox.google.merging import as_update, change_person
from mailsync.mailbox.google.merging import make_person as make_new
from mailsync.mailbox.google.properties import Unfit
from mailsync.mailbox.google.reading import read_flat, read_item
from mailsync.mailbox.google.service import StrictModel
from mailsync.mapping.interpreter import write
from mailsync.mapping.table import load
from tests.contract.google.persons import FRIENDS, LABEL, LABELS, PROBLEM, TABLE, change, draft, edit, make_person

FULL: dict[str, Any] = {
    "FirstName": "Zoë",
    "MiddleName": "Ann",
    "LastName": "Quinn",
    "Suffix": "Jr.",
    "Salutation": "Dr.",
    "Title": "CTO",
    "Department": "R&D",
    "Company": "Initech",
    "Email": "zoe@initech.example",
    "Phone": "(415) 555-0101",
    "MobilePhone": "+1 415 555 0102 ext. 7",
    "HomePhone": "3",
    "OtherPhone": "4",
    "Fax": "5",
    "AssistantPhone": "6",
    "AssistantName": "Max",
    "MailingAddress": Address("1 Main St\nFloor 2", "Ulm", "BW", "89073", "Germany"),
    "OtherAddress": Address("2 Side St", "Bern", "", "3000", "CH"),
    "Birthdate": "1980-02-29",
}


def values_of(person: dict[str, Any]) -> dict[str, Any]:
    return dict(read_item(person, LABELS, TABLE).values)


def test_every_field_comes_back_as_it_was_written() -> None:
    fields = make_new(draft(FULL, "https://x.example/003"), LABELS, TABLE, "mailsyncKey")
    item = read_item(make_person() | fields, LABELS, TABLE)
    assert dict(item.values) == FULL
    assert (item.inside, item.categories, item.record, item.key) == (
        True,
        ("Salesforce",),
        "003000000000001AAA",
        "key-1",
    )
    assert (item.web_page, item.emails, item.version) == ("https://x.example/003", ("zoe@initech.example",), "#e1")


def test_a_new_contact_is_among_the_persons_contacts_too() -> None:
    """A contact without myContacts is in no list that a person looks at (vendors/mailbox.md D1)."""
    fields = make_new(draft({"LastName": "Q"}), LABELS, TABLE, "mailsyncKey")
    groups = [m["contactGroupMembership"]["contactGroupResourceName"] for m in fields["memberships"]]
    assert groups == ["contactGroups/myContacts", LABEL]
    assert "urls" not in fields
    assert {e["key"]: e["value"] for e in fields["clientData"]} == {
        "salesforceId": "003000000000001AAA",
        "mailsyncKey": "key-1",
    }


def test_B10_an_edit_replaces_its_own_fields_alone() -> None:
    person = make_person(LABEL, names=[{"givenName": "Zoe", "familyName": "Quinn", "displayName": "Zoe Quinn"}])
    assert set(change_person(person, edit({"FirstName": "Zoë"}), LABELS, TABLE)) == {"names"}
    assert set(change_person(person, edit({"Title": "CTO", "Phone": "1"}), LABELS, TABLE)) == {
        "organizations",
        "phoneNumbers",
    }


def test_L1_what_is_there_already_is_not_sent() -> None:
    fields = make_new(draft(FULL, "https://x.example/003"), LABELS, TABLE, "mailsyncKey")
    same = edit(FULL, web_page="https://x.example/003", record="003000000000001AAA", categories=("Salesforce",))
    assert change_person(make_person() | fields, same, LABELS, TABLE) == {}


RICH = make_person(
    LABEL,
    FRIENDS,
    names=[
        {
            "metadata": {"primary": True, "sourcePrimary": True, "source": {"type": "CONTACT", "id": "3c1"}},
            "displayName": "Zoe Quinn",
            "displayNameLastFirst": "Quinn, Zoe",
            "unstructuredName": "Zoe Quinn",
            "givenName": "Zoe",
            "familyName": "Quinn",
            "phoneticGivenName": "Zo-i",
            "phoneticFamilyName": "Kwin",
        }
    ],
    emailAddresses=[
        {"value": "second@x.example", "type": "home", "formattedType": "Home", "displayName": "Zoe at home"},
        {"metadata": {"primary": True, "sourcePrimary": True}, "value": "first@x.example", "type": "work"},
        {"value": "third@x.example"},
    ],
    phoneNumbers=[
        {"value": "1", "type": "work", "canonicalForm": "+1", "formattedType": "Work"},
        {"value": "2", "type": "pager"},
        {"value": "3", "type": "work"},
        {"value": "4", "type": "Boat"},
        {"value": "5"},
    ],
    addresses=[
        {"type": "home", "streetAddress": "1 Home St", "city": "Home", "formattedValue": "1 Home St\nHome"},
        {
            "type": "work",
            "streetAddress": "1 Work St",
            "extendedAddress": "Floor 2",
            "poBox": "7",
            "city": "Work",
            "country": "Germany",
            "countryCode": "DE",
            "formattedValue": "1 Work St\nWork",
        },
    ],
    organizations=[
        {"name": "Old Corp", "title": "Clerk", "current": False},
        {"name": "Initech", "title": "CTO", "current": True, "costCenter": "77", "domain": "initech.example"},
    ],
    relations=[{"person": "Sam", "type": "spouse"}, {"person": "Max", "type": "assistant"}],
    birthdays=[{"date": {"year": 1980, "month": 2, "day": 29}, "text": "02/29/1980"}],
    urls=[{"value": "https://zoe.example", "type": "homePage"}],
    clientData=[{"key": "other-app", "value": "theirs"}, {"key": "salesforceId", "value": "003000000000001AAA"}],
)


def entries(person: dict[str, Any], field: str, **chosen: Any) -> list[dict[str, Any]]:
    return [e for e in person[field] if all(e.get(k) == v for k, v in chosen.items())]


def test_L7_what_no_mapping_names_is_what_it_was() -> None:
    """updateMask replaces a field whole and clears what is missing from it (vendors/mailbox.md D1)."""
    after = change(
        RICH,
        edit(
            {
                "FirstName": "Zoë",
                "Email": "new@x.example",
                "Phone": "10",
                "MailingAddress": Address("1 Work St", "Ulm", "", "", "Austria"),
                "Title": "CEO",
                "AssistantName": "Mia",
                "Birthdate": "1981-01-02",
            },
            record="003000000000002AAA",
            web_page="https://x.example/003",
        ),
    )
    (name,) = after["names"]
    assert (name["givenName"], name["phoneticGivenName"], name["phoneticFamilyName"]) == ("Zoë", "Zo-i", "Kwin")
    assert "unstructuredName" not in name  # Google would take the name from it again
    assert [e["value"] for e in after["emailAddresses"]] == ["second@x.example", "new@x.example", "third@x.example"]
    assert after["emailAddresses"][0]["displayName"] == "Zoe at home"
    assert [(e.get("type"), e["value"]) for e in after["phoneNumbers"]] == [
        ("work", "10"),
        ("pager", "2"),
        ("work", "3"),
        ("Boat", "4"),
        (None, "5"),
    ]
    assert entries(after, "addresses", type="home") == entries(RICH, "addresses", type="home")
    (work,) = entries(after, "addresses", type="work")
    assert (work["city"], work["country"], work["extendedAddress"], work["poBox"]) == ("Ulm", "Austria", "Floor 2", "7")
    assert "countryCode" not in work
    assert "formattedValue" not in work
    assert after["organizations"][0] == RICH["organizations"][0]
    assert after["organizations"][1] == {**RICH["organizations"][1], "title": "CEO"}
    assert after["relations"][0] == RICH["relations"][0]
    assert after["birthdays"] == [{"date": {"year": 1981, "month": 1, "day": 2}}]
    assert after["urls"] == [*RICH["urls"], {"type": "Salesforce", "value": "https://x.example/003"}]
    assert {"key": "other-app", "value": "theirs"} in after["clientData"]
    assert after["memberships"] is RICH["memberships"]


def test_output_only_parts_are_never_sent() -> None:
    """The discovery document calls them output only; a strict server refuses them."""
    fields = change_person(RICH, edit({"FirstName": "Z", "Phone": "9", "Email": "n@x.example"}), LABELS, TABLE)
    sent = str(fields)
    for barred in ("formattedType", "canonicalForm", "displayNameLastFirst", "'primary'", "'source'"):
        assert barred not in sent
    assert entries(fields, "emailAddresses", value="n@x.example")[0]["metadata"] == {"sourcePrimary": True}


def test_the_leading_entry_is_meant_where_a_slot_has_no_type() -> None:
    found = values_of(RICH)
    assert (found["Email"], found["Company"], found["Title"]) == ("first@x.example", "Initech", "CTO")
    assert read_item(RICH, LABELS, TABLE).emails == ("second@x.example", "first@x.example", "third@x.example")


def test_types_of_numbers_compare_without_case() -> None:
    found = values_of(
        make_person(LABEL, phoneNumbers=[{"type": "assistant", "value": "6"}, {"type": "WORK", "value": "1"}])
    )
    assert (found["AssistantPhone"], found["Phone"]) == ("6", "1")


@pytest.mark.parametrize(
    ("field", "blank"),
    [("Email", ""), ("Phone", ""), ("AssistantName", ""), ("MailingAddress", Address())],
)
def test_L8_a_slot_that_was_emptied_does_not_fill_itself_from_the_persons_further_entries(
    field: str, blank: Any
) -> None:
    person = RICH | {
        "relations": [*RICH["relations"], {"person": "Mo", "type": "assistant"}],
        "addresses": [{"type": "work", "city": "First"}, {"type": "work", "city": "Second"}],
    }
    after = change(person, edit({field: blank}))
    assert values_of(after)[field] == blank
    again = change(after, edit({field: blank}))
    assert again == after
    back = {"Email": "back@x.example", "MailingAddress": Address(city="Back")}.get(field, "77")
    filled = change(after, edit({field: back}))
    assert values_of(filled)[field] == back
    kind = {"Email": "emailAddresses", "Phone": "phoneNumbers", "AssistantName": "relations"}.get(field, "addresses")
    kept = [e for e in after[kind] if e not in filled[kind]]
    assert kept == []


def test_a_value_equal_to_a_further_entry_is_the_slots_all_the_same() -> None:
    person = make_person(LABEL, phoneNumbers=[{"type": "work", "value": "1"}, {"type": "work", "value": "1"}])
    emptied = change(person, edit({"Phone": ""}))
    assert values_of(emptied)["Phone"] == ""
    assert values_of(change(emptied, edit({"Phone": "1"})))["Phone"] == "1"


def test_a_further_entry_that_a_person_edits_becomes_the_slots() -> None:
    after = change(RICH, edit({"Phone": ""}))
    assert values_of(after)["Phone"] == ""
    edited = after | {"phoneNumbers": [e | {"value": "33"} if e["value"] == "3" else e for e in after["phoneNumbers"]]}
    assert values_of(edited)["Phone"] == "33"


def test_two_slots_of_one_field_are_emptied_in_one_edit() -> None:
    person = make_person(
        LABEL,
        phoneNumbers=[{"type": t, "value": v} for t, v in (("work", "1"), ("home", "2"), ("pager", "3"))],
    )
    after = change(person, edit({"Phone": "", "HomePhone": ""}))
    assert after["phoneNumbers"] == [{"type": "pager", "value": "3"}]


def test_dates_without_a_year_and_rich_notes_are_the_mailboxs_alone() -> None:
    table = load("google").with_flows({FieldName("Description"): Flow.BOTH})
    yearless = make_person(LABEL, birthdays=[{"date": {"month": 2, "day": 29}}])
    assert "Birthdate" not in read_item(yearless, LABELS, table).values
    rich = make_person(LABEL, biographies=[{"value": "<b>x</b>", "contentType": "TEXT_HTML"}])
    assert "Description" not in read_item(rich, LABELS, table).values
    with pytest.raises(Unfit):
        change_person(rich, edit({"Description": "plain"}), LABELS, table)
    with pytest.raises(Unfit):
        change_person(yearless, edit({"Birthdate": "1980-02-29"}), LABELS, table)
    plain = make_person(LABEL, biographies=[{"value": "old", "contentType": "TEXT_PLAIN"}])
    after = {**plain, **change_person(plain, edit({"Description": "new"}), LABELS, table)}
    assert after["biographies"] == [{"value": "new", "contentType": "TEXT_PLAIN"}]


def test_a_date_that_is_none_is_refused_before_it_spoils_a_batch() -> None:
    with pytest.raises(Unfit) as refused:
        change_person(make_person(LABEL), edit({"Birthdate": "soon"}), LABELS, TABLE)
    assert refused.value.name == "birthdays.date"


def test_an_address_in_one_text_stands_for_the_street_and_is_not_lost() -> None:
    person = make_person(LABEL, addresses=[{"type": "work", "formattedValue": "1 Work St\nUlm"}])
    assert values_of(person)["MailingAddress"] == Address("1 Work St\nUlm")
    after = change(person, edit({"MailingAddress": Address("1 Work St\nUlm", city="Ulm")}))
    assert after["addresses"] == [{"type": "work", "streetAddress": "1 Work St\nUlm", "city": "Ulm"}]


def test_C1_our_labels_are_the_categories_and_the_persons_own_stay() -> None:
    marked = change(RICH, edit(categories=("Salesforce", "Sync Error", "Sync Error: LastName missing")))
    item = read_item(marked, LABELS, TABLE)
    assert item.categories == ("Salesforce", "Sync Error", "Sync Error: LastName missing")
    groups = [m["contactGroupMembership"]["contactGroupResourceName"] for m in marked["memberships"]]
    assert groups == ["contactGroups/myContacts", FRIENDS, LABEL, PROBLEM]
    mended = change(marked, edit(categories=("Salesforce",)))
    assert read_item(mended, LABELS, TABLE).categories == ("Salesforce",)
    assert mended["clientData"] == RICH["clientData"]


def test_A9_marks_come_off_and_a_contact_stays_in_some_group() -> None:
    only = RICH | {"memberships": [{"contactGroupMembership": {"contactGroupResourceName": LABEL}}]}
    after = change(only, edit(categories=(), record="", web_page=""))
    item = read_item(after, LABELS, TABLE)
    assert (item.inside, item.record, item.categories) == (False, None, ())
    groups = [m["contactGroupMembership"]["contactGroupResourceName"] for m in after["memberships"]]
    assert groups == ["contactGroups/myContacts"]
    assert after["clientData"] == [{"key": "other-app", "value": "theirs"}]


def test_B15_an_update_is_bound_to_the_version_that_was_read() -> None:
    sent = as_update(RICH, {"names": [{"givenName": "Z"}]})
    assert sent == {
        "resourceName": "people/c1",
        "metadata": {"sources": [{"type": "CONTACT", "id": "3c1", "etag": "#e1"}]},
        "names": [{"givenName": "Z"}],
    }
    assert read_item(RICH, LABELS, TABLE).version == Version("#e1")


def test_A6_a_contact_that_may_be_personal_has_no_values() -> None:
    item = read_item(make_person(clientData=RICH["clientData"]), LABELS, TABLE, whole=False)
    assert (item.inside, item.values, item.record) == (False, {}, "003000000000001AAA")


TEXT = st.sampled_from(["", "1", "2", "x"])
TYPES = st.sampled_from(["work", "home", "mobile", "other", "Assistant", "pager", "", "WORKFAX"])
PHONES = ("Phone", "MobilePhone", "HomePhone", "OtherPhone", "Fax", "AssistantPhone")


@given(
    st.lists(st.tuples(TYPES, st.sampled_from(["1", "2", "3"])), max_size=6),
    st.lists(st.fixed_dictionaries({}, optional=dict.fromkeys(PHONES, TEXT)), max_size=4),
)
def test_L7_L8_whatever_the_edits_slots_hold_them_and_all_other_numbers_stay(
    present: list[tuple[str, str]], edits: list[dict[str, str]]
) -> None:
    person = make_person(LABEL, phoneNumbers=[{"type": t, "value": v} if t else {"value": v} for t, v in present])
    foreign = [e for e in person["phoneNumbers"] if e.get("type") in (None, "pager")]
    for values in edits:
        before = values_of(person)
        person = change(person, edit(values))
        after = values_of(person)
        assert {n: after[n] for n in PHONES} == {n: values.get(n, before[n]) for n in PHONES}
        assert [e for e in person["phoneNumbers"] if e.get("type") in (None, "pager")] == foreign


def test_every_property_of_the_table_is_a_place() -> None:
    table = load("google").with_flows({FieldName("Description"): Flow.BOTH})
    values = {FieldName(n): v for n, v in (FULL | {"Description": "x"}).items()}
    assert set(write(table, "google", values)) == set(table.properties("google"))
    assert set(read_flat(make_person(), table)) == set(table.properties("google"))


def test_L7_halves_of_surrogate_pairs_are_sent_along_as_escapes() -> None:
    """JSON can hold them, UTF-8 can't."""
    body = {"contacts": {"people/1": {"nicknames": [{"value": "\ud83d"}], "names": [{"givenName": "Zo\xeb"}]}}}
    assert json.loads(StrictModel().serialize(body)) == body
