"""What is sent: as typed where it fits, cut or refused where it does not (B13, B14)."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from mailsync.core.fit import Fit, fit, fits_whole
from mailsync.core.meaning import same
from mailsync.core.person import Address, FieldType, Limit, Value, is_blank

pytestmark = pytest.mark.rule("B13")

FAMILY = "\U0001f468\u200d\U0001f469\u200d\U0001f467"  # one picture of five code points
PARTS = (255, 40, 80, 20, 80)
SALUTATION = Limit(40, choices=(("Mr.", "Herr"), ("Ms.", "Frau")), restricted=True)


def fitted(value: Value, kind: FieldType, length: int = 10) -> Fit:
    return fit(value, kind, Limit(length), "US")


@pytest.mark.parametrize(
    ("text", "sent"),
    [
        ("  Jane ", "Jane"),
        ("Jane  Lee", "Jane  Lee"),  # as typed where it fits
        ("Jane\r\nLee", "Jane Lee"),
        ("Ja\x00ne\x1f", "Jane"),
        ("Ja\ud800ne", "Jane"),
        ("\t \x07", ""),
        ("Jane      Lee", "Jane Lee"),  # spaces go before anything is cut
        ("Jose\u0301 Lee Jr", "José Lee Jr"[:10]),
        ("José\u0301\u0302", "José\u0301\u0302"),
    ],
)
def test_a_name_as_it_is_sent(text: str, sent: str) -> None:
    assert fitted(text, FieldType.NAME).value == sent


@pytest.mark.parametrize("kind", [FieldType.TEXT, FieldType.NAME, FieldType.MULTILINE])
@pytest.mark.parametrize(
    ("text", "sent"),
    [
        ("abcdefghijk", "abcdefghij"),
        ("abcdefghi jk", "abcdefghi"),
        ("abcdefghix\u0323\u0324y", "abcdefghi"),
        ("abcdefgh" + FAMILY, "abcdefgh"),
        ("abcdefghi\U0001f44d\U0001f3fd", "abcdefghi"),
        ("\U0001f44d" * 11, "\U0001f44d" * 10),  # characters count, not UTF-16 units
        ("\u0323" * 11, "\u0323" * 10),
    ],
)
def test_a_text_is_cut_between_characters_and_marked(kind: FieldType, text: str, sent: str) -> None:
    assert fitted(text, kind) == Fit(sent, cut=True)


def test_composing_makes_room_before_anything_is_cut() -> None:
    assert fitted("Jose\u0301 Mari\u0301a", FieldType.NAME) == Fit("José María")


@pytest.mark.parametrize(
    ("text", "sent", "cut"),
    [
        ("a\r\nb\rc", "a\nb\nc", False),
        ("a  \nb", "a  \nb", False),
        ("a          \nb", "a\nb", False),
        ("abcdefghi\r\njk", "abcdefghi", True),
        ("\nabc\tde\n\n", "abc\tde", False),
    ],
)
def test_lines_are_ended_by_lf_before_they_are_cut(text: str, sent: str, cut: bool) -> None:
    assert fitted(text, FieldType.MULTILINE) == Fit(sent, cut)


def test_an_address_is_fitted_part_by_part() -> None:
    address = Address("1 Main St\r\nFloor 2 ", "u" * 41, " BW", "8" * 20, "Germany\x00")
    found = fit(address, FieldType.ADDRESS, Limit(parts=PARTS), "US")
    assert found == Fit(Address("1 Main St\nFloor 2", "u" * 40, "BW", "8" * 20, "Germany"), cut=True)


def test_an_address_without_parts_has_one_length_for_all() -> None:
    assert fitted(Address("s" * 11, "c" * 10), FieldType.ADDRESS) == Fit(Address("s" * 10, "c" * 10), cut=True)
    assert fitted("Main St", FieldType.ADDRESS) == Fit(Address("Main St"))


def test_an_address_in_another_field_is_refused_without_raising() -> None:
    assert fitted(Address("x"), FieldType.NAME).refused


@pytest.mark.parametrize(
    ("text", "length", "sent"),
    [
        ("(650) 253-4343", 40, "(650) 253-4343"),
        ("see assistant", 40, "see assistant"),
        ("+1  (650)  253 - 4343", 12, "+16502534343"),
        ("(650) 253-4343 extension 12", 16, "+16502534343 x12"),
        ("650 253 4343\n", 12, "650 253 4343"),
        ("ask    Bob", 7, "ask Bob"),
    ],
)
def test_a_phone_loses_formatting_only_where_it_must(text: str, length: int, sent: str) -> None:
    assert fitted(text, FieldType.PHONE, length) == Fit(sent)


@pytest.mark.parametrize("text", ["(650) 253-4343 ext 12", "home: 650 253 4343", "650 253 4343 / 650 253 4344"])
def test_a_phone_is_never_cut(text: str) -> None:
    found = fitted(text, FieldType.PHONE, 12)
    assert (found.value, found.cut) == (text, False)
    assert "12 characters" in found.refused


@pytest.mark.parametrize(
    "text",
    [
        "jane",
        "jane@example",
        "a b@example.com",
        "a@b@example.com",
        "@example.com",
        "jane@.com",
        "jane@a..b",
        "Jane <j@example.com>",
        "a@example.com, b@example.com",
        "a@example.com;b@example.com",
        "j\n@example.com",
    ],
)
def test_an_impossible_address_is_refused(text: str) -> None:
    found = fitted(text, FieldType.EMAIL, 80)
    assert "no e-mail address" in found.refused
    assert found.value == text


@pytest.mark.parametrize(
    ("text", "sent"),
    [
        (" Jane.O'Neil+x@Example.co.uk ", "Jane.O'Neil+x@Example.co.uk"),
        ("\u200bjane@example.com", "jane@example.com"),
        ("jörg@bücher.example", "jörg@bücher.example"),
        ("jane@example.com\x00", "jane@example.com"),
    ],
)
def test_an_address_is_sent_as_typed(text: str, sent: str) -> None:
    assert fitted(text, FieldType.EMAIL, 80) == Fit(sent)


def test_a_long_address_is_refused_and_never_cut() -> None:
    assert "80 characters" in fitted("j" * 80 + "@example.com", FieldType.EMAIL, 80).refused


@pytest.mark.parametrize("day", ["1700-01-01", "1980-02-29", "4000-12-31"])
def test_a_day_that_salesforce_takes(day: str) -> None:
    assert fit(f" {day}", FieldType.DATE, Limit(0), "US") == Fit(day)
    assert fit(f"{day}T11:59:00Z", FieldType.DATE, Limit(0), "US") == Fit(day)


@pytest.mark.parametrize("day", ["1699-12-31", "4001-01-01", "1604-02-29", "4501-01-01"])
def test_a_day_out_of_range_is_refused(day: str) -> None:
    assert "1700 to 4000" in fitted(day, FieldType.DATE).refused


@pytest.mark.parametrize("day", ["1979-02-29", "29.2.1980", "--02-29", "19800229", "soon", "1980-W09-5", "１980-02-29"])
def test_no_day_is_refused(day: str) -> None:
    assert "no date" in fitted(day, FieldType.DATE).refused


@pytest.mark.rule("B14")
@pytest.mark.parametrize(("typed", "sent"), [("Mr.", "Mr."), ("herr", "Mr."), (" FRAU ", "Ms.")])
def test_a_restricted_picklist_gets_the_code(typed: str, sent: str) -> None:
    assert fit(typed, FieldType.PICKLIST, SALUTATION, "US") == Fit(sent)


@pytest.mark.rule("B14")
def test_an_unknown_choice_is_refused_where_restricted_and_kept_elsewhere() -> None:
    assert "restricted picklist" in fit("Prof.", FieldType.PICKLIST, SALUTATION, "US").refused
    assert fit("Prof.", FieldType.PICKLIST, Limit(40, choices=SALUTATION.choices), "US") == Fit("Prof.")
    assert fit("Herr", FieldType.PICKLIST, Limit(255), "US") == Fit("Herr")
    assert "40 characters" in fit("x" * 41, FieldType.PICKLIST, Limit(40), "US").refused


def test_a_link_is_refused_rather_than_cut() -> None:
    assert fitted(" https://a.example ", FieldType.URL, 17) == Fit("https://a.example")
    assert fitted("https://a.example/long", FieldType.URL, 17).refused


@pytest.mark.parametrize("kind", FieldType)
@pytest.mark.parametrize("blank", ["", " ", "\r\n", "\x00"])
def test_blank_fits_everywhere(kind: FieldType, blank: str) -> None:
    limit = Limit(10, restricted=True, choices=(("x", "y"),))
    found = fit(blank, kind, limit, "US")
    assert is_blank(found.value)
    assert (found.cut, found.refused) == (False, "")


SECRET = "Zyzzyva-4711"


@pytest.mark.rule("L9")
@pytest.mark.parametrize("kind", [FieldType.PHONE, FieldType.EMAIL, FieldType.DATE, FieldType.PICKLIST, FieldType.URL])
def test_a_refusal_is_a_sentence_that_names_its_rule_and_not_the_value(kind: FieldType) -> None:
    found = fit(SECRET, kind, Limit(5, restricted=True), "US")
    assert found.refused.endswith(("(B13)", "(B14)"))
    assert SECRET not in found.refused


TEXTS = st.text(max_size=40) | st.text("0123456789+() -x@.a\n\r\u0301\u200d", max_size=40)
VALUES = TEXTS | st.builds(Address, *(st.text(max_size=12),) * 5)
LIMITS = st.builds(
    Limit,
    st.integers(0, 30),
    st.none() | st.tuples(*(st.integers(1, 12),) * 5),
    restricted=st.booleans(),
    choices=st.just(()) | st.just((("0", "a"), ("1", "0"))),
)


@given(VALUES, st.sampled_from(FieldType), LIMITS, st.sampled_from(["US", "DE", ""]))
@example("+1  (650)  253 - 4343", FieldType.PHONE, Limit(12), "US")
@example("e\u0301" * 8, FieldType.NAME, Limit(10), "US")
def test_formats_never_ping_pong(value: Value, kind: FieldType, limit: Limit, region: str) -> None:
    found = fit(value, kind, limit, region)
    if found.refused:
        assert (found.value, found.cut) == (value, False)
        return
    if not found.cut:
        assert same(found.value, value, kind, region, limit.choices)
    assert fit(found.value, kind, limit, region) == Fit(found.value)


@given(TEXTS, st.sampled_from(FieldType), st.integers(1, 30))
def test_what_is_sent_fits_and_can_be_written(text: str, kind: FieldType, length: int) -> None:
    found = fit(text, kind, Limit(length), "US")
    if found.refused or kind is FieldType.DATE:
        return
    texts = (found.value.street,) if isinstance(found.value, Address) else (found.value,)
    assert all(len(t) <= length for t in texts)
    assert not [c for t in texts for c in t if (c < " " and c not in "\t\n") or "\ud800" <= c <= "\udfff"]


@given(TEXTS, st.sampled_from(FieldType), st.integers(0, 30))
def test_B13_nothing_of_what_fits_whole_is_cut(text: str, kind: FieldType, length: int) -> None:
    limit = Limit(length, parts=(2, 2, 2, 2, 2))
    assert not (fits_whole(text, kind, limit) and fit(text, kind, limit, "US").cut)


def test_B13_a_text_fits_whole_by_its_length_and_an_address_by_that_of_its_parts() -> None:
    assert fits_whole("ab", FieldType.TEXT, Limit(2))
    assert not fits_whole("abc", FieldType.TEXT, Limit(2))
    assert not fits_whole("ab", FieldType.ADDRESS, Limit(255, parts=(1, 1, 1, 1, 1)))
    assert not fits_whole(Address("ab"), FieldType.TEXT, Limit(255))
