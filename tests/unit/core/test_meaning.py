"""Values that mean the same, and values that don't (B11, B14)."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from mailsync.core.countries import COUNTRIES, country_code
from mailsync.core.meaning import clean, fingerprint, meaning, same
from mailsync.core.person import Address, Field, FieldType, Flow, Value, Values
from mailsync.core.refs import FieldName

pytestmark = pytest.mark.rule("B11")

SALUTATIONS = (("Mr.", "Herr"), ("Ms.", "Frau"), ("Dr.", "Mr."))
HOME = Address("1 Main St\nFloor 2", "Ulm", "BW", "89073", "Germany")

SAME: list[tuple[FieldType, Value, Value]] = [
    (FieldType.PHONE, "(650) 253-4343", "+16502534343"),
    (FieldType.PHONE, "650.253.4343 x12", "+1 650-253-4343 ext. 12"),
    (FieldType.PHONE, "see  assistant ", "see assistant"),
    (FieldType.PHONE, "112", " 112"),
    (FieldType.EMAIL, " Jane@Example.COM", "jane@example.com"),
    (FieldType.EMAIL, "\u200bjane@example.com\ufeff", "jane@example.com"),
    (FieldType.EMAIL, "straße@example.com", "STRASSE@example.com"),
    (FieldType.NAME, "Jose\u0301", "José"),
    (FieldType.NAME, " van\u00a0 der\tBerg ", "van der Berg"),
    (FieldType.TEXT, "Head\r\nof  Sales\x07", "Head of Sales"),
    (FieldType.MULTILINE, "a \r\nb\r\r\n", "a\nb"),
    (FieldType.MULTILINE, "a\x0bb\u2028c", "a\nb\nc"),
    (FieldType.MULTILINE, "\n\n  a\n\nb\n", "a\n\nb"),
    (FieldType.DATE, "1980-02-29", "1980-02-29T11:59:00Z"),
    (FieldType.URL, "HTTPS://Acme.Example/People/", "https://acme.example/People"),
    (FieldType.URL, "acme.example/", " ACME.example"),
    (FieldType.PICKLIST, "Mr.", "mr. "),
    (FieldType.ADDRESS, HOME, Address(" 1  Main St\r\n\r\nFloor 2 ", "Ulm ", "BW", "89073", "DE")),
    (FieldType.ADDRESS, Address(country="U.S.A."), Address(country="united states of America")),
    (FieldType.ADDRESS, Address(country="Côte d'Ivoire"), Address(country="Ivory Coast")),
    (FieldType.ADDRESS, Address("1 Main St"), "1 Main St"),
]

DIFFERENT: list[tuple[FieldType, Value, Value]] = [
    (FieldType.PHONE, "650 253 4343", "650 253 4343 x12"),
    (FieldType.PHONE, "650 253 4343", "home: 650 253 4343"),
    (FieldType.PHONE, "650 253 4343 x1", "650 253 4343 x2"),
    (FieldType.PHONE, "112", "113"),
    (FieldType.EMAIL, "jane@example.com", "jane@example.org"),
    (FieldType.NAME, "de Vries", "De Vries"),
    (FieldType.NAME, "Jose", "José"),
    (FieldType.TEXT, "Head of Sales", "Head ofSales"),
    (FieldType.MULTILINE, "a\n\nb", "a\nb"),
    (FieldType.MULTILINE, "a\n  b", "a\nb"),
    (FieldType.DATE, "1980-02-29", "1980-03-01"),
    (FieldType.URL, "https://acme.example/People", "https://acme.example/people"),
    (FieldType.URL, "https://acme.example?x=/", "https://acme.example?x="),
    (FieldType.PICKLIST, "Mr.", "Ms."),
    (FieldType.ADDRESS, HOME, Address("1 Main St", "Ulm", "BW", "89073", "Germany")),
    (FieldType.ADDRESS, HOME, Address("1 Main St\nFloor 2", "Ulm", "BW", "89073", "")),
    (FieldType.ADDRESS, Address(city="Ulm"), Address(state="Ulm")),
    (FieldType.ADDRESS, Address(country="Freedonia"), Address(country="Sylvania")),
]


@pytest.mark.parametrize(("kind", "one", "other"), SAME)
def test_these_are_one_value(kind: FieldType, one: Value, other: Value) -> None:
    assert same(one, other, kind, "US")
    assert same(other, one, kind, "US")


@pytest.mark.parametrize(("kind", "one", "other"), DIFFERENT)
def test_these_are_two(kind: FieldType, one: Value, other: Value) -> None:
    assert not same(one, other, kind, "US")
    assert not same(other, one, kind, "US")


@pytest.mark.parametrize("kind", FieldType)
def test_every_blank_is_one(kind: FieldType) -> None:
    blanks: list[Value | None] = [None, "", Address(), " \r\n", "\x00", Address(" ", "\n", "\t")]
    assert all(same(one, other, kind, "US") for one in blanks for other in blanks)
    filled: Value = Address(city="x") if kind is FieldType.ADDRESS else "x"
    assert not any(same(blank, filled, kind, "US") for blank in blanks)


def test_a_number_is_read_in_the_users_country() -> None:
    assert same("030 1234567", "+49301234567", FieldType.PHONE, "DE")
    assert not same("030 1234567", "+49301234567", FieldType.PHONE, "US")


@pytest.mark.rule("B14")
@pytest.mark.parametrize(
    ("one", "other", "equal"),
    [
        ("Mr.", "herr", True),
        ("MS.", "Frau", True),
        ("Mr.", "Dr.", False),  # "Mr." is a code before it is the label of Dr.
        ("Prof.", "prof.", True),
        ("Prof.", "Herr", False),
        ("", "Herr", False),
    ],
)
def test_a_picklist_is_compared_by_code_or_label(one: str, other: str, equal: bool) -> None:
    assert same(one, other, FieldType.PICKLIST, "US", SALUTATIONS) is equal


ONE_LINERS = [k for k in FieldType if k is not FieldType.ADDRESS]
ADDRESSES = st.builds(Address, *(st.text(max_size=12),) * 5)


@given(st.text(max_size=60), st.sampled_from(ONE_LINERS), st.sampled_from(["US", "DE", ""]))
@example("\u0345\u0301a", FieldType.EMAIL, "US")
@example("//", FieldType.URL, "US")
@example("0\r/", FieldType.URL, "US")
@example("x:// / /", FieldType.URL, "US")
@example("+1 800 flowers x1", FieldType.PHONE, "US")
def test_meaning_is_idempotent_and_never_raises(text: str, kind: FieldType, region: str) -> None:
    meant = meaning(text, kind, region)
    assert isinstance(meant, str)
    assert meaning(meant, kind, region) == meant


@given(st.text("0123456789+()-/. xt", max_size=24), st.sampled_from(["US", "DE", "GB", "IT", "RU", "BR"]))
def test_the_meaning_of_numbers_is_idempotent(text: str, region: str) -> None:
    meant = meaning(text, FieldType.PHONE, region)
    assert isinstance(meant, str)
    assert meaning(meant, FieldType.PHONE, region) == meant


@given(ADDRESSES)
def test_any_address_has_a_meaning(address: Address) -> None:
    meant = meaning(address, FieldType.ADDRESS, "US")
    assert same(address, address, FieldType.ADDRESS, "US")
    assert (meant == "") == same(address, None, FieldType.ADDRESS, "US")


@given(st.text())
def test_clean_text_can_be_sent_and_stays(text: str) -> None:
    cleaned = clean(text)
    cleaned.encode()
    assert clean(cleaned) == cleaned
    assert not [c for c in cleaned if c < " " and c not in "\t\n"]


def test_all_countries_are_known_by_code_and_names() -> None:
    assert len(COUNTRIES) == 249
    for code, names in COUNTRIES.items():
        assert {country_code(n) for n in (code, code.lower(), *names)} == {code}


@pytest.mark.parametrize(
    ("text", "code"),
    [("Deutschland", "DE"), ("UK", "GB"), ("The Netherlands", "NL"), ("St. Lucia", "LC"), ("Aland Islands", "AX")],
)
def test_countries_as_people_write_them(text: str, code: str) -> None:
    assert country_code(text) == code


FIELDS = (
    Field(FieldName("LastName"), FieldType.NAME, Flow.BOTH),
    Field(FieldName("Phone"), FieldType.PHONE, Flow.BOTH),
    Field(FieldName("OtherAddress"), FieldType.ADDRESS, Flow.BOTH),
    Field(FieldName("Description"), FieldType.MULTILINE, Flow.OFF),
)
PERSON: Values = {FieldName("LastName"): "Gray", FieldName("Phone"): "650-253-4343", FieldName("OtherAddress"): HOME}


def test_a_fingerprint_stays_while_the_meaning_does() -> None:
    print_ = fingerprint(PERSON, FIELDS, "US")
    again: Values = {
        FieldName("Phone"): "+1 (650) 253-4343",
        FieldName("LastName"): " Gray",
        FieldName("OtherAddress"): HOME,
        FieldName("Description"): "off",
        FieldName("Nickname"): "not mapped",
    }
    assert fingerprint(again, FIELDS[::-1], "US") == print_
    assert len(print_) == 32
    assert set(print_) <= set("0123456789abcdef")


@pytest.mark.parametrize("name", ["LastName", "Phone", "OtherAddress"])
def test_a_fingerprint_changes_with_each_field(name: str) -> None:
    without = {n: v for n, v in PERSON.items() if n != name}
    blank = {**PERSON, FieldName(name): Address() if name == "OtherAddress" else ""}
    assert fingerprint(without, FIELDS, "US") == fingerprint(blank, FIELDS, "US") != fingerprint(PERSON, FIELDS, "US")


def test_a_value_in_another_field_is_another_fingerprint() -> None:
    fields = (*FIELDS[:1], Field(FieldName("FirstName"), FieldType.NAME, Flow.BOTH))
    first, last = ({FieldName(n): "Gray"} for n in ("FirstName", "LastName"))
    assert fingerprint(first, fields, "US") != fingerprint(last, fields, "US")
