"""Long transactions, late commits and locked rows (vendors/salesforce.md §1, §4)."""

from datetime import datetime, timedelta

import pytest

from mailsync.sandbox.vendor import Refused
from tests.contract.sandbox_salesforce.desk import Office, item_code, refusal, rest_date


def covered(office: Office, kind: str = "updated") -> datetime:
    now = office.clock.now()
    got = office.ann.get(f"sobjects/Contact/{kind}", start=rest_date(now - timedelta(minutes=30)), end=rest_date(now))
    assert got.status == 200, got.body
    return datetime.strptime(got.body["latestDateCovered"], "%Y-%m-%dT%H:%M:%S.000%z")


def minute(moment: datetime) -> datetime:
    return moment.replace(second=0, microsecond=0)


def test_the_covered_date_is_the_start_of_the_transaction(office: Office) -> None:
    start = office.clock.now()
    office.admin.act("long_transaction", seconds=900)
    office.clock.advance(600)
    office.ann.create()
    assert covered(office) == covered(office, "deleted") == minute(start)
    office.clock.advance(301)
    assert covered(office) == minute(office.clock.now())


def test_what_it_writes_shows_at_its_end_with_its_first_stamp(office: Office) -> None:
    record_id = office.ann.create(Title="old")
    office.clock.advance(60)
    started = office.clock.now().replace(microsecond=0)
    writes = [{"record": record_id, "values": {"Title": "new"}}]
    office.ann.act("long_transaction", seconds=300, writes=writes)
    text = f"SELECT Title, SystemModstamp FROM Contact WHERE SystemModstamp >= {rest_date(started)}"  # noqa: S608
    assert office.ann.query(text) == []
    other = office.ann.create(Title="meanwhile")
    assert [row["Title"] for row in office.ann.query(text)] == ["meanwhile"]
    office.clock.advance(301)
    late = {row["attributes"]["url"][-18:]: row for row in office.ann.query(text)}
    assert set(late) == {record_id, other}
    assert late[record_id]["SystemModstamp"][:19] == rest_date(started)[:19]


def test_transactions_that_are_refused(office: Office) -> None:
    record_id = office.ann.create()
    for details, message in [
        ({}, "seconds: say for how many seconds"),
        ({"seconds": 5, "writes": [{"record": record_id, "values": {"Nope": 1}}]}, "No such column"),
        ({"seconds": 5, "writes": [{"record": record_id, "values": {"Title": 1}}]}, "Title: give a value of type"),
    ]:
        with pytest.raises(Refused, match=message):
            office.admin.act("long_transaction", **details)
    assert covered(office) == minute(office.clock.now())


def test_a_locked_row_refuses_writes_until_it_is_free(office: Office) -> None:
    record_id, other = office.ann.create(), office.ann.create()
    office.admin.act("lock", record=record_id, seconds=20)
    path = f"sobjects/Contact/{record_id}"
    assert refusal(office.ann.send("PATCH", path, {"Title": "x"})) == (400, "UNABLE_TO_LOCK_ROW")
    assert refusal(office.ann.send("DELETE", path)) == (400, "UNABLE_TO_LOCK_ROW")
    assert office.ann.row(record_id)["Title"] is None
    records = [{"attributes": {"type": "Contact"}, "id": one, "Title": "y"} for one in (record_id, other)]
    got = office.ann.send("PATCH", "composite/sobjects", {"records": records}).body
    assert (item_code(got[0]), got[1]["success"]) == ("UNABLE_TO_LOCK_ROW", True)
    office.clock.advance(21)
    assert office.ann.send("PATCH", path, {"Title": "x"}).status == 204


def test_a_locked_account_locks_out_its_contacts(office: Office) -> None:
    account = office.ann.create("Account", Name="Acme")
    office.admin.act("lock", record=account)
    values = {"LastName": "Berg", "AccountId": account}
    assert refusal(office.ann.send("POST", "sobjects/Contact", values)) == (400, "UNABLE_TO_LOCK_ROW")
    assert office.ann.create()
    office.clock.advance(11)
    assert office.ann.create(AccountId=account)


def test_sharing_and_security_come_before_paging(office: Office) -> None:
    for number in range(420):
        desk = office.ann if number % 2 else office.bob
        desk.create(LastName=f"N{number:03}", Title="x")
    page = office.ann.get(
        "query", {"Sforce-Query-Options": "batchSize=200"}, q="SELECT Name FROM Contact ORDER BY Name"
    )
    assert (page.body["totalSize"], len(page.body["records"]), page.body["done"]) == (210, 200, False)
    assert office.ann.get("query", q="SELECT COUNT() FROM Contact").body["totalSize"] == 210
    rest = office.ann.get(page.body["nextRecordsUrl"]).body
    assert [len(rest["records"]), rest["done"]] == [10, True]
    assert all(int(row["Name"][1:]) % 2 for row in [*page.body["records"], *rest["records"]])
    assert refusal(office.bob.get(page.body["nextRecordsUrl"])) == (400, "INVALID_QUERY_LOCATOR")
    office.admin.act("field_security", object="Contact", field="Title", user="ann", read=False, edit=False)
    for text in (
        "SELECT Title FROM Contact",
        "SELECT Id FROM Contact WHERE Title = 'x'",
        "SELECT MAX(Title) FROM Contact",
    ):
        assert refusal(office.ann.get("query", q=text)) == (400, "INVALID_FIELD")
        assert office.bob.get("query", q=text).status == 200


def test_views_on_relative_dates_and_parents(office: Office) -> None:
    globex = office.ann.create("Account", Name="Globex", Type="Prospect")
    office.ann.create(LastName="In", AccountId=globex)
    office.ann.create(LastName="Out")
    office.ann.act(
        "create_view",
        object="Contact",
        name="Fresh",
        where="(CreatedDate = TODAY OR CreatedDate = LAST_N_DAYS:2) AND Account.Name LIKE 'Glo%'",
    )
    view = office.ann.get("sobjects/Contact/listviews").body["listviews"][0]
    shown = office.ann.get(view["describeUrl"]).body
    assert office.ann.names(shown["query"]) == ["In"]
    tree = shown["whereCondition"]["conditions"]
    assert [part["values"] for part in tree[0]["conditions"]] == [["TODAY"], ["LAST_N_DAYS:2"]]
    assert tree[1] == {"field": "Account.Name", "operator": "like", "values": ["'Glo%'"]}
    office.admin.send("PATCH", f"sobjects/Account/{globex}", {"Name": "Hooli"})
    assert office.ann.names(shown["query"]) == []
    office.admin.send("PATCH", f"sobjects/Account/{globex}", {"Name": "Globex"})
    office.clock.advance(4 * 86_400)
    assert office.ann.names(shown["query"]) == []


def test_picklists_of_views_are_labels(office: Office) -> None:
    office.ann.create("Lead", LastName="Lee", Company="Lee AG")
    office.ann.act("create_view", object="Lead", name="All", where="IsConverted = false")
    view = office.ann.get("sobjects/Lead/listviews").body["listviews"][0]
    shown = office.ann.get(view["describeUrl"]).body
    column = next(one for one in shown["columns"] if one["fieldNameOrPath"] == "Status")
    assert (column["selectListItem"], column["label"], column["type"]) == ("toLabel(Status)", "Status", "picklist")
    assert office.ann.query(shown["query"])[0]["Status"] == "Open - Not Contacted"
    cells = office.ann.get(view["resultsUrl"]).body["records"][0]["columns"]
    assert {"fieldNameOrPath": "Owner.Alias", "value": "ann"} in cells
    assert {"fieldNameOrPath": "Status", "value": "Open - Not Contacted"} in cells


def test_objects_that_are_only_read(office: Office) -> None:
    organisation = office.ann.query("SELECT Name, IsSandbox, OrganizationType, DefaultContactAccess FROM Organization")[
        0
    ]
    assert (organisation["Name"], organisation["DefaultContactAccess"]) == ("Acme", "None")
    assert office.ann.query("SELECT Id FROM RecordType") == []
    office.ann.act("create_view", object="Contact", name="Mine", where="Title = 'x'")
    views = office.ann.query("SELECT Name, DeveloperName, IsSoqlCompatible FROM ListView WHERE SobjectType = 'Contact'")
    assert [(view["Name"], view["IsSoqlCompatible"]) for view in views] == [("Mine", True)]
    got = office.admin.send("POST", "sobjects/Organization", {"Name": "x"})
    assert refusal(got) == (400, "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY")
    assert office.ann.get("sobjects/Organization/describe").body["createable"] is False


def test_child_subqueries(office: Office) -> None:
    acme, empty = (office.ann.create("Account", Name=name) for name in ("Acme", "Empty"))
    for name in ("A", "B", "C"):
        office.ann.create(LastName=name, AccountId=acme)
    hidden = office.admin.create(LastName="D", AccountId=acme)
    text = (
        "SELECT Name, (SELECT LastName, Account.Name FROM Contacts c WHERE c.LastName != 'B' ORDER BY LastName DESC "
        "LIMIT 2), (SELECT Id FROM ChildAccounts) FROM Account ORDER BY Name"
    )
    first, second = office.ann.query(text)
    assert (first["Contacts"]["totalSize"], first["Contacts"]["done"]) == (2, True)
    assert [row["LastName"] for row in first["Contacts"]["records"]] == ["C", "A"]
    assert first["Contacts"]["records"][0]["Account"]["Name"] == "Acme"
    assert (first["ChildAccounts"], second["Contacts"], second["Name"]) == (None, None, "Empty")
    found = office.admin.query(f"SELECT (SELECT Id FROM Contacts) FROM Account WHERE Id = '{acme}'")[0]  # noqa: S608
    assert hidden in {row["Id"] for row in found["Contacts"]["records"]}
    got = office.ann.get("query", q="SELECT (SELECT COUNT() FROM Contacts) FROM Account")
    assert refusal(got) == (400, "MALFORMED_QUERY")
    assert refusal(office.ann.get("query", q="SELECT (SELECT Id FROM Leads) FROM Account")) == (400, "INVALID_TYPE")
    assert empty


def test_subtotals(office: Office) -> None:
    for title, source in (("CEO", "Web"), ("CEO", "Other"), ("CTO", "Web")):
        office.ann.create(Title=title, LeadSource=source)
    text = (
        "SELECT Title, LeadSource, GROUPING(Title) t, GROUPING(LeadSource) s, COUNT(Id) n FROM Contact "
        "GROUP BY {}(Title, LeadSource) ORDER BY GROUPING(Title), Title, GROUPING(LeadSource), LeadSource"
    )

    def rows(kind: str) -> list[tuple[object, ...]]:
        return [
            tuple(row[key] for key in ("Title", "LeadSource", "t", "s", "n"))
            for row in office.ann.query(text.format(kind))
        ]

    rollup = [
        ("CEO", "Other", 0, 0, 1),
        ("CEO", "Web", 0, 0, 1),
        ("CEO", None, 0, 1, 2),
        ("CTO", "Web", 0, 0, 1),
        ("CTO", None, 0, 1, 1),
        (None, None, 1, 1, 3),
    ]
    assert rows("ROLLUP") == rollup
    assert rows("CUBE") == [*rollup[:5], (None, "Other", 1, 0, 1), (None, "Web", 1, 0, 2), (None, None, 1, 1, 3)]
    got = office.ann.get("query", q="SELECT GROUPING(Title), COUNT(Id) FROM Contact GROUP BY ROLLUP(LeadSource)")
    assert refusal(got) == (400, "MALFORMED_QUERY")


def test_semi_joins_take_a_scope(office: Office) -> None:
    mine, theirs = office.ann.create("Account", Name="Mine"), office.bob.create("Account", Name="Theirs")
    for account in (mine, theirs):
        office.admin.create(LastName="x", AccountId=account)
    text = "SELECT Account.Name FROM Contact WHERE AccountId IN (SELECT Id FROM Account USING SCOPE {})"
    assert len(office.admin.query(text.format("everything"))) == 2
    assert office.admin.query(text.format("mine")) == []
    assert refusal(office.admin.get("query", q=text.format("nowhere"))) == (400, "INVALID_QUERY_SCOPE")
