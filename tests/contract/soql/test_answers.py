# ruff: noqa: S608 - queries made of text are what is tested here
"""What an answer looks like: records, order, pages, groups and list views."""

from datetime import UTC, datetime, timedelta

import pytest

from mailsync.sandbox.salesforce.soql import SoqlError, parse, run, where_tree, with_select
from tests.contract.soql.organisation import ACME, GLOBEX, ME, NOW, OTHER, Organisation, contact, records

A = contact(1, "A", FirstName="ann", AccountId=ACME, Score__c=1.5, LeadSource="Web", Birthdate="1980-02-09")
B = contact(2, "B", AccountId=GLOBEX, OwnerId=OTHER, Score__c=10, LeadSource="web")
C = contact(3, "C", FirstName="Cid", Score__c=3, SystemModstamp=NOW - timedelta(days=1))
D = contact(4, "D", IsDeleted=True, MasterRecordId=A["Id"], LeadSource="Phone")
ALL = (A, B, C, D)


def last_names(soql: str) -> str:
    return "".join(record["LastName"] for record in records(f"SELECT LastName FROM Contact {soql}", *ALL))


def test_record_keeps_the_order_of_select_and_nests_parents() -> None:
    (record, _, orphan) = records(
        "SELECT lastname, ACCOUNT.name, c.Birthdate, Account.Owner.Name, SystemModstamp, Account.Id, IsDeleted, "
        "Score__c FROM contact c ORDER BY Id",
        *ALL,
    )
    url = "/services/data/v68.0/sobjects"
    assert record == {
        "attributes": {"type": "Contact", "url": f"{url}/Contact/003000000000001AAA"},
        "LastName": "A",
        "Account": {
            "attributes": {"type": "Account", "url": f"{url}/Account/{ACME}"},
            "Name": "Acme",
            "Owner": {"attributes": {"type": "User", "url": f"{url}/User/{ME}"}, "Name": "Ann Admin"},
            "Id": ACME,
        },
        "Birthdate": "1980-02-09",
        "SystemModstamp": "2026-11-22T09:00:00.000+0000",
        "IsDeleted": False,
        "Score__c": 1.5,
    }
    assert list(record) == ["attributes", "LastName", "Account", "Birthdate", "SystemModstamp", "IsDeleted", "Score__c"]
    assert list(record["Account"]) == ["attributes", "Name", "Owner", "Id"]
    assert orphan["Account"] is None


def test_deleted_records_only_for_query_all() -> None:
    soql = "SELECT Id, MasterRecord.LastName FROM Contact WHERE IsDeleted = TRUE"
    assert records(soql, *ALL) == []
    (loser,) = records(soql, *ALL, deleted=True)
    assert loser["MasterRecord"]["LastName"] == "A"


def test_functions_of_select() -> None:
    (record,) = records(
        "SELECT toLabel(LeadSource), FORMAT(SystemModstamp), FORMAT(Birthdate) born, FORMAT(Score__c) n, Birthdate, "
        "toLabel(Account.Name), FORMAT(Account.CreatedDate) made FROM Contact LIMIT 1",
        *ALL,
    )
    assert record["LeadSource"] == "Web"
    assert record["SystemModstamp"] == "11/22/2026, 9:00 AM"
    assert (record["born"], record["n"], record["Birthdate"]) == ("2/9/1980", "1.5", "1980-02-09")
    assert (record["Account"]["Name"], record["made"]) == ("Acme", "1/5/2026, 12:00 AM")


def test_fields_all() -> None:
    (record,) = records("SELECT FIELDS(ALL) FROM Contact LIMIT 1", *ALL)
    assert {"Id", "Langs__c", "Description", "SystemModstamp"} <= set(record)
    (record,) = records("SELECT FIELDS(STANDARD) FROM Contact LIMIT 1", *ALL)
    assert "Description" in record
    assert "Langs__c" not in record


@pytest.mark.parametrize(
    ("soql", "found"),
    [
        ("ORDER BY FirstName", "BAC"),
        ("ORDER BY FirstName ASC NULLS LAST", "ACB"),
        ("ORDER BY FirstName DESC", "CAB"),
        ("ORDER BY FirstName DESC NULLS FIRST", "BCA"),
        ("ORDER BY Score__c DESC", "BCA"),
        ("ORDER BY SystemModstamp DESC, LastName DESC", "BAC"),
        ("ORDER BY SystemModstamp, Id DESC", "CBA"),
        ("ORDER BY Account.Name", "CBA"),
        ("ORDER BY Account.Name NULLS LAST", "BAC"),
        ("ORDER BY LastName LIMIT 2", "AB"),
        ("ORDER BY LastName LIMIT 2 OFFSET 1", "BC"),
        ("ORDER BY LastName OFFSET 2", "C"),
        ("LIMIT 0", ""),
        ("USING SCOPE mine ORDER BY LastName", "AC"),
        ("USING SCOPE EVERYTHING ORDER BY LastName", "ABC"),
    ],
)
def test_order_scope_and_cut(soql: str, found: str) -> None:
    assert last_names(soql) == found


@pytest.mark.parametrize(
    ("soql", "total"),
    [
        ("SELECT COUNT() FROM Contact", 3),
        ("SELECT COUNT() FROM Contact USING SCOPE mine WHERE FirstName != null", 2),
        ("SELECT COUNT() FROM Contact LIMIT 2", 2),
    ],
)
def test_count_answers_a_total_without_records(soql: str, total: int) -> None:
    answer = run(parse(soql), Organisation(ALL), deleted=False)
    assert (answer.total, list(answer.records)) == (total, [])


def test_aggregates_without_groups() -> None:
    soql = (
        "SELECT COUNT(Id), COUNT(FirstName) n, COUNT_DISTINCT(LeadSource), MIN(FirstName), MAX(SystemModstamp) newest, "
        "SUM(Score__c), AVG(Score__c) FROM Contact"
    )
    (record,) = records(soql, *ALL)
    assert record == {
        "attributes": {"type": "AggregateResult"},
        "expr0": 3,
        "n": 2,
        "expr1": 1,
        "expr2": "ann",
        "newest": "2026-11-22T09:00:00.000+0000",
        "expr3": 14.5,
        "expr4": pytest.approx(14.5 / 3),
    }
    assert list(record) == ["attributes", "expr0", "n", "expr1", "expr2", "newest", "expr3", "expr4"]
    (empty,) = records(soql)
    assert empty["expr0"] == 0
    assert empty["expr3"] is None


def test_groups_find_ties() -> None:
    found = records(
        "SELECT LeadSource, COUNT(Id) cnt FROM Contact GROUP BY contact.leadsource HAVING COUNT(Id) > 1 AND "
        "LeadSource != null ORDER BY COUNT(Id) DESC, LeadSource",
        *ALL,
        contact(5, "E"),
    )
    assert found == [{"attributes": {"type": "AggregateResult"}, "LeadSource": "Web", "cnt": 2}]


def test_groups_by_parent_and_by_month() -> None:
    found = records(
        "SELECT Account.Owner.Name who, CALENDAR_MONTH(SystemModstamp), COUNT(Id) FROM Contact "
        "GROUP BY Account.Owner.Name, CALENDAR_MONTH(SystemModstamp) ORDER BY Account.Owner.Name DESC",
        *ALL,
    )
    assert [(group["who"], group["expr0"], group["expr1"]) for group in found] == [
        ("Otto Other", 11, 1),
        ("Ann Admin", 11, 1),
        (None, 11, 1),
    ]


def test_groups_of_nothing_are_none() -> None:
    assert records("SELECT LeadSource FROM Contact GROUP BY LeadSource") == []


@pytest.mark.parametrize(
    ("soql", "code", "message"),
    [
        ("SELECT Id FROM Nope", "INVALID_TYPE", "sObject type 'Nope' is not supported."),
        ("SELECT Id FROM Contact OFFSET 2001", "NUMBER_OUTSIDE_VALID_RANGE", "Maximum SOQL offset allowed is 2000"),
        ("SELECT Id FROM Contact USING SCOPE nope", "INVALID_QUERY_SCOPE", "'nope' is not supported"),
        ("SELECT Id, id FROM Contact", "INVALID_FIELD", "duplicate field selected: Id"),
        ("SELECT Id, Account.Nope FROM Contact", "INVALID_FIELD", "No such column 'Nope' on entity 'Account'"),
        ("SELECT Id FROM Contact ORDER BY Description", "INVALID_FIELD", "'Description' can not be sorted"),
        ("SELECT LastName n FROM Contact", "MALFORMED_QUERY", "only aggregate expressions use field aliasing"),
        ("SELECT FIELDS(ALL) FROM Contact", "MALFORMED_QUERY", "must have a LIMIT of at most 200"),
        ("SELECT FIELDS(ALL) FROM Contact LIMIT 201", "MALFORMED_QUERY", "must have a LIMIT of at most 200"),
        ("SELECT Id, (SELECT Id FROM Nopes) FROM Account", "INVALID_TYPE", "relationship 'Nopes' in FROM part"),
        ("SELECT TYPEOF Owner WHEN User THEN Name END FROM Contact", "MALFORMED_QUERY", "'Owner' is none"),
        ("SELECT convertCurrency(Score__c) FROM Contact", "INVALID_FIELD", "has one currency"),
        ("SELECT CALENDAR_YEAR(Birthdate) FROM Contact", "MALFORMED_QUERY", "needs GROUP BY"),
        ("SELECT COUNT() FROM Contact ORDER BY Id", "MALFORMED_QUERY", "COUNT() can't be ordered"),
        ("SELECT LastName, COUNT(Id) FROM Contact", "MALFORMED_QUERY", "must be grouped or aggregated: LastName"),
        ("SELECT COUNT(Id) FROM Contact ORDER BY Id", "MALFORMED_QUERY", "must be grouped or aggregated: Id"),
        ("SELECT COUNT(Id) n, MIN(Id) n FROM Contact", "MALFORMED_QUERY", "duplicate alias: n"),
        ("SELECT SUM(LastName) FROM Contact", "INVALID_FIELD", "does not support aggregate operator SUM"),
        ("SELECT MIN(MIN(Id)) FROM Contact", "MALFORMED_QUERY", "the function 'MIN(Id)' is not allowed here"),
        ("SELECT Description FROM Contact GROUP BY Description", "INVALID_FIELD", "can not be grouped"),
    ],
)
def test_refusals(soql: str, code: str, message: str) -> None:
    with pytest.raises(SoqlError) as caught:
        records(soql, *ALL)
    assert caught.value.code == code
    assert message in caught.value.message


def test_more_than_a_page_of_groups_is_refused() -> None:
    rows = [contact(n, str(n)) for n in range(2_001)]
    with pytest.raises(SoqlError) as caught:
        records("SELECT LastName FROM Contact GROUP BY LastName", *rows)
    assert caught.value.code == "EXCEEDED_ID_LIMIT"
    assert len(records("SELECT LastName FROM Contact GROUP BY LastName LIMIT 2000", *rows)) == 2_000


def test_long_answer_makes_its_pages_alike() -> None:
    rows = [contact(n, str(n)) for n in range(4_500)]
    answer = run(parse("SELECT LastName FROM Contact ORDER BY Id"), Organisation(rows), deleted=False)
    paged = [record for start in range(0, 6_000, 2_000) for record in answer.records[start : start + 2_000]]
    assert paged == list(answer.records)
    assert [record["LastName"] for record in paged] == [str(n) for n in range(4_500)]


def test_datetimes_show_milliseconds() -> None:
    row = contact(1, "A", SystemModstamp=datetime(2026, 11, 22, 9, 0, 0, 123_000, tzinfo=UTC))
    assert records("SELECT SystemModstamp FROM Contact", row)[0]["SystemModstamp"] == "2026-11-22T09:00:00.123+0000"


def test_query_keeps_the_text_of_its_parts() -> None:
    query = parse(
        "SELECT name, toLabel(LeadSource) FROM Contact USING SCOPE mine WHERE  CreatedDate = THIS_WEEK AND "
        "(Name LIKE 'a\\'%' OR Email = null)  ORDER BY Name ASC NULLS FIRST, Id LIMIT 10"
    )
    assert (query.object, query.scope, query.limit) == ("Contact", "mine", 10)
    assert query.where_text == "CreatedDate = THIS_WEEK AND (Name LIKE 'a\\'%' OR Email = null)"
    assert with_select(query, ["Id", "Name"], order_by="Id") == (
        "SELECT Id, Name FROM Contact USING SCOPE mine WHERE CreatedDate = THIS_WEEK AND "
        "(Name LIKE 'a\\'%' OR Email = null) ORDER BY Id"
    )
    again = parse(with_select(query, ["Id"]))
    assert (again.where, again.scope, again.order, again.limit) == (query.where, "mine", (), None)
    aliased = parse("SELECT c.Id FROM Contact c WHERE c.LastName = 'x'")
    assert with_select(aliased, ["Name"]) == "SELECT Name FROM Contact c WHERE c.LastName = 'x'"


@pytest.mark.parametrize(
    ("where", "tree"),
    [
        ("", None),
        ("WHERE CreatedDate = THIS_WEEK", {"field": "CreatedDate", "operator": "equals", "values": ["THIS_WEEK"]}),
        (
            "WHERE (NOT Account.Name LIKE 'a%') AND (Email IN ('x', null) OR Score__c <= 5)",
            {
                "conjunction": "and",
                "conditions": [
                    {"condition": {"field": "Account.Name", "operator": "like", "values": ["'a%'"]}},
                    {
                        "conjunction": "or",
                        "conditions": [
                            {"field": "Email", "operator": "in", "values": ["'x'", "null"]},
                            {"field": "Score__c", "operator": "lessThanOrEqualTo", "values": ["5"]},
                        ],
                    },
                ],
            },
        ),
        (
            "WHERE AccountId NOT IN (SELECT Id FROM Account WHERE Name = 'x')",
            {
                "field": "AccountId",
                "operator": "notIn",
                "subQuery": "SELECT Id FROM Account WHERE Name = 'x'",
            },
        ),
    ],
)
def test_where_tree(where: str, tree: object) -> None:
    assert where_tree(parse(f"SELECT Id FROM Contact {where}")) == tree
