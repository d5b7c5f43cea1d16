"""Custom fields of every type, labels of picklists, formulas, auto-numbers, compound fields."""

from typing import Any

import pytest

from mailsync.sandbox.vendor import Refused
from tests.contract.sandbox_salesforce.desk import Office, open_office, refusal

FIELDS: list[dict[str, Any]] = [
    {"name": "Key__c", "externalId": True, "length": 20},
    {"name": "Tag__c", "externalId": True, "unique": False},
    {"name": "Exact__c", "unique": True, "caseSensitive": True},
    {
        "name": "Tier__c",
        "type": "picklist",
        "restricted": True,
        "values": [{"value": "1", "label": "Gold"}, {"value": "2", "label": "Silver"}],
        "default": "2",
    },
    {"name": "Langs__c", "type": "multipicklist", "restricted": True, "values": ["en", "fr", "de"]},
    {"name": "Vip__c", "type": "boolean", "default": True},
    {"name": "Score__c", "type": "double", "precision": 5, "scale": 2},
    {"name": "Fee__c", "type": "currency", "scale": 2},
    {"name": "Share__c", "type": "percent"},
    {"name": "Notes__c", "type": "textarea", "length": 5000},
    {"name": "Since__c", "type": "date"},
    {"name": "Seen__c", "type": "datetime"},
    {"name": "Partner__c", "type": "reference", "referenceTo": "Account"},
    {"name": "Home__c", "type": "location"},
    {"name": "No__c", "type": "autonumber", "format": "C-{000}/x"},
    {"name": "Greeting__c", "formula": "'Dear ' & FirstName & ' ' & LastName"},
    {"name": "Born__c", "type": "date", "formula": "Birthdate"},
    {"name": "Must__c", "required": True, "default": "given"},
]


@pytest.fixture
def office() -> Office:
    return open_office({"custom_fields": {"Contact": FIELDS}})


def described(office: Office) -> dict[str, dict[str, Any]]:
    return {field["name"]: field for field in office.ann.get("sobjects/Contact/describe").body["fields"]}


def test_defaults_numbers_and_formulas(office: Office) -> None:
    first, second = office.ann.create(FirstName="Ada", Birthdate="1980-02-03"), office.ann.create()
    row = office.ann.row(first)
    assert (row["Tier__c"], row["Vip__c"], row["Must__c"]) == ("2", True, "given")
    assert (row["Greeting__c"], row["Born__c"]) == ("Dear Ada Berg", "1980-02-03")
    assert (row["No__c"], office.ann.row(second)["No__c"]) == ("C-001/x", "C-002/x")
    office.ann.send("PATCH", f"sobjects/Contact/{first}", {"LastName": "Borg"})
    assert office.ann.row(first)["Greeting__c"] == "Dear Ada Borg"
    assert [row["No__c"] for row in office.ann.query("SELECT No__c FROM Contact WHERE Greeting__c LIKE '%borg'")] == [
        "C-001/x"
    ]


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"Greeting__c": "x"}, "INVALID_FIELD_FOR_INSERT_UPDATE"),
        ({"Born__c": "1980-02-03"}, "INVALID_FIELD_FOR_INSERT_UPDATE"),
        ({"No__c": "C-9"}, "INVALID_FIELD_FOR_INSERT_UPDATE"),
        ({"Home__c": {"latitude": 1}}, "INVALID_FIELD_FOR_INSERT_UPDATE"),
        ({"MailingAddress": {"city": "Oslo"}}, "INVALID_FIELD_FOR_INSERT_UPDATE"),
        ({"Name": "Ada Berg"}, "INVALID_FIELD_FOR_INSERT_UPDATE"),
        ({"Tier__c": "Gold"}, "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST"),
        ({"Langs__c": "en;xx"}, "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST"),
        ({"Score__c": 1000}, "NUMBER_OUTSIDE_VALID_RANGE"),
        ({"Score__c": "12"}, "JSON_PARSER_ERROR"),
        ({"Key__c": "x" * 21}, "STRING_TOO_LONG"),
        ({"Partner__c": "003000000000001AAA"}, "MALFORMED_ID"),
        ({"Must__c": None}, "REQUIRED_FIELD_MISSING"),
    ],
)
def test_values_that_are_refused(office: Office, values: dict[str, object], code: str) -> None:
    assert refusal(office.ann.send("POST", "sobjects/Contact", {"LastName": "Berg", **values})) == (400, code)


def test_values_are_kept_as_their_types_have_them(office: Office) -> None:
    account = office.ann.create("Account", Name="Acme")
    record_id = office.ann.create(
        Langs__c="de; en;de", Score__c=12.345, Fee__c=1.5, Share__c=12.4, Partner__c=account, Home__Latitude__s=59.5
    )
    row = office.ann.row(record_id)
    assert (row["Langs__c"], row["Score__c"], row["Fee__c"], row["Share__c"]) == ("en;de", 12.35, 1.5, 12)
    assert row["Home__c"] == {"latitude": 59.5, "longitude": None}
    found = office.ann.query(
        "SELECT Partner__r.Name, Home__c, toLabel(Tier__c), toLabel(Tier__c) tier FROM Contact",
    )[0]
    assert (found["Partner__r"]["Name"], found["Home__c"]["latitude"]) == ("Acme", 59.5)
    assert (found["Tier__c"], found["tier"]) == ("Silver", "Silver")
    children = office.ann.query("SELECT (SELECT Id FROM Contacts__r) FROM Account")[0]["Contacts__r"]
    assert children["records"][0]["Id"] == record_id


@pytest.mark.parametrize(
    ("where", "found"),
    [
        ("toLabel(Tier__c) = 'gold'", ["One"]),
        ("toLabel(Tier__c) != 'Gold'", ["Two"]),
        ("toLabel(Tier__c) LIKE 'S%'", ["Two"]),
        ("Tier__c = '1'", ["One"]),
        ("Tier__c = 'Gold'", []),
        ("Langs__c INCLUDES ('de;fr', 'x')", ["Two"]),
        ("Langs__c EXCLUDES ('en')", ["Two"]),
        ("Fee__c > 2 AND Share__c <= 50", ["Two"]),
        ("Vip__c = TRUE", ["One"]),
        ("Since__c = LAST_N_YEARS:300", ["One"]),
    ],
)
def test_filters(office: Office, where: str, found: list[str]) -> None:
    office.ann.create(LastName="One", Tier__c="1", Langs__c="en", Since__c="1990-01-01")
    office.ann.create(LastName="Two", Langs__c="fr;de", Fee__c=3, Share__c=50, Vip__c=False)
    assert office.ann.names(f"SELECT Name FROM Contact WHERE {where} ORDER BY Name") == found  # noqa: S608


@pytest.mark.parametrize(
    ("where", "code"),
    [
        ("Notes__c = 'x'", "INVALID_FIELD"),
        ("Description LIKE 'x'", "INVALID_FIELD"),
        ("MailingAddress = null", "INVALID_FIELD"),
        ("Home__c = null", "INVALID_FIELD"),
        ("Langs__c LIKE 'e%'", "INVALID_QUERY_FILTER_OPERATOR"),
        ("Tier__c INCLUDES ('1')", "INVALID_QUERY_FILTER_OPERATOR"),
    ],
)
def test_filters_that_are_refused(office: Office, where: str, code: str) -> None:
    query = f"SELECT Id FROM Contact WHERE {where}"  # noqa: S608
    assert refusal(office.ann.get("query", q=query)) == (400, code)


def test_describe_of_each(office: Office) -> None:
    fields = described(office)
    assert (fields["Greeting__c"]["calculated"], fields["Greeting__c"]["length"]) == (True, 1300)
    assert fields["Greeting__c"]["calculatedFormula"].startswith("'Dear '")
    assert (fields["Greeting__c"]["createable"], fields["Greeting__c"]["updateable"]) == (False, False)
    assert (fields["No__c"]["autoNumber"], fields["No__c"]["type"], fields["No__c"]["nillable"]) == (
        True,
        "string",
        False,
    )
    assert (fields["Score__c"]["precision"], fields["Score__c"]["scale"]) == (5, 2)
    assert (fields["Notes__c"]["filterable"], fields["Notes__c"]["sortable"]) == (False, False)
    assert (fields["Langs__c"]["filterable"], fields["Langs__c"]["sortable"]) == (True, False)
    assert [(one["value"], one["label"], one["defaultValue"]) for one in fields["Tier__c"]["picklistValues"]] == [
        ("1", "Gold", False),
        ("2", "Silver", True),
    ]
    assert (fields["Tag__c"]["externalId"], fields["Tag__c"]["unique"]) == (True, False)
    assert (fields["Exact__c"]["unique"], fields["Exact__c"]["caseSensitive"]) == (True, True)
    assert fields["Vip__c"]["defaultValue"] is True
    assert (fields["Partner__c"]["referenceTo"], fields["Partner__c"]["relationshipName"]) == (
        ["Account"],
        "Partner__r",
    )
    assert (fields["Home__c"]["type"], fields["Home__Latitude__s"]["compoundFieldName"]) == ("location", "Home__c")


def test_external_ids_unique_or_not(office: Office) -> None:
    office.ann.create(Tag__c="t", Exact__c="x", Key__c="k")
    assert office.ann.send("PATCH", "sobjects/Contact/Tag__c/T", {"Title": "a"}).status == 200
    office.ann.create(Tag__c="T", Exact__c="X")
    several = office.ann.send("PATCH", "sobjects/Contact/Tag__c/t", {"Title": "b"})
    assert (several.status, len(several.body)) == (300, 2)
    twin = {"LastName": "x", "Exact__c": "x"}
    assert refusal(office.ann.send("POST", "sobjects/Contact", twin)) == (400, "DUPLICATE_VALUE")
    twin = {"LastName": "x", "Key__c": "K"}
    assert refusal(office.ann.send("POST", "sobjects/Contact", twin)) == (400, "DUPLICATE_VALUE")


def test_a_dump_keeps_fields_and_numbers(office: Office) -> None:
    office.ann.create(Langs__c="fr", Home__Latitude__s=1.5, Home__Longitude__s=2.5)
    world = office.vendor.dump()
    copy = open_office(world)
    assert copy.vendor.dump() == world
    assert copy.ann.row(copy.ann.create())["No__c"] == "C-002/x"
    assert described(copy) == described(office)


@pytest.mark.parametrize(
    ("field", "message"),
    [
        ({"name": "X"}, "must end in __c"),
        ({"name": "X y__c"}, "must end in __c"),
        ({"name": "X__c", "type": "magic"}, "type: give one of string"),
        ({"name": "X__c", "type": "picklist"}, r"X__c\.values: list the values"),
        ({"name": "X__c", "type": "picklist", "values": [1]}, r"X__c\.values: give each as text"),
        ({"name": "X__c", "type": "reference", "referenceTo": "Nope"}, "there is no object Nope"),
        ({"name": "X__c", "type": "autonumber", "format": "A"}, "format: give the pattern"),
        ({"name": "X__c", "type": "double", "precision": 2, "scale": 2}, "precision, scale: give 1 to 18"),
        ({"name": "X__c", "formula": "Nope"}, r"X__c\.formula: Contact has no field Nope"),
        ({"name": "X__c", "formula": "'a' + 'b'"}, r"X__c\.formula: give fields and 'texts' joined by &"),
        ({"name": "X__c", "type": "date", "formula": "LastName"}, r"X__c\.formula: for the type date"),
    ],
)
def test_fields_that_are_refused(field: dict[str, Any], message: str) -> None:
    with pytest.raises(Refused, match=message):
        open_office({"custom_fields": {"Contact": [field]}})
