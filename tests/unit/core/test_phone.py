"""Phone numbers as people type them."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from mailsync.core.phone import (
    NO_NUMBER,
    NO_REGION,
    SEVERAL,
    TOO_LONG,
    TOO_SHORT,
    UNASSIGNED,
    Phone,
    parse_phone,
)


@pytest.mark.parametrize(
    ("text", "region", "e164", "extension"),
    [
        ("(650) 253-4343", "US", "+16502534343", ""),
        ("+1 650-253-4343", "DE", "+16502534343", ""),
        ("1.650.253.4343", "US", "+16502534343", ""),
        ("+1 650-253-4343 ext. 12", "US", "+16502534343", "12"),
        ("650 253 4343 x12", "us", "+16502534343", "12"),
        ("+16502534343;ext=12", "", "+16502534343", "12"),
        ("tel:+1-650-253-4343;ext=12", "US", "+16502534343", "12"),
        ("+1 650 253 4343", "XX", "+16502534343", ""),
        ("030 1234567", "DE", "+49301234567", ""),
        ("(0)30 1234567", "DE", "+49301234567", ""),
        ("030/1234567", "DE", "+49301234567", ""),
        ("033203/123456", "DE", "+4933203123456", ""),
        ("+49 (0)30 1234567", "US", "+49301234567", ""),
        ("0049 30 1234567", "DE", "+49301234567", ""),
        ("020 7946 0000", "GB", "+442079460000", ""),
        ("06 1234 5678", "IT", "+390612345678", ""),
        ("\u202a+1 650-253-4343\u202c", "US", "+16502534343", ""),
        ("６５０２５３４３４３", "US", "+16502534343", ""),
        ("650\n253\t4343", "US", "+16502534343", ""),
    ],
)
def test_a_number_is_recognised_with_its_extension(text: str, region: str, e164: str, extension: str) -> None:
    assert parse_phone(text, region) == Phone(e164, extension, "", exact=True)


@pytest.mark.parametrize(
    ("text", "region", "reason"),
    [
        ("", "US", NO_NUMBER),
        ("ask Bob", "US", NO_NUMBER),
        ("650-253-4343 (only in the mornings)", "US", NO_NUMBER),
        ("650 253 4343 / 650 253 4344", "US", SEVERAL),
        ("030 1234567 oder 0171 1234567", "DE", SEVERAL),
        ("+16502534343, +16502534344", "US", SEVERAL),
        ("030 123456 / 030 987", "DE", TOO_LONG),
        ("12345678901234567890", "US", TOO_LONG),
        ("x" * 300, "US", NO_NUMBER),
        ("112", "DE", TOO_SHORT),
        ("911", "US", TOO_SHORT),
        ("(0)30 1234567", "US", UNASSIGNED),
        ("+999 123456789", "US", UNASSIGNED),
        ("253-4343", "US", UNASSIGNED),
        ("030 1234567", "", NO_REGION),
        ("030 1234567", "XX", NO_REGION),
    ],
)
def test_what_is_no_number_says_why(text: str, region: str, reason: str) -> None:
    found = parse_phone(text, region)
    assert found.unusable == reason
    assert found.plain == ""


@pytest.mark.rule("B11")
def test_the_key_holds_the_extension() -> None:
    assert parse_phone("650-253-4343 ext 12", "US").key == "+16502534343;ext=12"
    assert parse_phone("650-253-4343", "US").key == "+16502534343"


@pytest.mark.parametrize("text", ["home: 650 253 4343", "1-800-FLOWERS"])
def test_words_around_a_number_are_part_of_its_meaning(text: str) -> None:
    found = parse_phone(text, "US")
    assert found.e164.startswith("+1")
    assert (found.unusable, found.key) == ("", "")


@pytest.mark.rule("B11")
def test_a_full_length_number_without_a_plan_keeps_a_key() -> None:
    assert parse_phone("0301234567", "US").key == parse_phone("(030) 123-4567", "US").key == "+10301234567"


@given(st.text(max_size=60), st.sampled_from(["US", "DE", "GB", "", "XX", "u"]))
@example("+", "US")
@example("+1", "")
@example("\ud800", "US")
@example("１２", "DE")
def test_no_text_raises(text: str, region: str) -> None:
    found = parse_phone(text, region)
    assert bool(found.e164) or bool(found.unusable)


TYPED = st.text("0123456789+()-/. x", min_size=4, max_size=24)


@given(TYPED, st.sampled_from(["US", "DE", "GB", "IT", "BR", "RU"]))
def test_the_plain_form_is_the_same_number_everywhere(text: str, region: str) -> None:
    found = parse_phone(text, region)
    if found.plain and found.exact:
        again = parse_phone(found.plain, "FR")
        assert (again.key, again.unusable) == (found.key, "")
