"""The mailbox port, on any EWS server: finding, reading, writing."""

from collections.abc import Callable, Iterable, Iterator

import pytest
from exchangelib import Account, ExtendedProperty
from exchangelib.indexed_properties import EmailAddress, PhoneNumber, PhysicalAddress
from exchangelib.items import Contact

from mailsync.core.changes import FolderMark, FolderState, Item, MailboxChanges, Sensitivity
from mailsync.core.person import Address
from mailsync.core.policy import CATEGORY
from mailsync.core.refs import FieldName, FolderId, ItemId, Key, Version
from mailsync.mailbox.exchange import ExchangeMailbox
from mailsync.ports.mailbox import ItemEdit
from mailsync.ports.outcomes import Missing, Refusal, Stale
from tests.contract.mailbox import person
from tests.contract.mailbox.drafts import FULL, make_draft, make_record, version_of, written

MARK = FolderMark("inst-1", 3)


def by_name(items: Iterable[Item]) -> dict[str, Item]:
    return {str(i.values[FieldName("LastName")]): i for i in items}


def only(items: Iterable[Item], ids: Iterable[str]) -> list[Item]:
    """Those of a test's own: a real mailbox may hold more marked items."""
    return [i for i in items if i.id in set(ids)]


def test_check_finds_nothing_wrong(mailbox: ExchangeMailbox) -> None:
    assert mailbox.check() == ()


def test_limits_are_of_every_field_and_far_above_salesforce(mailbox: ExchangeMailbox) -> None:
    limits = mailbox.limits()
    assert limits[FieldName("LastName")].length == 255
    assert limits[FieldName("MailingAddress")].parts == (255, 255, 255, 255, 255)


def test_A3_prepare_creates_the_folder_once_and_finds_it_by_id_and_by_name(
    mailbox: ExchangeMailbox, account: Account, name: str
) -> None:
    assert mailbox.prepare(None, create=False) is None
    made = mailbox.prepare(None)
    assert made is not None
    assert (made.created, made.adopted, made.restored, made.mark, made.notes) == (True, False, False, None, ())
    found = mailbox.prepare(made.folder)
    assert found is not None
    assert (found.folder, found.created, found.adopted) == (made.folder, False, False)
    adopted = mailbox.prepare(None)
    assert adopted is not None
    assert (adopted.folder, adopted.adopted) == (made.folder, True)


def test_A3_prepare_adopts_a_folder_that_a_person_made(mailbox: ExchangeMailbox, account: Account, name: str) -> None:
    made = person.create_folder(account, name.upper())
    prepared = mailbox.prepare(None)
    assert prepared is not None
    assert (prepared.folder, prepared.adopted, prepared.created) == (made, True, False)


def test_A4_prepare_follows_a_folder_renamed_and_moved_elsewhere(
    mailbox: ExchangeMailbox, account: Account, folder: FolderId, other: str, name: str
) -> None:
    person.rename_folder(account, folder, f"{name} renamed")
    person.move_folder(account, folder, other)
    prepared = mailbox.prepare(folder)
    assert prepared is not None
    assert (prepared.folder, prepared.created, prepared.restored) == (folder, False, False)


def test_A4_of_two_folders_of_that_name_the_stored_id_wins_with_a_note(
    mailbox: ExchangeMailbox, account: Account, folder: FolderId, other: str, name: str
) -> None:
    second = person.create_folder(account, name, other)
    stored = mailbox.prepare(FolderId(second))
    assert stored is not None
    assert stored.folder == second
    assert any("A4" in note for note in stored.notes)
    by_name_alone = mailbox.prepare(None)
    assert by_name_alone is not None
    assert by_name_alone.folder == folder
    assert any("A4" in note for note in by_name_alone.notes)
    assert any("A4" in note for note in mailbox.changes(folder, None).notes)


def test_A3_a_folder_under_deleted_items_is_lost_and_moved_back(
    mailbox: ExchangeMailbox, account: Account, folder: FolderId
) -> None:
    outcome = mailbox.create([make_draft(1)], folder)[0]
    cursor = mailbox.changes(folder, None).cursor
    person.delete_folder(account, folder)
    for known in (cursor, None):
        lost = mailbox.changes(folder, known)
        assert (lost.folder, lost.seen, lost.gone, lost.complete) == (FolderState.LOST, (), (), False)
    assert mailbox.prepare(folder, create=False) is None
    prepared = mailbox.prepare(folder)
    assert prepared is not None
    assert (prepared.folder, prepared.restored, prepared.created) == (folder, True, False)
    back = mailbox.changes(folder, cursor)
    assert back.folder is FolderState.PRESENT
    assert back.gone == ()
    assert mailbox.read([ItemId(written(outcome).id)])[ItemId(written(outcome).id)] is not None


def test_A3_a_folder_deleted_for_good_is_lost_and_made_again(
    mailbox: ExchangeMailbox, account: Account, folder: FolderId
) -> None:
    cursor = mailbox.changes(folder, None).cursor
    person.delete_folder(account, folder, for_good=True)
    assert mailbox.changes(folder, cursor).folder is FolderState.LOST
    assert mailbox.changes(folder, None).folder is FolderState.LOST
    prepared = mailbox.prepare(folder)
    assert prepared is not None
    assert prepared.created
    assert prepared.folder != folder


def test_A1_the_mark_is_read_at_first_and_a_takeover_is_seen_in_the_feed(
    mailbox: ExchangeMailbox, folder: FolderId
) -> None:
    mailbox.sign(folder, MARK)
    found = mailbox.prepare(folder)
    assert found is not None
    assert found.mark == MARK
    first = mailbox.changes(folder, None)
    assert first.mark == MARK
    assert mailbox.changes(folder, first.cursor).mark is None
    mailbox.sign(folder, FolderMark("other:one", 4))
    assert mailbox.changes(folder, first.cursor).mark == FolderMark("other:one", 4)


def test_every_field_comes_back_as_it_was_written(mailbox: ExchangeMailbox, folder: FolderId) -> None:
    mailbox.create([make_draft(1, **FULL)], folder)
    (item,) = mailbox.changes(folder, None).seen
    assert dict(item.values) == FULL
    assert mailbox.read([item.id])[item.id] == item


class EmailName(ExtendedProperty):
    """PidLidEmail1DisplayName: what Outlook's AutoComplete shows."""

    distinguished_property_set_id = "Address"
    property_id = 0x8080
    property_type = "String"


class EmailType(ExtendedProperty):
    """PidLidEmail1AddressType."""

    distinguished_property_set_id = "Address"
    property_id = 0x8082
    property_type = "String"


@pytest.fixture
def email_names() -> Iterator[None]:
    Contact.register("email_name", EmailName)
    Contact.register("email_type", EmailType)
    yield
    Contact.deregister("email_name")
    Contact.deregister("email_type")


@pytest.mark.usefixtures("email_names")
def test_A22_a_written_item_has_names_and_a_typed_address(
    mailbox: ExchangeMailbox, folder: FolderId, account: Account
) -> None:
    outcome = mailbox.create([make_draft(7, Email="jo@x.example")], folder)[0]
    found = person.get_contact(account, written(outcome).id)
    assert (found.display_name, found.file_as) == ("Jo No 7", "No 7, Jo")
    (address,) = found.email_addresses
    assert (address.email, found.email_name, found.email_type) == ("jo@x.example", "Jo No 7", "SMTP")
    assert found.categories == [CATEGORY]
    (item,) = mailbox.changes(folder, None).seen
    assert (item.record, item.key, item.excluded, item.inside) == (make_record(7), Key("key-7"), False, True)
    assert item.version == version_of(outcome)
    assert item.created is not None
    assert abs((item.created - mailbox.now).total_seconds()) < 60


def test_feed_first_everything_then_what_changed(mailbox: ExchangeMailbox, folder: FolderId, account: Account) -> None:
    outcomes = mailbox.create([make_draft(n) for n in range(3)], folder)
    first = mailbox.changes(folder, None)
    assert (first.complete, first.total, len(first.seen), first.gone) == (True, 3, 3, ())
    person.edit_contact(account, written(outcomes[0]).id, given_name="Changed")
    person.delete_contact(account, written(outcomes[1]).id)
    mine = person.create_contact(account, folder, surname="Mine", email="me@x.example")
    second = mailbox.changes(folder, first.cursor)
    assert (second.complete, second.total) == (False, None)
    assert {i.id for i in second.seen} == {written(outcomes[0]).id, mine}
    assert second.gone == (ItemId(written(outcomes[1]).id),)
    assert by_name(second.seen)["Mine"].record is None
    third = mailbox.changes(folder, second.cursor)
    assert (third.seen, third.gone) == ((), ())
    assert mailbox.changes(folder, first.cursor).seen  # at least once: an old cursor tells it again


def test_idle_is_three_requests_whatever_the_number_of_folders(
    mailbox: ExchangeMailbox, folder: FolderId, account: Account, other: str, name: str
) -> None:
    person.create_folder(account, f"{name} third")
    cursor = mailbox.changes(folder, None).cursor
    before = mailbox.requests
    mailbox.changes(folder, cursor)
    assert mailbox.requests - before == 3


@pytest.mark.parametrize("cursor", ["", "garbage", "{}", "[1]", '{"version":1}', '{"version":99,"home":"x"}', "null"])
def test_a_cursor_that_is_none_reads_everything(mailbox: ExchangeMailbox, folder: FolderId, cursor: str) -> None:
    mailbox.create([make_draft(1)], folder)
    changes = mailbox.changes(folder, cursor)
    assert changes.complete
    assert len(changes.seen) == 1


def test_a_cursor_of_another_folder_reads_everything(
    mailbox: ExchangeMailbox, folder: FolderId, account: Account, other: str
) -> None:
    person.create_contact(account, other, surname="There")
    cursor = mailbox.changes(folder, None).cursor
    changes = mailbox.changes(FolderId(other), cursor)
    assert (changes.complete, len(changes.seen)) == (True, 1)


def test_A6_A7_the_category_elsewhere_is_reported_and_personal_contacts_are_not(
    mailbox: ExchangeMailbox, folder: FolderId, account: Account, other: str
) -> None:
    personal = person.create_contact(account, other, surname="Personal")
    similar = person.create_contact(account, other, surname="Similar", categories=["Salesforce Leads"])
    marked = person.create_contact(account, other, surname="Marked", categories=["Family", CATEGORY])
    first = mailbox.changes(folder, None)
    (found,) = only(first.outside, [personal, similar, marked])
    assert (found.id, found.inside, found.folder, found.values["LastName"]) == (marked, False, other, "Marked")
    again = mailbox.changes(folder, first.cursor)
    assert only(again.outside, [marked])  # always all of them
    person.categorise_contact(account, marked, "Family")
    assert not only(mailbox.changes(folder, first.cursor).outside, [marked])


def test_A9_an_item_dragged_out_is_gone_and_found_outside_by_our_property(
    mailbox: ExchangeMailbox, folder: FolderId, account: Account, other: str
) -> None:
    outcome = mailbox.create([make_draft(5)], folder)[0]
    cursor = mailbox.changes(folder, None).cursor
    person.categorise_contact(account, written(outcome).id)
    moved = person.move_contact(account, written(outcome).id, other)
    changes = mailbox.changes(folder, cursor)
    assert changes.gone == (ItemId(written(outcome).id),)
    (found,) = only(changes.outside, [moved])
    assert (found.record, found.categories) == (make_record(5), ())
    read = mailbox.read([ItemId(moved), ItemId(written(outcome).id)])
    assert read[ItemId(written(outcome).id)] is None
    inner = read[ItemId(moved)]
    assert inner is not None
    assert not inner.inside


def test_A11_a_copy_carries_the_property(mailbox: ExchangeMailbox, folder: FolderId, account: Account) -> None:
    outcome = mailbox.create([make_draft(5)], folder)[0]
    cursor = mailbox.changes(folder, None).cursor
    copy = person.copy_contact(account, written(outcome).id, folder)
    (item,) = mailbox.changes(folder, cursor).seen
    assert (item.id, item.record) == (copy, make_record(5))


def test_A12_A13_lists_and_sensitivities(mailbox: ExchangeMailbox, folder: FolderId, account: Account) -> None:
    people = person.create_list(account, "Everybody", folder)
    person.create_contact(account, folder, surname="Quiet", sensitivity="Private")
    changes = mailbox.changes(folder, None)
    assert (len(changes.seen), changes.total) == (2, 2)
    (group,) = only(changes.seen, [people])
    assert (group.is_list, group.values) == (True, {})
    (single,) = [i for i in changes.seen if not i.is_list]
    assert single.sensitivity is Sensitivity.PRIVATE


def test_A7_move_gives_the_new_id_and_keeps_the_property(
    mailbox: ExchangeMailbox, folder: FolderId, account: Account, other: str
) -> None:
    made = person.create_contact(account, other, surname="Marked", categories=[CATEGORY])
    moved, missing = mailbox.move([ItemId(made), ItemId(made)], folder)
    assert missing == Missing()
    (item,) = mailbox.changes(folder, None).seen
    assert (item.id, item.version) == (written(moved).id, version_of(moved))


def test_update_changes_what_it_names_and_nothing_else(
    mailbox: ExchangeMailbox, folder: FolderId, account: Account
) -> None:
    """L7 and the trap of labels wiped with their neighbours (vendors/mailbox.md, traps of exchangelib, 1)."""
    made = person.make_contact(account, folder, surname="Rich", email="one@x.example", body="a long note")
    made.email_addresses = [*made.email_addresses, *_more_emails()]
    made.phone_numbers = _phones()
    made.physical_addresses = _addresses()
    made.nickname, made.spouse_name, made.categories = "Richie", "Sam", ["Family"]
    made.save()
    (item,) = mailbox.changes(folder, None).seen
    assert item.emails == ("one@x.example", "two@x.example", "three@x.example")
    before = person.get_contact(account, item.id)
    edit = ItemEdit(
        item.id,
        item.version,
        {
            FieldName("Email"): "new@x.example",
            FieldName("Phone"): "",
            FieldName("MailingAddress"): Address(city="Ulm"),
            FieldName("Title"): "Chief",
        },
        categories=("Family", CATEGORY),
        record=make_record(1),
        excluded=True,
        web_page="https://x.example/1",
    )
    (outcome,) = mailbox.update([edit])
    after = person.get_contact(account, item.id)
    assert {e.label: e.email for e in after.email_addresses} == {
        "EmailAddress1": "new@x.example",
        "EmailAddress2": "two@x.example",
        "EmailAddress3": "three@x.example",
    }
    assert {p.label: p.phone_number for p in after.phone_numbers if p.phone_number} == {"Pager": "3", "CarPhone": "4"}
    assert {(a.label, a.street, a.city) for a in after.physical_addresses} == {
        ("Home", "1 Home St", "Home"),
        ("Business", None, "Ulm"),
    }
    for kept in ("nickname", "spouse_name", "body", "surname", "display_name"):
        assert getattr(after, kept) == getattr(before, kept)
    found = mailbox.read([item.id])[item.id]
    assert found is not None
    assert (found.version, found.categories) == (version_of(outcome), ("Family", CATEGORY))
    assert (found.record, found.excluded, found.web_page) == (make_record(1), True, "https://x.example/1")
    (cleared,) = mailbox.update(
        [ItemEdit(item.id, found.version, categories=(), record="", excluded=False, web_page="")]
    )
    bare = mailbox.read([item.id])[item.id]
    assert bare is not None
    assert (bare.categories, bare.record, bare.excluded, bare.web_page) == ((), None, False, "")
    assert bare.version == version_of(cleared)


def _more_emails() -> list[object]:
    return [EmailAddress(label=f"EmailAddress{n}", email=f"{w}@x.example") for n, w in ((2, "two"), (3, "three"))]


def _phones() -> list[object]:
    return [
        PhoneNumber(label=k, phone_number=v) for k, v in (("BusinessPhone", "1"), ("Pager", "3"), ("CarPhone", "4"))
    ]


def _addresses() -> list[object]:
    return [
        PhysicalAddress(label="Home", street="1 Home St", city="Home"),
        PhysicalAddress(label="Business", street="1 Work St", city="Work"),
    ]


def test_B15_a_stale_version_changes_nothing_and_does_not_stop_its_neighbours(
    mailbox: ExchangeMailbox, folder: FolderId, account: Account
) -> None:
    """The trap of a conflict that aborts its whole batch (vendors/mailbox.md, traps of exchangelib, 2)."""
    outcomes = [written(o) for o in mailbox.create([make_draft(n) for n in range(4)], folder)]
    person.edit_contact(account, outcomes[1].id, given_name="Theirs")
    person.delete_contact(account, outcomes[2].id)
    title = {FieldName("Title"): "Ours"}
    edits = [ItemEdit(ItemId(o.id), o.version, title) for o in outcomes]
    edits.append(ItemEdit(ItemId(outcomes[0].id), Version(""), title))
    edits.append(ItemEdit(ItemId(outcomes[3].id), outcomes[3].version))
    result = mailbox.update(edits)
    assert result[1:3] == [Stale(), Missing()]
    assert (written(result[0]).id, written(result[3]).id) == (outcomes[0].id, outcomes[3].id)
    assert result[4] == Stale()
    assert result[5] == outcomes[3]
    items = by_name(mailbox.changes(folder, None).seen)
    assert {n: (i.values["FirstName"], i.values["Title"]) for n, i in items.items()} == {
        "No 0": ("Jo", "Ours"),
        "No 1": ("Theirs", ""),
        "No 3": ("Jo", "Ours"),
    }


def test_remove_goes_to_deleted_items_and_is_found_there(
    mailbox: ExchangeMailbox, folder: FolderId, account: Account
) -> None:
    """B16, A18; and the trap of deleting for good by default (vendors/mailbox.md, traps of exchangelib, 10)."""
    outcomes = [ItemId(written(o).id) for o in mailbox.create([make_draft(n) for n in (901, 902, 903)], folder)]
    cursor = mailbox.changes(folder, None).cursor
    removed = mailbox.remove([*outcomes[:2], outcomes[0]])
    assert [type(o) for o in removed] == [type(removed[0]), type(removed[0]), Missing]
    assert set(mailbox.changes(folder, cursor).gone) == set(outcomes[:2])
    found = mailbox.find([make_record(n) for n in (901, 903, 904)])
    assert set(found) == {make_record(901)}
    (thrown,) = found[make_record(901)]
    assert not thrown.inside
    assert thrown.values["LastName"] == "No 901"
    (back,) = mailbox.move([thrown.id], folder)
    assert written(back).id != outcomes[0]
    for items in mailbox.find([make_record(902)]).values():
        for item in items:
            person.delete_contact(account, item.id, for_good=True)
    assert mailbox.find([make_record(901), make_record(902)]) == {}
    assert mailbox.find([]) == {}


def test_B15_a_create_is_found_again_by_its_key_also_by_a_new_process(
    mailbox: ExchangeMailbox, folder: FolderId, another: Callable[[], ExchangeMailbox]
) -> None:
    mailbox.create([make_draft(n) for n in range(60)], folder)
    keys = [Key(f"key-{n}") for n in range(100)]
    for opened in (mailbox, another()):
        found = opened.find_keys(keys)
        assert set(found) == {Key(f"key-{n}") for n in range(60)}
        assert found[Key("key-7")].values["LastName"] == "No 7"
    assert mailbox.find_keys([]) == {}


def test_read_before_the_first_feed_knows_inside_from_outside(
    mailbox: ExchangeMailbox, folder: FolderId, account: Account, other: str, another: Callable[[], ExchangeMailbox]
) -> None:
    inner = ItemId(written(mailbox.create([make_draft(1)], folder)[0]).id)
    outer = ItemId(person.create_contact(account, other, surname="Out", categories=[CATEGORY]))
    read = another().read([inner, outer])
    assert {i: found and found.inside for i, found in read.items()} == {inner: True, outer: False}
    assert mailbox.read([]) == {}


def test_subfolders_are_inside(mailbox: ExchangeMailbox, folder: FolderId, account: Account, name: str) -> None:
    first = mailbox.changes(folder, None)
    below = person.create_folder(account, f"{name} below", folder)
    made = person.create_contact(account, below, surname="Deep")
    second = mailbox.changes(folder, first.cursor)
    (item,) = second.seen
    assert (item.id, item.inside, item.folder, second.complete) == (made, True, below, False)
    moved = person.move_contact(account, made, folder)
    third = mailbox.changes(folder, second.cursor)
    assert ([i.id for i in third.seen], third.gone) == ([moved], (ItemId(made),))
    back = person.move_contact(account, moved, below)
    fourth = mailbox.changes(folder, third.cursor)
    assert ([i.id for i in fourth.seen], fourth.gone) == ([back], (ItemId(moved),))
    complete = mailbox.changes(folder, None)
    assert ([i.id for i in complete.seen], complete.total) == ([back], 1)


def test_a_subfolder_that_leaves_with_its_items_makes_everything_be_read(
    mailbox: ExchangeMailbox, folder: FolderId, account: Account, name: str
) -> None:
    below = person.create_folder(account, f"{name} below", folder)
    person.create_contact(account, below, surname="Deep")
    kept = ItemId(written(mailbox.create([make_draft(1)], folder)[0]).id)
    first = mailbox.changes(folder, None)
    assert len(first.seen) == 2
    person.delete_folder(account, below)
    second = mailbox.changes(folder, first.cursor)
    assert (second.complete, [i.id for i in second.seen], second.total) == (True, [kept], 1)


def test_a_contact_folder_made_later_is_looked_through_and_a_deleted_one_is_not(
    mailbox: ExchangeMailbox, folder: FolderId, account: Account, name: str
) -> None:
    first = mailbox.changes(folder, None)
    later = person.create_folder(account, f"{name} later")
    made = person.create_contact(account, later, surname="Late", categories=[CATEGORY])
    second = mailbox.changes(folder, first.cursor)
    assert only(second.outside, [made])
    person.delete_folder(account, later)
    third = mailbox.changes(folder, second.cursor)
    assert not only(third.outside, [made])
    person.move_folder(account, later)
    assert only(mailbox.changes(folder, third.cursor).outside, [made])


def test_B13_a_string_at_the_feeds_cut_is_read_in_full(
    mailbox: ExchangeMailbox, folder: FolderId, account: Account, other: str
) -> None:
    """SyncFolderItems and FindItem cut strings at 255 characters (vendors/mailbox.md, traps of exchangelib, 7)."""
    long, edge = "x" * 2000, "y" * 255
    inner = [
        person.create_contact(account, folder, surname="In", street=long),
        person.create_contact(account, folder, surname="Edge", street=edge),
    ]
    outer = person.create_contact(account, other, surname="Out", street=long, categories=[CATEGORY])
    changes = mailbox.changes(folder, None)
    streets = {i.id: i.values["MailingAddress"] for i in (*changes.seen, *only(changes.outside, [outer]))}
    assert streets == {inner[0]: Address(long), inner[1]: Address(edge), outer: Address(long)}


def test_characters_that_XML_cannot_hold_are_left_out(mailbox: ExchangeMailbox, folder: FolderId) -> None:
    mailbox.create([make_draft(1, Title="a\x00b\x0bc\ufffe\ud800d", Department="\x07")], folder)
    (item,) = mailbox.changes(folder, None).seen
    assert (item.values["Title"], item.values["Department"]) == ("abcd", "")
    (outcome,) = mailbox.update([ItemEdit(item.id, item.version, {FieldName("Title"): "\x01"})])
    assert written(outcome).id == item.id
    assert mailbox.changes(folder, None).seen[0].values["Title"] == ""


def test_a_value_that_exchange_cannot_hold_is_refused_alone(mailbox: ExchangeMailbox, folder: FolderId) -> None:
    drafts = [make_draft(1), make_draft(2, Birthdate="1600-12-31"), make_draft(3, Birthdate="soon"), make_draft(4)]
    outcomes = mailbox.create(drafts, folder)
    assert [isinstance(o, Refusal) and o.fields for o in outcomes] == [False, ("Birthdate",), ("Birthdate",), False]
    assert set(by_name(mailbox.changes(folder, None).seen)) == {"No 1", "No 4"}


def test_pages_and_batches(mailbox: ExchangeMailbox, folder: FolderId, account: Account, other: str) -> None:
    """Creates 100 a request, feeds 512, searches 250 (vendors/mailbox.md E, B2)."""
    before = mailbox.requests
    outcomes = mailbox.create([make_draft(n) for n in range(250)], folder)
    assert mailbox.requests - before == 3
    more = [person.make_contact(account, other, surname=f"M{n}", categories=[CATEGORY]) for n in range(300)]
    made = person.create_contacts(account, more, other)
    before = mailbox.requests
    changes: MailboxChanges = mailbox.changes(folder, None)
    assert mailbox.requests - before == 5  # GetFolder, SyncFolderHierarchy, SyncFolderItems, FindItem twice
    assert {i.id for i in changes.seen} == {written(o).id for o in outcomes}
    assert len(only(changes.outside, made)) == 300
    assert len(mailbox.read([ItemId(i) for i in made[:250]])) == 250
