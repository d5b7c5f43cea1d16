# ruff: noqa: S608 - queries made of text are what is tested here
"""What is SOQL and what is not: the verdicts of Salesforce's own grammar."""

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mailsync.sandbox.salesforce.soql import SoqlError, parse
from tests.services.growth import growth

PROBES = json.loads((Path(__file__).parents[3] / "fixtures" / "soql-probes.json").read_text("utf-8"))


def accepts(text: str) -> bool:
    try:
        parse(text)
    except SoqlError as error:
        return error.code != "MALFORMED_QUERY"
    return True


def test_all_probes_are_there() -> None:
    assert len(PROBES) == 44


@pytest.mark.parametrize("probe", PROBES, ids=lambda probe: probe["query"][:60])
def test_verdict_is_salesforces(probe: dict[str, object]) -> None:
    assert accepts(str(probe["query"])) is probe["accepted"]


@pytest.mark.parametrize(
    "text",
    [
        "select id from contact where systemmodstamp>2026-11-22t08:55:00z;",
        "SELECT Contact.Id, Contact.Account.Name FROM Contact",
        "SELECT COUNT(Id) x_sf_count FROM Contact",
        "SELECT Id FROM Contact WHERE (A = 'x' AND (NOT (B = null)))",
        "SELECT LeadSource, COUNT_DISTINCT(Email) n FROM Contact GROUP BY LeadSource HAVING NOT COUNT(Id) = 1",
        "SELECT MIN(A), MAX(A), SUM(A), AVG(A) FROM Contact",
        "SELECT FORMAT(SystemModstamp) at, convertTimezone(SystemModstamp) FROM Contact",
        "SELECT FIELDS(STANDARD), Extra__c FROM Contact LIMIT 10",
        "SELECT Id FROM Contact WITH USER_MODE LIMIT 1 FOR REFERENCE",
        "SELECT Id FROM Contact USING SCOPE anything",
        "SELECT Id FROM Group",
        "SELECT c.Id FROM Contact AS c USING SCOPE all WHERE D = LAST_N_DAYS : 3 AND E = '\\N'",
        "SELECT Id FROM Contact FOR VIEW UPDATE TRACKING, VIEWSTAT",
        "SELECT Group.Name FROM GroupMember",
        "SELECT Id FROM Contact WHERE D = N_FISCAL_QUARTERS_AGO:2 OR D < NEXT_90_DAYS OR D > last_n_weeks:3",
        "SELECT Id FROM Contact WHERE AccountId NOT IN (SELECT Id FROM Account a WHERE a.Name = 'x')",
        "SELECT Id FROM Contact WHERE Langs__c EXCLUDES ('en;fr', 'de') AND N = -1.5 AND M = +2 AND K = .5",
        "SELECT Id FROM Contact WHERE A = '\\n\\r\\t\\b\\f\\\"\\'\\\\'",
        "\n\tSELECT\r\n Id FROM Contact\n",
    ],
)
def test_accepts(text: str) -> None:
    parse(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        ";",
        "SELECT Id FROM Contact;;",
        "SELECT Id FROM",
        "SELECT FROM Contact",
        "SELECT Id, FROM Contact",
        "SELECT Id Contact",
        "SELECT Id FROM Contact WHERE",
        "SELECT Id FROM Contact WHERE A",
        "SELECT Id FROM Contact WHERE A = ",
        "SELECT Id FROM Contact WHERE A = B",
        "SELECT Id FROM Contact WHERE A = :bound",
        "SELECT Id FROM Contact WHERE A = 'x",
        "SELECT Id FROM Contact WHERE A = 'x\\'",
        "SELECT Id FROM Contact WHERE A = 'a\\_b'",
        "SELECT Id FROM Contact WHERE A IN ('a\\%b')",
        "SELECT Id FROM Contact WHERE A LIKE 'a\\qb'",
        "SELECT Id FROM Contact WHERE A LIKE ('x')",
        "SELECT Id FROM Contact WHERE A = ('x')",
        "SELECT Id FROM Contact WHERE A IN 'x'",
        "SELECT Id FROM Contact WHERE A IN ('x',)",
        "SELECT Id FROM Contact WHERE A == 'x'",
        "SELECT Id FROM Contact WHERE NOT NOT A = 'x'",
        "SELECT Id FROM Contact WHERE (A = 'x'",
        "SELECT Id FROM Contact WHERE A = 'x')",
        "SELECT Id FROM Contact WHERE A = 'x' OR B = 'y' AND C = 'z'",
        "SELECT Id FROM Contact WHERE A BETWEEN 1 AND 2",
        "SELECT Id FROM Contact WHERE D = LAST_N_DAYS",
        "SELECT Id FROM Contact WHERE D = TODAY:3",
        "SELECT Id FROM Contact WHERE D = LAST_N_DAYS:-3",
        "SELECT Id FROM Contact WHERE D = 2026-02-30",
        "SELECT Id FROM Contact WHERE D = 2026-02-03T25:00:00Z",
        "SELECT Id FROM Contact WHERE D = 2026-11-22T08:55:00+99:00",
        "SELECT Id FROM Contact WHERE D = 0001-01-01T00:00:00+14:00",
        "SELECT Id FROM Contact WHERE D > 0000-01-01",
        "SELECT Id FROM Contact WHERE A IN (SELECT Id FROM Account LIMIT 1)",
        "SELECT Id FROM Contact WHERE A IN (SELECT Id, Name FROM Account)",
        "SELECT Id FROM Contact WHERE A = 'x' WHERE B = 'y'",
        "SELECT Id FROM Contact ORDER BY Id WHERE A = 'x'",
        "SELECT Id FROM Contact ORDER BY Id NULLS",
        "SELECT Id FROM Contact LIMIT -1",
        "SELECT Id FROM Contact LIMIT 1.0",
        "SELECT Id FROM Contact LIMIT x",
        "SELECT Id FROM Contact HAVING COUNT(Id) > 1",
        "SELECT Id, COUNT() FROM Contact",
        "SELECT COUNT() n FROM Contact",
        "SELECT Id AS x FROM Contact",
        "SELECT Id FROM Contact FOR UPDATE",
        "SELECT Id FROM Contact, Account",
        "SELECT Id FROM Contact JOIN Account",
        "SELECT Id FROM Contact WITH ANYTHING",
        "SELECT Id FROM Contact FOR ANYTHING",
        "SELECT FIELDS(SOME) FROM Contact LIMIT 1",
        "SELECT UPPER(Name) FROM Contact",
        "SELECT Id FROM Contact -- comment",
        "SELECT Id FROM Contact UNION SELECT Id FROM Lead",
        "DELETE FROM Contact",
        "UPDATE Contact SET A = 'x'",
    ],
)
def test_rejects(text: str) -> None:
    assert not accepts(text)


def test_error_points_at_the_token() -> None:
    with pytest.raises(SoqlError) as caught:
        parse("SELECT Id FROM Contact\nWHERE A == 'x'")
    assert caught.value.message == "\nWHERE A == 'x'\n         ^\nERROR at Row:2:Column:10\nunexpected token: '='"


def test_error_at_the_end_says_so() -> None:
    with pytest.raises(SoqlError) as caught:
        parse("SELECT Id FROM")
    assert caught.value.message.endswith("ERROR at Row:1:Column:15\nunexpected token: '<EOF>'")


def test_error_in_a_long_line_shows_only_its_neighbourhood() -> None:
    with pytest.raises(SoqlError) as caught:
        parse(f"SELECT {'Field__c, ' * 500}Id FORM Contact WHERE {'A = 1 AND ' * 500}B = 2")
    _, line, caret, place, reason = caught.value.message.split("\n")
    assert len(line) <= 100
    assert line[len(caret) - 1 :].startswith("Contact")
    assert (place, reason) == ("ERROR at Row:1:Column:5016", "unexpected token: 'Contact'")


def test_text_of_100_000_characters_is_read_and_one_more_is_too_complicated() -> None:
    text = "SELECT Id FROM Contact"
    parse(text.ljust(100_000))
    with pytest.raises(SoqlError) as caught:
        parse(text.ljust(100_001))
    assert caught.value.code == "QUERY_TOO_COMPLICATED"


def test_literal_of_4_000_characters_is_read_and_one_more_refused() -> None:
    parse(f"SELECT Id FROM Contact WHERE A = '{'x' * 4_000}'")
    assert not accepts(f"SELECT Id FROM Contact WHERE A = '{'x' * 4_001}'")


@pytest.mark.parametrize(
    "text",
    [
        "SELECT Id FROM Contact WHERE " + "(" * 50_000,
        "SELECT " + "MIN(" * 20_000,
        "SELECT " + "(SELECT " * 10_000,
        "SELECT Id FROM A WHERE B IN " + "(SELECT C FROM D WHERE E IN " * 3_000,
    ],
)
def test_deep_nesting_is_refused_and_breaks_nothing(text: str) -> None:
    with pytest.raises(SoqlError) as caught:
        parse(text)
    assert caught.value.code == "QUERY_TOO_COMPLICATED"


@pytest.mark.parametrize(("start", "piece", "end"), [("'", "\\'", ""), ("", "9", "x")])
def test_hostile_values_cost_no_more_than_their_length(start: str, piece: str, end: str) -> None:
    def refuse(count: int) -> None:
        assert not accepts(f"SELECT Id FROM Contact WHERE A = {start}{piece * count}{end}")

    assert growth(lambda: refuse(2_000), lambda: refuse(40_000)) < 20 * 3


def test_list_of_names_costs_no_more_than_its_length() -> None:
    def read(count: int) -> None:
        names = ",".join(f"'Company number {n} O\\'Neil'" for n in range(count))
        parse(f"SELECT Id, Name FROM Account WHERE Name IN ({names})")

    assert growth(lambda: read(40), lambda: read(400)) < 10 * 3


KEYWORDS = """
    SELECT FROM WHERE AND OR NOT IN LIKE INCLUDES ORDER BY GROUP HAVING LIMIT OFFSET NULLS FIRST USING SCOPE WITH FOR
    TYPEOF WHEN THEN ELSE END FIELDS ALL COUNT MIN toLabel Id Account.Name Contact null TRUE TODAY LAST_N_DAYS:3
    N_DAYS_AGO:99999999999999999999 2026-11-22 2026-13-45 2026-11-22T08:55:00Z 0001-01-01T00:00:00+14:00 5 -1.5 1e5
    99999999999999999999999 ( ( ( ) ) ) , , = != <> < >= ; 'x' 'a\\'b' 'a\\_b' '\\q' ' : . * \\ ß
"""
WORDS = [*KEYWORDS.split(), '"', "\n", "\x00"]


@settings(max_examples=300, deadline=None)
@given(st.one_of(st.text(), st.lists(st.sampled_from(WORDS), max_size=40).map(" ".join)))
def test_any_text_is_read_or_refused(text: str) -> None:
    for query in (text, f"SELECT Id FROM Contact WHERE {text}", f"SELECT {text} FROM Contact"):
        try:
            parse(query)
        except SoqlError as error:
            assert error.code in ("MALFORMED_QUERY", "QUERY_TOO_COMPLICATED")  # noqa: PT017


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=50))
def test_escaped_text_comes_back(value: str) -> None:
    escapes = {"\\": "\\\\", "'": "\\'", "\n": "\\n", "\r": "\\r"}
    literal = "".join(escapes.get(character, character) for character in value)
    query = parse(f"SELECT Id FROM Contact WHERE A = '{literal}'")
    assert query == parse(f"select Id\nfrom Contact where A='{literal}'")
    assert getattr(query.where, "value").value == value  # noqa: B009 - the condition is a Comparison here
