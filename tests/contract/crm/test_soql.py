import re
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailsync.crm import soql
from mailsync.crm.soql import Selection, split

ESCAPES = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f", '"': '"', "'": "'", "\\": "\\"}
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=60) | st.text("'\\%_\n\r\"ab (", max_size=30)


def read_literal(text: str, *, like: bool = False) -> tuple[str, str]:
    """A literal at the start of a text as SOQL reads it, and what follows it. Fails on what SOQL refuses."""
    assert text[0] == "'"
    found, at = "", 1
    while text[at] != "'":
        assert text[at] not in "\n\r", "a raw line break"
        if text[at] == "\\":
            at += 1
            assert text[at] in ESCAPES or (like and text[at] in "%_"), f"unknown escape {text[at]!r}"
            found += ESCAPES.get(text[at], f"<{text[at]}>")
        else:
            found += text[at]
        at += 1
    return found, text[at + 1 :]


@given(TEXTS)
def test_a_literal_means_exactly_its_text_and_nothing_follows_it(text: str) -> None:
    assert read_literal(soql.quote(text)) == (text, "")


@given(TEXTS)
def test_B5_wildcards_in_a_search_are_literal(text: str) -> None:
    meaning, rest = read_literal(soql.containing(text), like=True)
    assert rest == ""
    assert meaning == f"%{text.replace('%', '<%>').replace('_', '<_>')}%"


@given(st.lists(TEXTS, min_size=1, max_size=5))
def test_lists_can_be_read_back(texts: list[str]) -> None:
    rest = soql.one_of("Account.Name", texts).removeprefix("Account.Name IN (")
    found: list[str] = []
    while rest != ")":
        text, rest = read_literal(rest.removeprefix(", "))
        found.append(text)
    assert found == texts


@given(TEXTS, TEXTS)
def test_a_selection_made_of_any_literals_is_split_as_it_was_made(one: str, other: str) -> None:
    where = f"LastName = {soql.quote(one)} OR (Title LIKE {soql.containing(other)} AND (NOT Email = null))"
    chosen = Selection("Contact", "mine", where)
    assert split(soql.select(("Id", "Account.Name"), chosen, order=("Name",), limit=7)) == Selection(
        "Contact", "mine", f"({where})"
    )


def test_a_lone_surrogate_reaches_no_wire() -> None:
    soql.quote("a\ud800b").encode("utf-8")


@pytest.mark.parametrize("field", ["", "Id FROM User", "a.b.c", "Name'", "1a", "Id, Name", "(SELECT Id)"])
def test_field_names_are_checked(field: str) -> None:
    with pytest.raises(ValueError):
        soql.field_name(field)
    with pytest.raises(ValueError):
        soql.select((field,), Selection())


@pytest.mark.parametrize(
    "reference", ["", "003", "003Ib0000000001IAA'", "003Ib0000000001' OR Id !=", "003Ib000000000é"]
)
def test_what_is_no_id_is_refused(reference: str) -> None:
    with pytest.raises(ValueError, match="no Salesforce ids"):
        soql.ids("Id", ["003Ib0000000001IAA", reference])


def test_an_empty_list_is_refused_because_IN_without_values_is_a_parse_error() -> None:
    with pytest.raises(ValueError, match="empty"):
        soql.one_of("Name", [])


def test_instants_are_utc_and_naive_ones_are_refused() -> None:
    assert soql.instant(datetime(2026, 11, 22, 9, 30, 5, 999, tzinfo=timezone(timedelta(hours=5)))) == (
        "2026-11-22T04:30:05Z"
    )
    with pytest.raises(ValueError, match="naive"):
        soql.instant(datetime(2026, 11, 22))  # noqa: DTZ001 - that is what is refused
    assert soql.instant(datetime(2038, 1, 19, 3, 14, 8, tzinfo=UTC)) == "2038-01-19T03:14:08Z"


SPLIT = [
    ("SELECT Id FROM Contact", Selection("Contact")),
    ("select id from Contact c order by Name", Selection("Contact c")),
    (
        "SELECT name, tolabel(type), owner.alias FROM Contact USING SCOPE mine WHERE a = 'x' OR b = 'y'"
        " ORDER BY Name ASC NULLS FIRST, Id ASC NULLS FIRST",
        Selection("Contact", "mine", "a = 'x' OR b = 'y'"),
    ),
    (
        "SELECT Id FROM Contact WHERE CreatedDate = LAST_N_DAYS:30 LIMIT 5 OFFSET 3;",
        Selection("Contact", "", "CreatedDate = LAST_N_DAYS:30"),
    ),
    (
        "SELECT Id FROM Contact WHERE Name = ' ORDER BY \\' WHERE ' FOR VIEW",
        Selection("Contact", "", "Name = ' ORDER BY \\' WHERE '"),
    ),
    (
        "SELECT Id, (SELECT Id FROM Cases WHERE x = 1 ORDER BY y) FROM Contact WHERE AccountId IN"
        " (SELECT Id FROM Account WHERE Name LIKE 'A(%' ORDER BY Name LIMIT 3)",
        Selection("Contact", "", "AccountId IN (SELECT Id FROM Account WHERE Name LIKE 'A(%' ORDER BY Name LIMIT 3)"),
    ),
    ("SELECT Id\nFROM Contact\nWHERE From__c = 'a'\n", Selection("Contact", "", "From__c = 'a'")),
]


@pytest.mark.parametrize(("query", "chosen"), SPLIT)
def test_A14_a_views_query_keeps_from_scope_and_where_verbatim(query: str, chosen: Selection) -> None:
    assert split(query) == chosen


BROKEN = [
    "",
    "Contact",
    "SELECT Id",
    "FROM Contact SELECT Id",
    "SELECT Id FROM Contact WHERE",
    "SELECT Id FROM Contact USING mine",
    "SELECT Id FROM Contact WHERE Name = 'a",
    "SELECT Id FROM Contact WHERE (Name = 'a'",
    "SELECT Id FROM Contact WHERE Name = 'a')",
    "SELECT Id FROM Contact WHERE a = 1 USING SCOPE mine",
    "SELECT Id FROM Contact WHERE a = 1 WHERE b = 2",
    "SELECT COUNT(Id) FROM Contact GROUP BY Name",
    "SELECT Id FROM Contact WITH SECURITY_ENFORCED",
]


@pytest.mark.parametrize("query", BROKEN)
def test_A16_a_query_that_can_not_be_kept_is_refused(query: str) -> None:
    with pytest.raises(ValueError, match=r"query"):
        split(query)


def test_conditions_are_wrapped_so_that_OR_never_meets_AND() -> None:
    text = soql.select(("Id",), Selection("Contact", "", "a = 1 OR b = 2"), "", "c = 3 OR d = 4", order=("Id",))
    assert text == "SELECT Id FROM Contact WHERE (a = 1 OR b = 2) AND (c = 3 OR d = 4) ORDER BY Id"
    assert not re.search(r"WHERE", soql.select(("Id",), Selection()))
