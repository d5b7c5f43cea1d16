"""The mailbox port on every kind of mailbox: what changed, what is marked elsewhere, and what is nobody's business."""

from collections.abc import Iterable

import pytest

from mailsync.core.changes import Item, Sensitivity
from mailsync.core.person import Address
from mailsync.core.policy import CATEGORY
from mailsync.core.refs import FieldName, FolderId, ItemId
from mailsync.ports.mailbox import Capabilities, Mailbox
from tests.contract.mailbox.drafts import make_draft, make_record, written
from tests.contract.mailbox.port.vocabulary import Card, Figures, Person


def by_name(items: Iterable[Item]) -> dict[str, Item]:
    return {str(i.values[FieldName("LastName")]): i for i in items}


def only(items: Iterable[Item], ids: Iterable[str]) -> list[Item]:
    """Those of a test's own: a real mailbox may hold more marked items."""
    return [i for i in items if i.id in set(ids)]


def test_feed_first_everything_then_what_changed(
    mailbox: Mailbox, folder: FolderId, person: Person, can: Capabilities
) -> None:
    outcomes = mailbox.create([make_draft(n) for n in range(3)], folder)
    first = mailbox.changes(folder, None)
    assert (first.complete, len(first.seen), first.gone) == (True, 3, ())
    assert first.total in ((3,) if can.server_total else (None,))
    person.rename_contact(written(outcomes[0]).id, "Changed")
    person.delete_contact(written(outcomes[1]).id)
    mine = person.create_contact(Card(surname="Mine", email="me@x.example"), folder)
    second = mailbox.changes(folder, first.cursor)
    assert (second.complete, second.total) == (False, None)
    assert {i.id for i in second.seen} == {written(outcomes[0]).id, mine}
    assert second.gone == (ItemId(written(outcomes[1]).id),)
    assert by_name(second.seen)["Mine"].record is None
    third = mailbox.changes(folder, second.cursor)
    assert (third.seen, third.gone) == ((), ())
    assert mailbox.changes(folder, first.cursor).seen  # at least once: an old cursor tells it again


@pytest.mark.parametrize("cursor", ["", "garbage", "{}", "[1]", '{"version":1}', '{"version":99,"home":"x"}', "null"])
def test_a_cursor_that_is_none_reads_everything(mailbox: Mailbox, folder: FolderId, cursor: str) -> None:
    mailbox.create([make_draft(1)], folder)
    changes = mailbox.changes(folder, cursor)
    assert changes.complete
    assert len(changes.seen) == 1


def test_a_cursor_of_another_folder_reads_everything(
    mailbox: Mailbox, folder: FolderId, person: Person, name: str
) -> None:
    another = person.create_folder(f"{name} another")
    person.create_contact(Card(surname="There"), another)
    cursor = mailbox.changes(folder, None).cursor
    changes = mailbox.changes(FolderId(another), cursor)
    assert (changes.complete, len(changes.seen)) == (True, 1)


def test_A6_A7_the_category_elsewhere_is_reported_and_personal_contacts_are_not(
    mailbox: Mailbox, folder: FolderId, person: Person, other: str | None, can: Capabilities
) -> None:
    personal = person.create_contact(Card(surname="Personal"), other)
    if not can.category_apart:
        assert mailbox.changes(folder, None).outside == ()
        person.move_contact(personal, folder)
        assert [i.id for i in mailbox.changes(folder, None).seen] == [personal]
        return
    similar = person.create_contact(Card(surname="Similar", categories=("Salesforce Leads",)), other)
    marked = person.create_contact(Card(surname="Marked", categories=("Family", CATEGORY)), other)
    first = mailbox.changes(folder, None)
    (found,) = only(first.outside, [personal, similar, marked])
    assert (found.id, found.inside, found.folder, found.values["LastName"]) == (marked, False, other, "Marked")
    again = mailbox.changes(folder, first.cursor)
    assert only(again.outside, [marked])  # always all of them
    person.categorise_contact(marked, "Family")
    assert not only(mailbox.changes(folder, first.cursor).outside, [marked])


def test_A7_the_category_in_the_default_folder_is_reported(
    mailbox: Mailbox, folder: FolderId, person: Person, can: Capabilities
) -> None:
    marked = person.create_contact(Card(surname="Marked", categories=(CATEGORY,) if can.category_apart else ()))
    changes = mailbox.changes(folder, None)
    found = only((*changes.outside, *changes.seen), [marked])
    assert [i.inside for i in found] == ([False] if can.category_apart else [])


def test_A9_an_item_dragged_out_is_gone_and_found_outside_by_our_property(
    mailbox: Mailbox, folder: FolderId, person: Person, other: str | None, can: Capabilities
) -> None:
    made = written(mailbox.create([make_draft(5)], folder)[0]).id
    cursor = mailbox.changes(folder, None).cursor
    if can.category_apart:
        person.categorise_contact(made)
    moved = person.move_contact(made, other)
    assert (moved == made) is not bool(can.new_id_on_move)
    changes = mailbox.changes(folder, cursor)
    assert changes.gone == (ItemId(made),)
    (found,) = only(changes.outside, [moved])
    assert (found.record, found.categories, found.inside) == (make_record(5), (), False)
    read = mailbox.read([ItemId(moved), ItemId(made)])
    inner = read[ItemId(moved)]
    assert inner is not None
    assert not inner.inside
    if can.new_id_on_move:
        assert read[ItemId(made)] is None


def test_A11_a_copy_carries_the_property(mailbox: Mailbox, folder: FolderId, person: Person, can: Capabilities) -> None:
    outcome = mailbox.create([make_draft(5)], folder)[0]
    cursor = mailbox.changes(folder, None).cursor
    copy = person.copy_contact(written(outcome).id, folder)
    (item,) = mailbox.changes(folder, cursor).seen
    assert (item.id, item.record) == (copy, make_record(5) if can.copies else None)


def test_A12_A13_lists_and_sensitivities(mailbox: Mailbox, folder: FolderId, person: Person, can: Capabilities) -> None:
    listed = [person.create_list("Everybody", folder)] if can.lists else []
    person.create_contact(Card(surname="Quiet", private=bool(can.private)), folder)
    changes = mailbox.changes(folder, None)
    assert [(i.id, i.values) for i in changes.seen if i.is_list] == [(i, {}) for i in listed]
    (single,) = [i for i in changes.seen if not i.is_list]
    assert single.sensitivity is (Sensitivity.PRIVATE if can.private else Sensitivity.NORMAL)
    assert changes.total in ((len(changes.seen),) if can.server_total else (None,))


def test_a_contact_folder_made_later_is_looked_through_and_a_deleted_one_is_not(
    mailbox: Mailbox, folder: FolderId, person: Person, name: str, can: Capabilities
) -> None:
    first = mailbox.changes(folder, None)
    later = person.create_folder(f"{name} later")
    made = person.create_contact(Card(surname="Late", categories=(CATEGORY,) if can.category_apart else ()), later)
    second = mailbox.changes(folder, first.cursor)
    assert bool(only(second.outside, [made])) is bool(can.category_apart)
    person.delete_folder(later)
    third = mailbox.changes(folder, second.cursor)
    assert not only(third.outside, [made])
    if can.sub_folders:
        person.move_folder(later)
        assert only(mailbox.changes(folder, third.cursor).outside, [made])


def test_B13_a_string_at_a_feeds_cut_is_read_in_full(
    mailbox: Mailbox, folder: FolderId, person: Person, other: str | None, can: Capabilities, figures: Figures
) -> None:
    """SyncFolderItems and FindItem cut strings at 255 characters (vendors/mailbox.md, traps of exchangelib, 7)."""
    long, edge = "x" * figures.longest, "y" * 255
    wanted = {
        person.create_contact(Card(surname="In", street=long), folder): Address(long),
        person.create_contact(Card(surname="Edge", street=edge), folder): Address(edge),
    }
    if can.category_apart:
        outer = Card(surname="Out", street=long, categories=(CATEGORY,))
        wanted[person.create_contact(outer, other)] = Address(long)
    changes = mailbox.changes(folder, None)
    assert {i.id: i.values["MailingAddress"] for i in only((*changes.seen, *changes.outside), wanted)} == wanted


def test_pages_and_batches(
    mailbox: Mailbox, folder: FolderId, person: Person, other: str | None, can: Capabilities, figures: Figures
) -> None:
    """Creates, feeds and searches go by the vendor's limits (vendors/mailbox.md E, B2)."""
    before = mailbox.requests
    outcomes = mailbox.create([make_draft(n) for n in range(250)], folder)
    assert mailbox.requests - before == figures.create_requests
    categories = (CATEGORY,) if can.category_apart else ()
    made = person.create_contacts([Card(surname=f"M{n}", categories=categories) for n in range(300)], other)
    before = mailbox.requests
    changes = mailbox.changes(folder, None)
    assert mailbox.requests - before == figures.first
    assert {i.id for i in changes.seen} == {written(o).id for o in outcomes}
    assert len(only(changes.outside, made)) == (300 if can.category_apart else 0)
    assert len(mailbox.read([ItemId(i) for i in made[:250]])) == 250
