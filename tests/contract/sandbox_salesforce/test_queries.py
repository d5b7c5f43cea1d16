"""Queries as a user: sharing, hidden fields, pages, cursors, late commits (vendors/salesforce.md §1, §3, §9)."""

import pytest

from tests.contract.sandbox_salesforce.desk import Got, Office, open_office, refusal
from tests.services.growth import growth


def with_contacts(count: int) -> Office:
    contacts = [
        {"LastName": f"Berg {number:05}", "OwnerId": "ann", "Email": f"b{number}@acme.example", "MailingCity": "Oslo"}
        for number in range(count)
    ]
    return open_office({"records": {"Contact": contacts}})


def test_pages_are_kept_for_two_days_and_for_one_user() -> None:
    office = with_contacts(450)
    text = "SELECT Id, Name FROM Contact ORDER BY Name"
    first = office.ann.get("query/", {"Sforce-Query-Options": "batchSize=200"}, q=text)
    assert (first.body["totalSize"], first.body["done"], len(first.body["records"])) == (450, False, 200)
    url = first.body["nextRecordsUrl"]
    assert url.startswith("/services/data/v68.0/query/01g")
    assert url.endswith("-200")
    assert refusal(office.bob.get(url)) == (400, "INVALID_QUERY_LOCATOR")
    last_id = office.ann.query(f"{text} DESC LIMIT 1")[0]["Id"]
    office.ann.send("DELETE", f"sobjects/Contact/{last_id}")
    second = office.ann.get(url).body
    third = office.ann.get(second["nextRecordsUrl"]).body
    names = [record["Name"] for page in (first.body, second, third) for record in page["records"]]
    assert names == [f"Berg {number:05}" for number in range(450)]
    assert third["done"] is True
    assert "nextRecordsUrl" not in third
    office.clock.advance(2 * 86400 + 1)
    assert refusal(office.ann.get(url)) == (400, "INVALID_QUERY_LOCATOR")


@pytest.mark.parametrize(("asked", "given"), [("", 2000), ("batchSize=10", 200), ("batchSize=9999", 2000)])
def test_page_sizes(asked: str, given: int) -> None:
    office = with_contacts(2001)
    got = office.ann.get("query", {"Sforce-Query-Options": asked}, q="SELECT Id FROM Contact")
    assert len(got.body["records"]) == given


def test_pages_may_be_shorter_than_asked() -> None:
    contacts = [{"LastName": f"Berg {number}", "OwnerId": "ann"} for number in range(12)]
    office = open_office({"organisation": {"largest_page": 5}, "records": {"Contact": contacts}})
    page = office.ann.get("query", {"Sforce-Query-Options": "batchSize=2000"}, q="SELECT Id FROM Contact").body
    sizes = [len(page["records"])]
    while not page["done"]:
        page = office.ann.get(page["nextRecordsUrl"]).body
        sizes.append(len(page["records"]))
    assert sizes == [5, 5, 2]


def test_a_page_costs_no_more_than_its_length() -> None:
    office = with_contacts(2000)
    text = "SELECT Id, Name, Email, Phone, MailingCity, Account.Name, SystemModstamp FROM Contact ORDER BY Id"
    few = with_contacts(200)
    assert growth(lambda: few.ann.query(text), lambda: office.ann.query(text)) < 10 * 3


def test_sharing_applies_before_counting(office: Office) -> None:
    office.ann.create(LastName="Ann's")
    shared = office.ann.create(LastName="Shared")
    office.bob.create(LastName="Bob's")
    office.ann.act("share", record=shared, user="bob")
    assert sorted(office.bob.names("SELECT Name FROM Contact")) == ["Bob's", "Shared"]
    assert office.bob.get("query", q="SELECT COUNT() FROM Contact").body["totalSize"] == 2
    assert office.bob.names("SELECT Name FROM Contact USING SCOPE mine") == ["Bob's"]
    assert len(office.admin.query("SELECT Id FROM Contact")) == 3
    office.ann.act("unshare", record=shared, user="bob")
    assert office.bob.names("SELECT Name FROM Contact") == ["Bob's"]


def test_the_account_of_a_visible_contact_may_be_invisible(office: Office) -> None:
    account = office.ann.create("Account", Name="Acme")
    contact = office.ann.create(AccountId=account)
    office.ann.act("share", record=contact, user="bob")
    assert office.ann.query("SELECT Account.Name FROM Contact")[0]["Account"]["Name"] == "Acme"
    assert office.bob.query("SELECT Account.Name FROM Contact")[0]["Account"] is None


def test_an_account_renamed_does_not_touch_its_contacts(office: Office) -> None:
    account = office.ann.create("Account", Name="Acme")
    stamp = office.ann.row(office.ann.create(AccountId=account))["SystemModstamp"]
    office.clock.advance(60)
    office.ann.send("PATCH", f"sobjects/Account/{account}", {"Name": "Acme AG"})
    found = office.ann.query("SELECT SystemModstamp, Account.Name FROM Contact")[0]
    assert (found["SystemModstamp"], found["Account"]["Name"]) == (stamp, "Acme AG")


def test_hidden_fields_fail_the_whole_query(office: Office) -> None:
    office.ann.create(Title="CTO")
    office.admin.act("field_security", object="Contact", field="Title", user="ann", read=False, edit=False)
    assert refusal(office.ann.get("query", q="SELECT Id, Title FROM Contact")) == (400, "INVALID_FIELD")
    assert refusal(office.ann.get("query", q="SELECT Id FROM Contact WHERE Title = 'x'")) == (400, "INVALID_FIELD")
    assert office.admin.query("SELECT Title FROM Contact")[0]["Title"] == "CTO"
    assert refusal(office.ann.send("POST", "sobjects/Contact", {"LastName": "x", "Title": "y"})) == (
        400,
        "INVALID_FIELD",
    )


def test_query_all_shows_the_recycle_bin(office: Office) -> None:
    gone, kept = office.ann.create(LastName="Gone"), office.ann.create(LastName="Kept")
    office.clock.advance(10)
    office.ann.send("DELETE", f"sobjects/Contact/{gone}")
    assert office.ann.names("SELECT Name FROM Contact") == ["Kept"]
    found = office.ann.query("SELECT Id, IsDeleted, SystemModstamp FROM Contact ORDER BY SystemModstamp", "queryAll/")
    assert [(record["Id"], record["IsDeleted"]) for record in found] == [(kept, False), (gone, True)]
    assert found[1]["SystemModstamp"] > found[0]["SystemModstamp"]
    office.clock.advance(16 * 86400)
    assert len(office.ann.query("SELECT Id FROM Contact", "queryAll")) == 1


def test_errors_pass_through(office: Office) -> None:
    def ask(text: str) -> tuple[int, str]:
        return refusal(office.ann.get("query", q=text))

    assert ask("SELECT * FROM Contact") == (400, "MALFORMED_QUERY")
    assert ask("SELECT Id FROM Nothing") == (400, "INVALID_TYPE")
    assert ask("") == (400, "MALFORMED_QUERY")
    assert ask("SELECT Id FROM Contact USING SCOPE wrong") == (400, "INVALID_QUERY_SCOPE")


def test_uris_over_16384_bytes(office: Office) -> None:
    def ask(length: int) -> Got:
        return office.ann.get("query", q="x" * length)

    assert ask(16400).status == 414
    assert ask(16330).status == 431
    assert refusal(ask(15000)) == (400, "MALFORMED_QUERY")


def test_late_commits_show_only_after_their_time(office: Office) -> None:
    old = office.ann.create(LastName="Old")
    office.admin.act("late_commit", seconds=300)
    office.ann.create(LastName="New")
    office.ann.send("PATCH", f"sobjects/Contact/{old}", {"LastName": "Older"})
    assert office.ann.names("SELECT Name FROM Contact") == ["Old"]
    office.clock.advance(301)
    assert sorted(office.ann.names("SELECT Name FROM Contact")) == ["New", "Older"]
    office.admin.act("late_commit", seconds=0)
    office.ann.create(LastName="Prompt")
    assert "Prompt" in office.ann.names("SELECT Name FROM Contact")


def test_list_views_and_users_can_be_queried(office: Office) -> None:
    office.admin.act("create_view", object="Contact", name="My View", where="Title = 'CTO'", scope="mine")
    found = office.ann.query("SELECT Id, Name, DeveloperName, IsSoqlCompatible FROM ListView")
    assert [(view["Name"], view["DeveloperName"], view["IsSoqlCompatible"]) for view in found] == [
        ("My View", "My_View", True)
    ]
    assert len(office.ann.query("SELECT Id, Username FROM User WHERE IsActive = true")) == 4
