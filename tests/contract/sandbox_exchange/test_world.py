"""Worlds: loading, dumping, and a dump being the same world again."""

import json

import pytest

from mailsync.sandbox.exchange import Exchange
from mailsync.sandbox.vendor import Clock, Refused
from tests.contract.sandbox_exchange.wire import (
    NS,
    OWN_ID,
    Mailbox,
    extended,
    read_ref,
    set_field,
    sync_items,
    text,
)

CONTACT = {
    "GivenName": "Jo",
    "Surname": "Doe",
    "DisplayName": "Jo Doe",
    "Title": "Dr.",
    "CompanyName": "Acme",
    "EmailAddresses": {"EmailAddress1": "jo@doe.example", "EmailAddress2": {"Address": "j@d.example", "Name": "Jo"}},
    "PhoneNumbers": {"BusinessPhone": "+1 2", "MobilePhone": "3"},
    "PhysicalAddresses": {"Business": {"Street": "1 Main St", "City": "Ulm", "PostalCode": "89073"}},
    "Categories": ["Salesforce"],
    "Body": "note",
    "Sensitivity": "Private",
    "Birthday": "1980-02-29",
}
WORLD = {
    "mailboxes": [
        {
            "user": "ann",
            "address": "ann@acme.example",
            "items": [
                CONTACT,
                {"Kind": "DistributionList", "DisplayName": "Team", "Members": [{"EmailAddress": "a@b.example"}]},
            ],
            "folders": [
                {
                    "name": "Clients",
                    "class": "IPF.Contact",
                    "items": [{"GivenName": "Al"}],
                    "folders": [{"name": "Old"}],
                }
            ],
        }
    ]
}


def load(world: object) -> Exchange:
    exchange = Exchange(Clock())
    exchange.load(json.loads(json.dumps(world)))
    return exchange


def test_a_world_can_be_read_over_ews() -> None:
    ann = Mailbox(load(WORLD), "ann")
    team, contact = ann.find("contacts")
    assert team.tag.endswith("}DistributionList")
    found = ann.get(read_ref(contact), base="AllProperties")
    assert [text(found, f"t:{name}") for name in ("GivenName", "Body", "Sensitivity", "Birthday")] == [
        "Jo",
        "note",
        "Private",
        "1980-02-29T11:59:00Z",
    ]
    assert text(found, "t:CompleteName/t:Title") == "Dr."


def test_a_dump_is_the_same_world(clock: Clock) -> None:
    first = load(WORLD)
    ann = Mailbox(first, "ann")
    contact = read_ref(ann.find("contacts")[1])
    folder = ann.create_folder("Salesforce Contacts")
    state = text(ann.ask_one(sync_items("contacts")), "m:SyncState") or ""
    old = ann.create("<t:GivenName>Al</t:GivenName>")
    moved = ann.move(old, folder)
    updated = ann.update(contact, set_field(OWN_ID, extended(OWN_ID, "003A")))
    ann.delete(read_ref(ann.find("contacts")[0]))
    soft = ann.create("<t:GivenName>Soft</t:GivenName>")
    ann.delete(soft, "SoftDelete")
    first.act("admin", "server_quirk", {"quirk": "no_change_key_check", "on": True})
    dump = first.dump()
    second = load(dump)
    assert second.dump() == dump
    again = Mailbox(second, "ann")
    for path in ("contacts", folder, "deleteditems", "recoverableitemsdeletions"):
        assert [read_ref(item) for item in again.find(path)] == [read_ref(item) for item in ann.find(path)]
    assert text(again.get(updated, OWN_ID), "t:ExtendedProperty/t:Value") == "003A"
    messages = [box.ask_one(sync_items("contacts", state)) for box in (ann, again)]
    changes = [[(each.tag, read_ref(each).id) for each in message.find("m:Changes", NS)] for message in messages]
    assert changes[0] == changes[1]
    assert len(changes[0]) == 2
    fresh = again.create("<t:GivenName>New</t:GivenName>")
    assert fresh.id not in {moved.id, old.id, soft.id, contact.id}
    (restorable,) = again.find("recoverableitemsdeletions")
    second.act("ann", "restore_item", {"item": read_ref(restorable).id})
    assert len(again.find("contacts")) == 3


def test_a_dump_without_its_log_keeps_ids(clock: Clock) -> None:
    first = load(WORLD)
    dump = first.dump()
    del dump["mailboxes"][0]["log"]
    second = load(dump)
    ids = [[read_ref(item) for item in Mailbox(exchange, "ann").find("contacts")] for exchange in (first, second)]
    assert ids[0] == ids[1]
    assert len(Mailbox(second, "ann").ask_one(sync_items("contacts")).find("m:Changes", NS)) == 2


@pytest.mark.parametrize(
    ("change", "key"),
    [
        ({"mailboxes": {}}, "exchange.mailboxes"),
        ({"boxes": []}, "exchange.boxes"),
        ({"mailboxes": [{"user": 1}]}, "exchange.mailboxes[0].user"),
        ({"mailboxes": [{"user": "ann", "name": ""}]}, "exchange.mailboxes[0].name"),
        ({"mailboxes": [{"user": "ann"}, {"user": "ann"}]}, "exchange.mailboxes[1].address"),
        ({"mailboxes": [{"user": "ann", "items": [{"Salary": "1"}]}]}, "exchange.mailboxes[0].items[0].Salary"),
        ({"mailboxes": [{"user": "ann", "items": [{"PhoneNumbers": {"X": "1"}}]}]}, "items[0].PhoneNumbers.X"),
        ({"mailboxes": [{"user": "ann", "items": [{"Sensitivity": "X"}]}]}, "items[0].Sensitivity"),
        ({"mailboxes": [{"user": "ann", "items": [{"Birthday": "never"}]}]}, "items[0].Birthday"),
        ({"mailboxes": [{"user": "ann", "items": [{"Id": "x"}]}]}, "items[0].Id"),
        ({"mailboxes": [{"user": "ann", "items": [{"Kind": "Note"}]}]}, "items[0].Kind"),
        ({"mailboxes": [{"user": "ann", "folders": [{"name": "A"}, {"name": "a"}]}]}, "folders[1].name"),
        ({"mailboxes": [{"user": "ann", "guid": "x"}]}, "guid"),
        ({"mailboxes": [{"user": "ann", "log": {"number": 1}}]}, "log"),
        ({"mailboxes": [{"user": "ann", "default_folders": {"x": {}}}]}, "default_folders.x"),
        ({"mailboxes": [], "quirks": ["x"]}, "exchange.quirks"),
    ],
)
def test_a_wrong_world_is_refused_by_its_key(change: dict[str, object], key: str) -> None:
    with pytest.raises(Refused) as refused:
        load(change)
    assert key in str(refused.value).partition(": ")[0]
