"""Deleting, merging, undeleting and who may, over REST and SOAP (vendors/salesforce.md §1)."""

from xml.sax.saxutils import escape

import pytest
from lxml import etree

from mailsync.sandbox.vendor import Refused, Request
from tests.contract.sandbox_salesforce.desk import Desk, Office, open_office, refusal

HEAD = (
    '<?xml version="1.0" encoding="utf-8"?><soapenv:Envelope '
    'xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" xmlns="urn:partner.soap.sforce.com">'
    "<soapenv:Header><SessionHeader><sessionId>{token}</sessionId></SessionHeader></soapenv:Header><soapenv:Body>"
)


def soap(desk: Desk, inner: str, token: str | None = None) -> tuple[int, dict[str, list[str]]]:
    """Status, and the texts of the answer by element name."""
    session = f"sandbox-{desk.user}" if token is None else token
    body = HEAD.format(token=escape(session)) + inner + "</soapenv:Body></soapenv:Envelope>"
    answer = desk.vendor.answer(
        Request("POST", "/services/Soap/u/68.0", "", {"content-type": "text/xml", "soapaction": '""'}, body.encode())
    )
    found: dict[str, list[str]] = {}
    for element in etree.fromstring(answer.body).iter():
        found.setdefault(etree.QName(element).localname, []).append(element.text or "")
    return answer.status, found


def merge(master: str, *losers: str, fields: str = "") -> str:
    ids = "".join(f"<recordToMergeIds>{loser}</recordToMergeIds>" for loser in losers)
    record = f"<masterRecord><type>Contact</type><Id>{master}</Id>{fields}</masterRecord>"
    return f"<merge><request>{record}{ids}</request></merge>"


def undelete(*ids: str) -> str:
    return f"<undelete>{''.join(f'<ids>{record_id}</ids>' for record_id in ids)}</undelete>"


TOMBSTONES = "SELECT Id, IsDeleted, MasterRecordId, SystemModstamp FROM Contact ORDER BY Id"


def test_merge_leaves_tombstones_that_name_the_winner(office: Office) -> None:
    winner, first, second = (office.ann.create(LastName=name) for name in ("Win", "One", "Two"))
    office.clock.advance(10)
    fields = "<Title>CTO</Title><fieldsToNull>Phone</fieldsToNull>"
    status, found = soap(office.ann, merge(winner, first, second, fields=fields))
    assert (status, found["success"], found["id"]) == (200, ["true"], [winner])
    assert found["mergedRecordIds"] == [first, second]
    row = office.ann.row(winner)
    assert (row["Title"], row["LastName"]) == ("CTO", "Win")
    assert row["LastModifiedDate"] > row["CreatedDate"]
    dead = [record for record in office.ann.query(TOMBSTONES, "queryAll") if record["IsDeleted"]]
    assert [(record["Id"], record["MasterRecordId"]) for record in dead] == [(first, winner), (second, winner)]
    assert all(record["SystemModstamp"] == row["SystemModstamp"] for record in dead)


def test_undelete_brings_a_loser_back_without_its_master(office: Office) -> None:
    winner, loser = office.ann.create(), office.ann.create(LastName="Lost")
    soap(office.ann, merge(winner, loser))
    office.clock.advance(60)
    status, found = soap(office.ann, undelete(loser, winner, "nonsense"))
    assert (status, found["success"]) == (200, ["true", "false", "false"])
    assert found["statusCode"] == ["UNDELETE_FAILED", "MALFORMED_ID"]
    back = office.ann.query(TOMBSTONES)[1]
    assert (back["Id"], back["IsDeleted"], back["MasterRecordId"]) == (loser, False, None)
    assert back["SystemModstamp"] > office.ann.row(winner)["SystemModstamp"]


def test_merges_that_are_refused_change_nothing(office: Office) -> None:
    mine, other = office.ann.create(), office.bob.create()
    for request, code in [
        (merge(mine, other), "INVALID_CROSS_REFERENCE_KEY"),
        (merge(mine, mine), "INVALID_NUMBER_FOR_MERGE"),
        (merge(mine, *(office.ann.create() for _ in range(3))), "INVALID_NUMBER_FOR_MERGE"),
        (merge(mine, office.ann.create(), fields="<Nope>x</Nope>"), "INVALID_FIELD"),
    ]:
        status, found = soap(office.ann, request)
        assert (status, found["success"], found["statusCode"]) == (200, ["false"], [code])
    assert not any(record["IsDeleted"] for record in office.admin.query(TOMBSTONES, "queryAll"))


def test_soap_faults(office: Office) -> None:
    status, found = soap(office.ann, undelete(), token="wrong")
    assert (status, found["faultcode"]) == (500, ["sf:INVALID_SESSION_ID"])
    assert found["exceptionCode"] == ["INVALID_SESSION_ID"]
    assert soap(office.ann, "<explode/>")[1]["faultcode"] == ["sf:INVALID_OPERATION"]
    bad = office.vendor.answer(Request("POST", "/services/Soap/u/68.0", "", {}, b"<!DOCTYPE x><no"))
    assert bad.status == 500
    assert b"sf:INVALID_SOAP_ENVELOPE" in bad.body


def test_an_account_takes_its_contacts_along_and_back(office: Office) -> None:
    account = office.ann.create("Account", Name="Acme")
    child, other = office.ann.create(AccountId=account), office.ann.create()
    office.ann.send("DELETE", f"sobjects/Account/{account}")
    assert [record["Id"] for record in office.ann.query("SELECT Id FROM Contact")] == [other]
    soap(office.ann, undelete(account))
    assert {record["Id"] for record in office.ann.query("SELECT Id FROM Contact")} == {child, other}
    assert office.ann.row(child)["AccountId"] == account


def test_only_owner_and_admin_edit_and_delete(office: Office) -> None:
    record_id = office.ann.create()
    path = f"sobjects/Contact/{record_id}"
    assert refusal(office.bob.send("PATCH", path, {"Title": "x"})) == (404, "NOT_FOUND")
    office.ann.act("share", record=record_id[:15], user="bob")
    assert refusal(office.bob.send("PATCH", path, {"Title": "x"})) == (403, "INSUFFICIENT_ACCESS_OR_READONLY")
    office.ann.act("share", record=record_id, user="bob", access="edit")
    assert office.bob.send("PATCH", path, {"Title": "x"}).status == 204
    assert refusal(office.bob.send("DELETE", path)) == (403, "INSUFFICIENT_ACCESS_OR_READONLY")
    assert office.admin.send("DELETE", path).status == 204


def test_a_new_owner_ends_the_shares(office: Office) -> None:
    record_id = office.ann.create()
    cem = next(user["id"] for user in office.vendor.dump()["users"] if user["name"] == "cem")
    office.ann.act("share", record=record_id, user="bob")
    assert office.ann.send("PATCH", f"sobjects/Contact/{record_id}", {"OwnerId": cem}).status == 204
    assert refusal(office.bob.get(f"sobjects/Contact/{record_id}")) == (404, "NOT_FOUND")
    assert refusal(office.ann.get(f"sobjects/Contact/{record_id}")) == (404, "NOT_FOUND")
    assert office.admin.row(record_id)["OwnerId"] == cem


def test_accounts_that_cannot_be_linked(office: Office) -> None:
    hidden, gone = office.bob.create("Account", Name="B"), office.ann.create("Account", Name="A")
    office.ann.send("DELETE", f"sobjects/Account/{gone}")
    for account, code in [(hidden, "INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY"), (gone, "ENTITY_IS_DELETED")]:
        got = office.ann.send("POST", "sobjects/Contact", {"LastName": "x", "AccountId": account})
        assert refusal(got) == (400, code)


def test_a_converted_lead_names_its_contact() -> None:
    lead = {"LastName": "Lee", "Company": "Lee AG", "Email": "lee@acme.example", "City": "Oslo", "OwnerId": "ann"}
    office = open_office({"records": {"Lead": [lead]}})
    lead_id = office.ann.query("SELECT Id FROM Lead")[0]["Id"]
    made = office.ann.act("convert", lead=lead_id)
    found = office.ann.query("SELECT IsConverted, ConvertedContactId, ConvertedAccountId FROM Lead")[0]
    assert (found["IsConverted"], found["ConvertedContactId"]) == (True, made["contact"])
    row = office.ann.row(made["contact"])
    assert (row["Email"], row["MailingCity"], row["AccountId"]) == ("lee@acme.example", "Oslo", made["account"])
    with pytest.raises(Refused, match="converted lead"):
        office.ann.act("convert", lead=lead_id)
