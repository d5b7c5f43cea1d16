# ruff: noqa: S608 - queries made of text are what is tested here
"""Which records a WHERE finds."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailsync.sandbox.salesforce.soql import SoqlError, parse, run
from tests.contract.soql.organisation import ACME, GLOBEX, NOW, OTHER, TABLES, Organisation, contact, names, records


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


A = contact(1, "A", FirstName="Ann", Email="ann@x.com", AccountId=ACME, Score__c=1.5, LeadSource="Web")
B = contact(2, "B", FirstName="bob", AccountId=GLOBEX, OwnerId=OTHER, Score__c=10, Langs__c="en;fr")
C = contact(3, "C", FirstName="STRASSE", Birthdate="1980-02-29", SystemModstamp=NOW - timedelta(days=1))
ALL = (A, B, C)


@pytest.mark.parametrize(
    ("condition", "found"),
    [
        ("FirstName = 'ANN'", "A"),
        ("firstname = 'straße'", "C"),
        ("FirstName != 'ann'", "BC"),
        ("Email != 'ann@x.com'", "BC"),
        ("Email <> null", "A"),
        ("Email = null", "BC"),
        ("Email = ''", "BC"),
        ("FirstName > 'ANN'", "BC"),
        ("FirstName <= 'Bob'", "AB"),
        ("Email < 'z'", "A"),
        ("FirstName IN ('BOB', 'x')", "B"),
        ("FirstName NOT IN ('BOB', 'x')", "AC"),
        ("Email IN ('x', null)", "BC"),
        ("Email NOT IN ('x')", "ABC"),
        ("Email NOT IN ('x', null)", "A"),
        ("NOT Email = 'ann@x.com'", "BC"),
        ("Score__c >= 1.5 AND Score__c < 10.0", "A"),
        ("Score__c IN (10, 11)", "B"),
        ("IsDeleted = FALSE", "ABC"),
        ("IsDeleted = true", ""),
        ("Birthdate = 1980-02-29", "C"),
        ("Birthdate < 1981-01-01", "C"),
        ("SystemModstamp = 2026-11-22T10:00:00+01:00", "AB"),
        ("SystemModstamp < 2026-11-22T09:00:00Z", "C"),
        ("SystemModstamp > 2026-11-22T08:59:59.999Z", "AB"),
        ("Id = '003000000000002'", "B"),
        ("Id IN ('003000000000002AAA', '003000000000003')", "BC"),
        ("Id > '003000000000001AAA'", "BC"),
        ("AccountId != '001000000000001'", "BC"),
        ("AccountId = ''", "C"),
        ("Account.Name = 'acme'", "A"),
        ("c.Account.Owner.Name LIKE 'otto%'", "B"),
        ("Contact.Account.Parent.Name = 'Acme'", "B"),
        ("Account.Name = null", "C"),
        ("Account.Name != 'acme'", "BC"),
        ("Langs__c INCLUDES ('FR')", "B"),
        ("Langs__c INCLUDES ('fr;en', 'de')", "B"),
        ("Langs__c INCLUDES ('fr;de')", ""),
        ("Langs__c EXCLUDES ('fr')", "AC"),
        ("toLabel(LeadSource) = 'web'", "A"),
        ("(FirstName = 'ann' AND Score__c = 2) OR FirstName = 'bob'", "B"),
        ("FirstName != 'ann' AND (NOT FirstName = 'bob')", "C"),
        ("AccountId IN (SELECT Id FROM Account WHERE Name = 'ACME')", "A"),
        ("AccountId NOT IN (SELECT Id FROM Account WHERE Name = 'ACME')", "BC"),
        ("AccountId IN (SELECT ParentId FROM Account)", "A"),
        ("CALENDAR_YEAR(SystemModstamp) = 2026 AND DAY_IN_MONTH(SystemModstamp) = 21", "C"),
        ("DAY_ONLY(SystemModstamp) = 2026-11-21", "C"),
        ("DAY_ONLY(convertTimezone(SystemModstamp)) = TODAY", "AB"),
        ("DAY_IN_WEEK(SystemModstamp) = 7", "C"),
        ("HOUR_IN_DAY(SystemModstamp) = 9 AND CALENDAR_QUARTER(Birthdate) = 1", "C"),
        ("WEEK_IN_YEAR(Birthdate) = 9", "C"),
    ],
)
def test_condition_finds(condition: str, found: str) -> None:
    assert names(condition, *ALL) == found


@pytest.mark.parametrize(
    ("pattern", "text", "fits"),
    [
        ("acme", "ACME", True),
        ("acme", "acme inc", False),
        ("%CME", "Acme", True),
        ("ac%", "ACME", True),
        ("%c%e%", "Acme", True),
        ("%e%c%", "Acme", False),
        ("a%a", "a", False),
        ("ab%ba", "aba", False),
        ("_cme", "Acme", True),
        ("_acme", "Acme", False),
        ("%_d", "abcd", True),
        ("50\\%%", "50% off", True),
        ("50\\%%", "501 off", False),
        ("%\\_%", "off_x", True),
        ("%\\_%", "offx", False),
        ("a\\\\b", "a\\b", True),
        ("%.*%", "anything", False),
        ("a%z", "a\nz", True),
        ("%", "x", True),
        ("ab%%c", "abc", True),
    ],
)
def test_like(pattern: str, text: str, fits: bool) -> None:
    assert bool(names(f"FirstName LIKE '{pattern}'", contact(1, "A", FirstName=text))) is fits


def test_like_never_fits_null() -> None:
    assert names("FirstName LIKE '%'", contact(1, "A")) == ""


@given(st.text(alphabet="ab_%", max_size=6), st.text(alphabet="ab", max_size=8))
def test_like_agrees_with_its_definition(pattern: str, text: str) -> None:
    def fits(p: str, t: str) -> bool:
        if not p:
            return not t
        if p[0] == "%":
            return fits(p[1:], t) or (bool(t) and fits(p, t[1:]))
        return bool(t) and p[0] in ("_", t[0]) and fits(p[1:], t[1:])

    if pattern:  # an empty pattern asks for null
        found = names(f"FirstName LIKE '{pattern}'", contact(1, "A", FirstName=text))
        assert bool(found) is fits(pattern, text)


@pytest.mark.parametrize(
    ("literal", "first", "last"),
    [
        ("TODAY", "2026-11-22", "2026-11-22"),
        ("YESTERDAY", "2026-11-21", "2026-11-21"),
        ("TOMORROW", "2026-11-23", "2026-11-23"),
        ("LAST_WEEK", "2026-11-15", "2026-11-21"),
        ("THIS_WEEK", "2026-11-22", "2026-11-28"),
        ("NEXT_WEEK", "2026-11-29", "2026-12-05"),
        ("LAST_MONTH", "2026-10-01", "2026-10-31"),
        ("THIS_MONTH", "2026-11-01", "2026-11-30"),
        ("NEXT_MONTH", "2026-12-01", "2026-12-31"),
        ("LAST_90_DAYS", "2026-08-24", "2026-11-22"),
        ("NEXT_90_DAYS", "2026-11-23", "2027-02-20"),
        ("LAST_N_DAYS:30", "2026-10-23", "2026-11-22"),
        ("NEXT_N_DAYS:3", "2026-11-23", "2026-11-25"),
        ("N_DAYS_AGO:3", "2026-11-19", "2026-11-19"),
        ("LAST_N_WEEKS:2", "2026-11-08", "2026-11-21"),
        ("NEXT_N_WEEKS:1", "2026-11-29", "2026-12-05"),
        ("N_WEEKS_AGO:2", "2026-11-08", "2026-11-14"),
        ("LAST_N_MONTHS:11", "2025-12-01", "2026-10-31"),
        ("NEXT_N_MONTHS:2", "2026-12-01", "2027-01-31"),
        ("N_MONTHS_AGO:11", "2025-12-01", "2025-12-31"),
        ("THIS_QUARTER", "2026-10-01", "2026-12-31"),
        ("LAST_QUARTER", "2026-07-01", "2026-09-30"),
        ("NEXT_QUARTER", "2027-01-01", "2027-03-31"),
        ("N_QUARTERS_AGO:4", "2025-10-01", "2025-12-31"),
        ("THIS_YEAR", "2026-01-01", "2026-12-31"),
        ("LAST_N_YEARS:2", "2024-01-01", "2025-12-31"),
        ("N_YEARS_AGO:1", "2025-01-01", "2025-12-31"),
        ("LAST_FISCAL_QUARTER", "2026-07-01", "2026-09-30"),
        ("N_FISCAL_YEARS_AGO:1", "2025-01-01", "2025-12-31"),
        ("NEXT_N_FISCAL_QUARTERS:2", "2027-01-01", "2027-06-30"),
    ],
)
def test_date_literal(literal: str, first: str, last: str) -> None:
    """Every operator, on dates and on datetimes, at both edges and one step outside of each."""
    start, end = at(first), at(last) + timedelta(days=1)
    moments = [start - timedelta(seconds=1), start, end - timedelta(seconds=1), end]
    rows = [
        contact(n, letter, SystemModstamp=moment, Birthdate=moment.date().isoformat())
        for n, (letter, moment) in enumerate(zip("ABCD", moments, strict=True))
    ]
    for field in ("SystemModstamp", "Birthdate"):
        found = [names(f"{field} {sign} {literal}", *rows) for sign in ("=", "!=", "<", "<=", ">", ">=")]
        assert found == ["BC", "AD", "A", "ABC", "D", "BCD"]
        assert names(f"{field} IN (NEXT_N_YEARS:0, {literal})", *rows) == "BC"


@pytest.mark.parametrize("literal", ["LAST_N_DAYS:999999999999", "NEXT_N_YEARS:999999999", "N_MONTHS_AGO:999999999"])
def test_date_literal_beyond_the_calendar_is_cut(literal: str) -> None:
    assert names(f"SystemModstamp != {literal} OR SystemModstamp = {literal}", A) == "A"


@pytest.mark.parametrize(
    ("condition", "code", "message"),
    [
        ("Nope = 'x'", "INVALID_FIELD", "No such column 'Nope' on entity 'Contact'. If you are attempting to use"),
        ("Account.Nope = 'x'", "INVALID_FIELD", "No such column 'Nope' on entity 'Account'."),
        ("Nope.Name = 'x'", "INVALID_FIELD", "Didn't understand relationship 'Nope' in field path."),
        ("Description = 'x'", "INVALID_FIELD", "field 'Description' can not be filtered in a query call"),
        (
            "SystemModstamp = '2026-11-22T00:00:00Z'",
            "INVALID_FIELD",
            "value of filter criterion for field 'SystemModstamp' must be of type dateTime and should not be enclosed "
            "in quotes",
        ),
        ("SystemModstamp > 2026-11-22", "INVALID_FIELD", "must be of type dateTime and should not be"),
        ("Birthdate = 2026-11-22T00:00:00Z", "INVALID_FIELD", "must be of type date and should not be"),
        ("LastName = 5", "INVALID_FIELD", "for field 'LastName' must be of type string and should be enclosed"),
        ("LastName LIKE 5", "INVALID_FIELD", "must be of type string"),
        ("LastName IN ('x', TRUE)", "INVALID_FIELD", "must be of type string"),
        ("Score__c = '5'", "INVALID_FIELD", "must be of type double and should not be enclosed in quotes"),
        ("IsDeleted = 'true'", "INVALID_FIELD", "must be of type boolean and should not be enclosed in quotes"),
        ("IsDeleted > false", "INVALID_QUERY_FILTER_OPERATOR", "invalid operator on boolean field"),
        ("Id LIKE '003%'", "INVALID_QUERY_FILTER_OPERATOR", "invalid operator on id field"),
        ("LastName INCLUDES ('x')", "INVALID_QUERY_FILTER_OPERATOR", "invalid operator on string field"),
        ("Id = 'x'", "INVALID_QUERY_FILTER_OPERATOR", "invalid ID field: x"),
        ("AccountId IN ('00100000000000!')", "INVALID_QUERY_FILTER_OPERATOR", "invalid ID field: 00100000000000!"),
        ("HOUR_IN_DAY(Birthdate) = 1", "INVALID_FIELD", "field 'Birthdate' must be of type dateTime"),
        ("CALENDAR_YEAR(LastName) = 1", "INVALID_FIELD", "field 'LastName' must be of type date or dateTime"),
        ("COUNT(Id) > 1", "MALFORMED_QUERY", "the function 'COUNT(Id)' is not allowed here"),
        ("A.B.C.D.E.F.G = 'x'", "MALFORMED_QUERY", "crosses more than 5 relationships"),
        ("AccountId IN (SELECT Name FROM Account)", "MALFORMED_QUERY", "should point to the same object type"),
        ("AccountId IN (SELECT Id FROM Contact)", "MALFORMED_QUERY", "should point to the same object type"),
        ("LastName IN (SELECT Id FROM Account)", "MALFORMED_QUERY", "need an ID field"),
        ("AccountId IN (SELECT Id FROM Nope)", "INVALID_TYPE", "sObject type 'Nope' is not supported."),
        ("LastName = 'x' OR AccountId IN (SELECT Id FROM Account)", "MALFORMED_QUERY", "not allowed with the 'OR'"),
        (
            "AccountId IN (SELECT Id FROM Account WHERE ParentId IN (SELECT Id FROM Account))",
            "MALFORMED_QUERY",
            "Nesting of semi join sub-selects is not supported",
        ),
    ],
)
def test_refusals(condition: str, code: str, message: str) -> None:
    """Also with no record to judge: a refusal never depends on the records."""
    for contacts in ((), ALL):
        with pytest.raises(SoqlError) as caught:
            records(f"SELECT Id FROM Contact WHERE {condition}", *contacts)
        assert caught.value.code == code
        assert message in caught.value.message


def test_missing_field_is_located() -> None:
    with pytest.raises(SoqlError) as caught:
        records("SELECT Foo FROM Contact")
    assert caught.value.message == (
        "\nSELECT Foo FROM Contact\n       ^\nERROR at Row:1:Column:8\nNo such column 'Foo' on entity 'Contact'. If "
        "you are attempting to use a custom field, be sure to append the '__c' after the custom field name. Please "
        "reference your WSDL or the describe call for the appropriate names."
    )


TERMS = [found.name for found in TABLES["contact"].fields.values()]
TERMS += ["Account.Owner.Name", "CALENDAR_YEAR(Birthdate)", "DAY_ONLY(SystemModstamp)", "toLabel(LeadSource)"]
LITERALS = ["null", "''", "'x'", "'en;fr'", "'003000000000002AAA'", "5", "-1.5", "TRUE", "THIS_WEEK"]
LITERALS += ["2026-11-22", "2026-11-22T09:00:00Z"]


@given(
    st.sampled_from(TERMS),
    st.sampled_from(["=", "!=", "<", "<=", ">", ">=", "LIKE", "IN", "NOT IN", "INCLUDES", "EXCLUDES"]),
    st.lists(st.sampled_from(LITERALS), min_size=1, max_size=3),
    st.sampled_from(["ASC", "DESC NULLS FIRST", "NULLS LAST"]),
)
def test_condition_is_run_or_refused_and_parts_the_records(
    term: str, sign: str, literals: list[str], direction: str
) -> None:
    value = literals[0] if sign in ("=", "!=", "<", "<=", ">", ">=", "LIKE") else f"({', '.join(literals)})"
    order = f"ORDER BY {term} {direction}" if term != "Description" else ""
    try:
        found = names(f"{term} {sign} {value} {order}", *ALL)
        rest = names(f"NOT {term} {sign} {value}", *ALL)
    except SoqlError as error:
        assert error.code in ("INVALID_FIELD", "INVALID_QUERY_FILTER_OPERATOR"), error.message  # noqa: PT017
    else:
        assert sorted(found + rest) == ["A", "B", "C"]


def test_keyset_walks_over_ties() -> None:
    rows = [contact(n, "x", SystemModstamp=NOW + timedelta(seconds=n // 3)) for n in range(10)]
    seen: list[str] = []
    where = ""
    while page := records(
        f"SELECT Id, SystemModstamp FROM Contact {where} ORDER BY SystemModstamp, Id LIMIT 2", *reversed(rows)
    ):
        seen += [record["Id"] for record in page]
        stamp, last = page[-1]["SystemModstamp"].replace("+0000", "Z"), page[-1]["Id"]
        where = f"WHERE (SystemModstamp = {stamp} AND Id > '{last}') OR SystemModstamp > {stamp}"
    assert seen == [row["Id"] for row in rows]


def test_100_000_contacts_are_filtered_ordered_and_paged() -> None:
    rows = [contact(n, f"Name {n % 977}", AccountId=(ACME, GLOBEX, None)[n % 3]) for n in range(100_000)]
    organisation = Organisation(rows)
    query = parse(
        "SELECT Id, LastName, Account.Name, SystemModstamp FROM Contact WHERE SystemModstamp >= 2026-11-22T08:45:00Z "
        "AND (LastName != 'x' OR Account.Name = 'acme') ORDER BY SystemModstamp, Id"
    )
    answer = run(query, organisation, deleted=False)
    page = answer.records[98_000:100_000]
    assert (answer.total, len(answer.records), len(page)) == (100_000, 100_000, 2_000)
    assert answer.records[99_999] == page[-1]
    assert page[-1]["Id"] == rows[-1]["Id"]
