"""State and country picklists: codes beside the texts, and the refusals that vendors/salesforce.md §4 quotes."""

from base64 import b64decode
from typing import Any

import pytest

from mailsync.sandbox.salesforce.places import known_countries
from mailsync.sandbox.vendor import Refused
from tests.contract.sandbox_salesforce.desk import Office, open_office, refusal

ON = {"organisation": {"state_country_picklists": True}}
PARTS = ("MailingState", "MailingStateCode", "MailingCountry", "MailingCountryCode")


@pytest.fixture
def office() -> Office:
    return open_office(ON)


def place(row: dict[str, Any]) -> tuple[Any, ...]:
    return tuple(row[part] for part in PARTS)


@pytest.mark.parametrize(
    ("given", "settled"),
    [
        ({"MailingCountry": "germany"}, (None, None, "Germany", "DE")),
        ({"MailingCountryCode": "DE"}, (None, None, "Germany", "DE")),
        ({"MailingCountry": "United States", "MailingState": "Texas"}, ("Texas", "TX", "United States", "US")),
        ({"MailingCountryCode": "US", "MailingStateCode": "TX"}, ("Texas", "TX", "United States", "US")),
        ({"MailingCountryCode": "IT", "MailingStateCode": "AL"}, ("Alessandria", "AL", "Italy", "IT")),
        ({"MailingCountryCode": "US", "MailingStateCode": "AL"}, ("Alabama", "AL", "United States", "US")),
        ({"MailingCountry": "Brazil", "MailingCountryCode": "BR"}, (None, None, "Brazil", "BR")),
    ],
)
def test_text_and_code_set_each_other(office: Office, given: dict[str, str], settled: tuple[Any, ...]) -> None:
    assert place(office.ann.row(office.ann.create(**given))) == settled


@pytest.mark.parametrize(
    ("given", "code", "fields", "words"),
    [
        (
            {"MailingCountry": "Atlantis"},
            "FIELD_INTEGRITY_EXCEPTION",
            ["MailingCountry"],
            "There's a problem with this country, even though it may appear correct. Please select a country from the "
            "list of valid countries.: [MailingCountry]",
        ),
        ({"MailingCountry": "US"}, "FIELD_INTEGRITY_EXCEPTION", ["MailingCountry"], "problem with this country"),
        (
            {"MailingCountry": "Germany", "MailingCountryCode": "US"},
            "FIELD_INTEGRITY_EXCEPTION",
            ["MailingCountry"],
            "problem with this country",
        ),
        (
            {"MailingState": "Texas"},
            "FIELD_INTEGRITY_EXCEPTION",
            ["MailingState"],
            "A country/territory must be specified before specifying a state value for field: [MailingState]",
        ),
        (
            {"MailingState": "Texas", "MailingCountry": "Germany"},
            "FIELD_INTEGRITY_EXCEPTION",
            ["MailingState"],
            "There's a problem with this state",
        ),
        (
            {"MailingCountryCode": "XX"},
            "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST",
            ["MailingCountryCode"],
            "Mailing Country Code: bad value for restricted picklist field: XX",
        ),
        (
            {"MailingCountryCode": "US", "MailingStateCode": "Q9"},
            "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST",
            ["MailingStateCode"],
            "bad value for restricted picklist field: Q9",
        ),
    ],
)
def test_places_that_are_refused(
    office: Office, given: dict[str, str], code: str, fields: list[str], words: str
) -> None:
    got = office.ann.send("POST", "sobjects/Contact", {"LastName": "Berg", **given})
    assert (refusal(got), got.body[0]["fields"]) == ((400, code), fields)
    assert words in got.body[0]["message"]
    assert office.ann.query("SELECT Id FROM Contact") == []


def test_updates_go_by_what_is_there(office: Office) -> None:
    record_id = office.ann.create(MailingCountry="United States", MailingState="Ohio", MailingCity="Kent")
    path = f"sobjects/Contact/{record_id}"
    assert office.ann.send("PATCH", path, {"MailingState": "Texas"}).status == 204
    assert place(office.ann.row(record_id))[:2] == ("Texas", "TX")
    got = office.ann.send("PATCH", path, {"MailingState": "Bavaria"})
    assert refusal(got) == (400, "FIELD_INTEGRITY_EXCEPTION")
    words = 'The existing country/territory doesn\'t recognize the state value named "Bavaria"'
    assert got.body[0]["message"].startswith(words)
    got = office.ann.send("PATCH", path, {"MailingCountry": "Canada"})
    assert "problem with this state" in got.body[0]["message"], "the state that stays is none of Canada's"
    got = office.ann.send("PATCH", path, {"MailingCountry": None})
    assert "must be specified before" in got.body[0]["message"]
    assert place(office.ann.row(record_id)) == ("Texas", "TX", "United States", "US")
    assert office.ann.send("PATCH", path, {"MailingCountry": "Canada", "MailingState": "Quebec"}).status == 204
    assert place(office.ann.row(record_id)) == ("Quebec", "QC", "Canada", "CA")
    assert office.ann.send("PATCH", path, {"MailingStateCode": None}).status == 204
    assert place(office.ann.row(record_id)) == (None, None, "Canada", "CA")
    assert office.ann.send("PATCH", path, {"MailingCountry": None, "MailingCity": None}).status == 204
    assert office.ann.row(record_id)["MailingAddress"] is None


def test_describe_has_dependent_codes(office: Office) -> None:
    for name, stem in (("Contact", "Mailing"), ("Account", "Shipping"), ("Lead", "")):
        listed = office.ann.get(f"sobjects/{name}/describe").body["fields"]
        fields = {field["name"]: field for field in listed}
        state, country = fields[f"{stem}StateCode"], fields[f"{stem}CountryCode"]
        assert (state["type"], state["restrictedPicklist"], state["length"]) == ("picklist", True, 10)
        assert (state["dependentPicklist"], state["controllerName"]) == (True, f"{stem}CountryCode")
        assert (country["dependentPicklist"], country["compoundFieldName"]) == (False, f"{stem}Address")
        assert (fields[f"{stem}State"]["type"], fields[f"{stem}Country"]["length"]) == ("string", 80)
        names = [field["name"] for field in listed]
        assert names[names.index(f"{stem}Country") :][1:3] == [f"{stem}StateCode", f"{stem}CountryCode"]
        texas = next(one for one in state["picklistValues"] if one["label"] == "Texas")
        bits = "".join(f"{byte:08b}" for byte in b64decode(texas["validFor"]))
        valid = [one["value"] for one, bit in zip(country["picklistValues"], bits, strict=False) if bit == "1"]
        assert valid == ["US"]
    off = open_office().ann.get("sobjects/Contact/describe").body["fields"]
    assert not [field for field in off if field["name"].endswith("Code") and field["name"] != "MailingPostalCode"][1:]


def test_addresses_and_labels_in_queries(office: Office) -> None:
    office.ann.create(MailingCountryCode="IT", MailingStateCode="AL")
    found = office.ann.query(
        "SELECT MailingAddress, toLabel(MailingStateCode), MailingCountryCode FROM Contact "
        "WHERE MailingCountryCode = 'it' AND toLabel(MailingCountryCode) = 'Italy'"
    )[0]
    assert (found["MailingStateCode"], found["MailingCountryCode"]) == ("Alessandria", "IT")
    address = found["MailingAddress"]
    assert {key: address[key] for key in ("state", "stateCode", "country", "countryCode")} == {
        "state": "Alessandria",
        "stateCode": "AL",
        "country": "Italy",
        "countryCode": "IT",
    }


def test_worlds_are_settled_and_dumped() -> None:
    contact = {"LastName": "Berg", "OwnerId": "ann", "MailingCountry": "Ireland", "MailingStateCode": "KY"}
    office = open_office({**ON, "records": {"Contact": [contact]}})
    record = office.ann.query("SELECT MailingState, MailingCountryCode FROM Contact")[0]
    assert (record["MailingState"], record["MailingCountryCode"]) == ("Kerry", "IE")
    assert open_office(office.vendor.dump()).vendor.dump() == office.vendor.dump()
    with pytest.raises(Refused, match=r"records\.Contact\[0\]: There's a problem with this country"):
        open_office({**ON, "records": {"Contact": [{**contact, "MailingCountry": "Erewhon"}]}})


def test_converted_leads_keep_their_places(office: Office) -> None:
    lead = office.ann.create("Lead", LastName="Lee", Company="Lee AG", Country="Canada", State="Ontario")
    made = office.ann.act("convert", lead=lead)
    assert place(office.ann.row(made["contact"])) == ("Ontario", "ON", "Canada", "CA")


def test_the_catalogue_is_sound() -> None:
    countries = known_countries()
    assert len(countries) > 230
    assert len({one.name for one in countries.values()}) == len(countries)
    assert all(code == one.code and len(code) == 2 and code.isupper() for code, one in countries.items())
    for one in countries.values():
        assert len({code for code, _ in one.states}) == len({name for _, name in one.states}) == len(one.states)
    assert {one.code: len(one.states) for one in countries.values() if one.states} == {
        "AU": 8,
        "BR": 27,
        "CA": 13,
        "CN": 34,
        "IE": 26,
        "IN": 36,
        "IT": 110,
        "MX": 32,
        "US": 51,
    }
