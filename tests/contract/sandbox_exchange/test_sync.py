"""SyncFolderItems and SyncFolderHierarchy."""

import random

import pytest
from lxml import etree

from mailsync.sandbox.exchange import Exchange
from tests.contract.sandbox_exchange.wire import (
    NS,
    Mailbox,
    Ref,
    create_item,
    read_ref,
    set_field,
    shape,
    sync_items,
    text,
)

JO = "<t:GivenName>Jo</t:GivenName>"


def read(message: etree._Element) -> tuple[str, bool, list[tuple[str, str]]]:
    """State, whether that was all, and (kind of change, item id) in the order of the answer."""
    changes = [(etree.QName(each).localname, read_ref(each).id) for each in message.find("m:Changes", NS)]
    last = text(message, "m:IncludesLastItemInRange") or text(message, "m:IncludesLastFolderInRange")
    return text(message, "m:SyncState") or "", last == "true", changes


def sync(ann: Mailbox, state: str = "", maximum: int = 512, folder: str = "contacts"):
    return read(ann.ask_one(sync_items(folder, state, maximum)))


def test_changes_since_a_state_one_per_item(ann: Mailbox) -> None:
    first, second = ann.create(JO), ann.create(JO)
    state, complete, changes = sync(ann)
    assert complete
    assert changes == [("Create", second.id), ("Create", first.id)]
    assert len(state) > 200
    assert sync(ann, state)[2] == []
    for name in ("A", "B"):
        first = ann.update(first, set_field("contacts:Surname", f"<t:Surname>{name}</t:Surname>"))
    ann.delete(second)
    passing = ann.create(JO)
    ann.delete(passing, "HardDelete")
    third = ann.create(JO)
    assert sync(ann, state)[2] == [("Create", third.id), ("Delete", second.id), ("Update", first.id)]
    assert sync(ann, state)[2] == [("Create", third.id), ("Delete", second.id), ("Update", first.id)]


def test_a_move_is_a_deletion_here_and_a_creation_there(ann: Mailbox) -> None:
    folder = ann.create_folder("Salesforce Contacts")
    old = ann.create(JO)
    here, there = sync(ann)[0], sync(ann, folder=folder)[0]
    new = ann.move(old, folder)
    assert sync(ann, here)[2] == [("Delete", old.id)]
    assert sync(ann, there, folder=folder)[2] == [("Create", new.id)]


def test_pages_lose_nothing_that_changes_between_them(ann: Mailbox) -> None:
    refs = [read_ref(message) for message in ann.ask(create_item(JO, count=7))]
    state, complete, page = sync(ann, maximum=3)
    assert not complete
    assert [each for _, each in page] == [ref.id for ref in refs[:3:-1]]
    seen = {each for _, each in page}
    ann.update(refs[6], set_field("contacts:Surname", "<t:Surname>told already</t:Surname>"))
    ann.update(refs[0], set_field("contacts:Surname", "<t:Surname>not told yet</t:Surname>"))
    ann.delete(refs[5])
    late = ann.create(JO)
    kinds: dict[str, list[str]] = {}
    while not complete:
        state, complete, page = sync(ann, state, 3)
        seen.update(each for _, each in page)
        for kind, each in page:
            kinds.setdefault(each, []).append(kind)
    assert seen == {ref.id for ref in refs}
    assert kinds[refs[0].id] == ["Create"]
    _, _, changes = sync(ann, state)
    assert {each: kind for kind, each in changes} == {
        late.id: "Create",
        refs[6].id: "Update",
        refs[5].id: "Delete",
        refs[0].id: "Update",
    }


def test_lists_are_cut_and_have_no_body(ann: Mailbox) -> None:
    ref = ann.create(f'<t:Body BodyType="Text">note</t:Body><t:GivenName>{"x" * 300}</t:GivenName>')
    message = ann.ask_one(sync_items("contacts", "", 10, "item:Body", "contacts:GivenName", "item:MimeContent"))
    (contact,) = message.iterfind(".//t:Contact", NS)
    assert text(contact, "t:GivenName") == "x" * 255
    assert contact.find("t:Body", NS) is None
    whole = ann.get(ref, "item:Body", "contacts:GivenName")
    assert (text(whole, "t:GivenName"), text(whole, "t:Body")) == ("x" * 300, "note")


def test_states_are_bound_to_their_folder_and_mailbox(ann: Mailbox, exchange: Exchange) -> None:
    ann.create(JO)
    state = sync(ann)[0]
    folder = ann.create_folder("Other")
    for wrong in ("garbage", state[:-8], state[:100] + "AAAA" + state[104:]):
        assert ann.codes(sync_items("contacts", wrong)) == ["ErrorInvalidSyncStateData"]
    (message,) = ann.ask(sync_items(folder, state))
    assert text(message, "m:ResponseCode") == "ErrorInvalidSyncStateData"
    assert message.find("m:SyncState", NS) is not None
    assert text(message, "m:IncludesLastItemInRange") == "true"
    assert Mailbox(exchange, "eve").codes(sync_items("contacts", state)) == ["ErrorInvalidSyncStateData"]
    exchange.act("admin", "server_quirk", {"quirk": "lenient_sync_state", "on": True})
    assert [kind for kind, _ in sync(ann, "garbage")[2]] == ["Create"]


def test_a_folder_that_is_gone(ann: Mailbox, exchange: Exchange) -> None:
    folder = ann.create_folder("Gone")
    ann.create(JO, folder)
    state = sync(ann, folder=folder)[0]
    where = f'<m:FolderIds><t:FolderId Id="{folder}"/></m:FolderIds>'
    ann.ask_one(f'<m:DeleteFolder DeleteType="MoveToDeletedItems">{where}</m:DeleteFolder>')
    assert sync(ann, state, folder=folder)[2] == []
    ann.ask_one(f'<m:DeleteFolder DeleteType="HardDelete">{where}</m:DeleteFolder>')
    assert ann.codes(sync_items(folder, state)) == ["ErrorSyncFolderNotFound"]
    exchange.act("admin", "server_quirk", {"quirk": "silent_folder_loss", "on": True})
    assert sync(ann, state, folder=folder) == (state, True, [])


def hierarchy(ann: Mailbox, state: str = "") -> tuple[str, dict[str, str]]:
    known = f"<m:SyncState>{state}</m:SyncState>" if state else ""
    message = ann.ask_one(
        f"<m:SyncFolderHierarchy>{shape('folder:DisplayName', 'folder:FolderClass', what='Folder')}{known}"
        "</m:SyncFolderHierarchy>"
    )
    changes = message.find("m:Changes", NS)
    return text(message, "m:SyncState") or "", {
        each.find(".//t:FolderId", NS).get("Id"): etree.QName(each).localname for each in changes
    }


def test_folders_that_came_changed_and_went(ann: Mailbox) -> None:
    state, folders = hierarchy(ann)
    assert set(folders.values()) == {"Create"}
    one, two = ann.create_folder("One"), ann.create_folder("Two")
    assert hierarchy(ann, state)[1] == {one: "Create", two: "Create"}
    state = hierarchy(ann, state)[0]
    assert hierarchy(ann, state)[1] == {}
    ann.ask_one(
        f'<m:UpdateFolder><m:FolderChanges><t:FolderChange><t:FolderId Id="{one}"/><t:Updates><t:SetFolderField>'
        '<t:FieldURI FieldURI="folder:DisplayName"/><t:ContactsFolder><t:DisplayName>Eins</t:DisplayName>'
        "</t:ContactsFolder></t:SetFolderField></t:Updates></t:FolderChange></m:FolderChanges></m:UpdateFolder>"
    )
    ann.ask_one(
        f'<m:DeleteFolder DeleteType="HardDelete"><m:FolderIds><t:FolderId Id="{two}"/></m:FolderIds></m:DeleteFolder>'
    )
    assert hierarchy(ann, state)[1] == {one: "Update", two: "Delete"}


def test_nine_digit_stamps(ann: Mailbox, exchange: Exchange) -> None:
    exchange.act("admin", "server_quirk", {"quirk": "nine_digit_stamps", "on": True})
    ref = ann.create(JO)
    stamp = text(ann.get(ref, "item:LastModifiedTime"), "t:LastModifiedTime")
    assert stamp is not None
    assert len(stamp) == len("2026-01-01T00:00:00.123456789Z")


def write_something(ann: Mailbox, chance: random.Random, present: dict[str, Ref], elsewhere: str) -> None:
    if not present or chance.random() < 0.5:
        ref = ann.create(JO)
        present[ref.id] = ref
        return
    ref = present.pop(chance.choice(sorted(present)))
    match chance.randrange(3):
        case 0:
            ann.delete(ref)
        case 1:
            ann.move(ref, elsewhere)
        case _:
            present[ref.id] = ann.update(ref, set_field("contacts:Surname", "<t:Surname>x</t:Surname>"))


def follow(ann: Mailbox, followed: dict[str, str], state: str, maximum: int) -> tuple[str, bool]:
    message = ann.ask_one(sync_items("contacts", state, maximum))
    for change in message.find("m:Changes", NS):
        ref, kind = read_ref(change), etree.QName(change).localname
        assert kind != "Update" or ref.id in followed
        if kind == "Delete":
            followed.pop(ref.id, None)
        else:
            followed[ref.id] = ref.key
    return text(message, "m:SyncState") or "", text(message, "m:IncludesLastItemInRange") == "true"


@pytest.mark.parametrize("seed", range(12))
def test_who_follows_the_changes_holds_what_the_folder_holds(ann: Mailbox, seed: int) -> None:
    """Random writes between pages of random sizes: a follower never lacks, keeps or misdates an item."""
    chance = random.Random(seed)
    present: dict[str, Ref] = {}
    followed: dict[str, str] = {}
    elsewhere = ann.create_folder("Elsewhere")
    state, complete = "", False
    for _ in range(40):
        for _ in range(chance.randrange(3)):
            write_something(ann, chance, present, elsewhere)
        state, complete = follow(ann, followed, state, chance.randrange(1, 4))
    while not complete:
        state, complete = follow(ann, followed, state, 512)
    follow(ann, followed, state, 512)
    assert followed == {ref.id: ref.key for ref in present.values()}
