"""List views: list, describe, results, and who sees which (vendors/salesforce.md §2)."""

import pytest

from mailsync.sandbox.vendor import Refused
from tests.contract.sandbox_salesforce.desk import Office, refusal


def test_list_describe_and_results(office: Office) -> None:
    view_id = office.admin.act(
        "create_view", object="Contact", name="Chiefs", where="Title LIKE 'Chief%' AND Email != null", scope="mine"
    )["id"]
    office.ann.create(Title="Chief Cook", Email="c@acme.example")
    office.ann.create(Title="Cook", Email="d@acme.example")
    listed = office.ann.get("sobjects/Contact/listviews").body
    assert (listed["done"], listed["size"], listed["sobjectType"]) == (True, 1, "Contact")
    view = listed["listviews"][0]
    assert (view["id"], view["developerName"], view["label"], view["soqlCompatible"]) == (
        view_id,
        "Chiefs",
        "Chiefs",
        True,
    )
    shown = office.ann.get(view["describeUrl"]).body
    assert shown["id"] == view_id[:15]
    assert shown["scope"] == "mine"
    assert "FROM Contact USING SCOPE mine WHERE Title LIKE 'Chief%' AND Email != null ORDER BY" in shown["query"]
    assert shown["whereCondition"]["conjunction"] == "and"
    assert [part["operator"] for part in shown["whereCondition"]["conditions"]] == ["like", "notEquals"]
    assert [column["fieldNameOrPath"] for column in shown["columns"] if column["hidden"]] == [
        "Id",
        "CreatedDate",
        "LastModifiedDate",
        "SystemModstamp",
    ]
    assert len(office.ann.query(shown["query"])) == 1
    results = office.ann.get(view["resultsUrl"], limit="10").body
    cells = {cell["fieldNameOrPath"]: cell["value"] for cell in results["records"][0]["columns"]}
    assert (results["size"], cells["Name"]) == (1, "Berg")
    assert " GMT 20" in cells["CreatedDate"]


def test_views_of_others_are_not_there(office: Office) -> None:
    view_id = office.ann.act("create_view", object="Contact", name="Mine", where="Title = 'x'")["id"]
    path = f"sobjects/Contact/listviews/{view_id}/describe"
    assert office.ann.get(path).body["scope"] is None
    assert refusal(office.bob.get(path)) == (404, "NOT_FOUND")
    assert office.bob.get("sobjects/Contact/listviews").body["size"] == 0
    assert refusal(office.ann.get(f"sobjects/Account/listviews/{view_id}/describe")) == (404, "NOT_FOUND")
    with pytest.raises(Refused, match="belongs to somebody else"):
        office.bob.act("edit_view", view=view_id, where="Title = 'y'")


def test_views_change_and_go(office: Office) -> None:
    view_id = office.ann.act("create_view", object="Contact", name="Mine", where="Title = 'x'")["id"]
    office.ann.act("edit_view", view=view_id[:15], where="Title = 'y'")
    path = f"sobjects/Contact/listviews/{view_id}/describe"
    assert "WHERE Title = 'y'" in office.ann.get(path).body["query"]
    office.ann.act("delete_view", view="Mine")
    assert refusal(office.ann.get(path)) == (404, "NOT_FOUND")


@pytest.mark.parametrize(
    ("details", "message"),
    [
        ({"where": "Title IS NULL"}, "where: Salesforce refuses it: MALFORMED_QUERY"),
        ({"where": "Nope = 'x'"}, "where: Salesforce refuses it: INVALID_FIELD"),
        ({"scope": "galaxy"}, "scope: Contact knows everything"),
        ({"object": "Nothing"}, "object: there is no object Nothing"),
        ({"name": ""}, "name: give it as text"),
    ],
)
def test_views_that_are_refused(office: Office, details: dict[str, str], message: str) -> None:
    with pytest.raises(Refused, match=message):
        office.ann.act("create_view", **{"object": "Contact", "name": "V", "where": "Title = 'x'", **details})
    assert office.ann.get("sobjects/Contact/listviews").body["size"] == 0
