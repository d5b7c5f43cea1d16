"""Values at their edges: what is a number, a limit, a link, an address (B5, B6, B8, B11, B13)."""

from dataclasses import replace

import pytest

from mailsync.core.account import without_suffix
from mailsync.core.changes import CrmChanges
from mailsync.core.countries import country_code
from mailsync.core.decision import CrmState
from mailsync.core.fit import fit
from mailsync.core.meaning import fingerprint, same
from mailsync.core.person import Address, FieldType, Flow, Limit
from mailsync.core.phone import SEVERAL, TOO_LONG, TOO_SHORT, UNASSIGNED, Phone, parse_phone
from mailsync.core.states import crm_state
from tests.unit.core.builders import NOW, make_draft, make_pair, make_policy, make_record, values

# B11, F2: phones


@pytest.mark.parametrize(
    ("text", "region", "reason"),
    [
        ("253-4343 / 253-4344", "US", SEVERAL),
        ("+49 1", "US", TOO_SHORT),
        ("+1 650 253 434", "US", UNASSIGNED),
        ("+49 30123456789012", "US", TOO_LONG),
        ("1" * 16 + "-" * 300, "US", TOO_LONG),
    ],
    ids=["two local ones", "one digit", "a digit short", "sixteen digits", "sixteen in a long text"],
)
def test_B11_what_is_no_number_says_why(text: str, region: str, reason: str) -> None:
    assert parse_phone(text, region).unusable == reason


def test_B11_fifteen_digits_in_a_long_text_are_not_too_many() -> None:
    assert parse_phone("1" * 15 + "-" * 300, "US").unusable not in ("", TOO_LONG)
    assert parse_phone("+49 3012345678901", "US").e164 == "+493012345678901"


def test_B11_a_number_of_four_digits_is_one_where_a_country_has_such() -> None:
    assert parse_phone("+683 4002", "US") == Phone("+6834002", "", "", exact=True)


@pytest.mark.parametrize("text", ["tel:+1-650-253-4343", "Tel. 650 253 4343"])
def test_B11_that_it_is_a_telephone_says_nothing_beside_the_number(text: str) -> None:
    assert parse_phone(text, "US").key == "+16502534343"


def test_B11_an_extension_without_a_number_is_no_number() -> None:
    assert Phone("", "12", exact=True).key == ""


@pytest.mark.parametrize("text", ["0068958386", "home: 030 123-4567"])
def test_B11_an_unassigned_number_counts_only_if_it_is_all_that_is_said_and_read_alike_everywhere(text: str) -> None:
    found = parse_phone(text, "BR" if text.startswith("00") else "US")
    assert (found.unusable, found.key, found.e164 != "") == (UNASSIGNED, "", True)


# B13: what fits


def test_B13_a_limit_of_nothing_is_none_and_of_one_is_one() -> None:
    assert fit("Jane", FieldType.TEXT, Limit(0), "US").value == "Jane"
    cut = fit("Jane", FieldType.TEXT, Limit(1), "US")
    assert (cut.value, cut.cut) == ("J", True)


@pytest.mark.parametrize("mark", ["\u20dd", "\u0903", "\u0301"], ids=["enclosing", "spacing", "accent"])
def test_B13_nothing_is_cut_between_a_letter_and_its_mark(mark: str) -> None:
    assert fit(f"ab{mark}cd", FieldType.TEXT, Limit(2), "US").value == "a"
    assert fit(mark * 20, FieldType.TEXT, Limit(10), "US").value == mark * 10, "nothing but marks has no such place"


def test_B13_a_number_that_can_not_lose_its_formatting_is_refused_and_never_emptied() -> None:
    unassigned = "( 0 3 0 ) 1 2 3 - 4 5 6 7"
    assert parse_phone(unassigned, "US").key
    fitted = fit(unassigned, FieldType.PHONE, Limit(12), "US")
    assert (fitted.value, bool(fitted.refused)) == (unassigned, True)


@pytest.mark.parametrize(("kind", "what"), [(FieldType.URL, "This link is"), (FieldType.PICKLIST, "This value is")])
def test_B13_a_refusal_names_what_is_too_long(kind: FieldType, what: str) -> None:
    assert fit("x" * 20, kind, Limit(10), "US").refused.startswith(what)


# B11: what values mean


@pytest.mark.parametrize(
    ("kind", "one", "other"),
    [
        (FieldType.URL, "x.example/a#b/", "x.example/a#b"),
        (FieldType.URL, "x.example/a?b/", "x.example/a?b"),
        (FieldType.ADDRESS, Address("1 Main St\nApt 2"), Address("1 Main St Apt 2")),
    ],
    ids=["fragment", "query", "lines of a street"],
)
def test_B11_these_are_two(kind: FieldType, one: str, other: str) -> None:
    assert not same(one, other, kind, "US")
    assert same(one, one, kind, "US")


def test_B14_only_a_picklist_is_compared_by_its_choices() -> None:
    choices = (("MR", "Mister"),)
    assert same("MR", "Mister", FieldType.PICKLIST, "US", choices)
    assert not same("MR", "Mister", FieldType.TEXT, "US", choices)
    assert not same("MR", "Mister", FieldType.PICKLIST, "US")


def test_B11_a_country_may_be_written_with_an_ampersand() -> None:
    assert country_code("Trinidad & Tobago") == country_code("Trinidad and Tobago") == "TT"


def test_B8_another_value_is_another_fingerprint() -> None:
    fields = make_policy().fields
    prints = {fingerprint(values(Title=t), fields, "US") for t in ("", "CEO", "CTO")}
    assert len(prints) == 3


@pytest.mark.parametrize(
    ("company", "bare"),
    [("Acme, Inc.", "Acme"), ("SPACEX, Inc.", "SPACEX"), ("Acme XInc", "Acme XInc"), ("Inc", "Inc")],
)
def test_B6_a_legal_form_is_a_word_of_its_own(company: str, bare: str) -> None:
    assert without_suffix(company) == bare


@pytest.mark.parametrize(
    ("fault", "traced", "blind"), [("lost", False, True), ("lost", True, False), ("", False, False), ("", True, False)]
)
def test_A16_a_scope_fault_is_blind_only_where_nothing_tells_of_the_pairs(
    fault: str, traced: bool, blind: bool
) -> None:
    changes = CrmChanges((), (), 0, None, {}, {}, True, "", NOW, fault=fault, traced=traced)
    assert changes.blind is blind


# B13, E3: what counts as a change


def test_B13_a_field_that_is_hidden_or_off_is_no_change() -> None:
    policy = make_policy()
    draft, record = make_draft(), make_record(1, Title="CEO")
    hidden = replace(record, values={n: v for n, v in make_record(1).values.items() if n != "Department"})
    assert crm_state(make_draft(hidden), make_pair(1, Department="Sales")) is CrmState.SAME
    off = replace(policy, fields=tuple(replace(f, flow=Flow.OFF) if f.name == "Title" else f for f in policy.fields))
    assert crm_state(make_draft(record, policy=off), make_pair(1)) is CrmState.SAME
    assert crm_state(make_draft(record), make_pair(1)) is CrmState.CHANGED
    assert crm_state(draft, make_pair(1)) is CrmState.SAME
