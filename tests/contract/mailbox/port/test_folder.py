"""The mailbox port on every kind of mailbox: the folder is found, made, followed, brought back and signed."""

from collections.abc import Callable

from mailsync.core.changes import FolderMark, FolderState
from mailsync.core.refs import FieldName, FolderId, ItemId
from mailsync.ports.mailbox import Ability, Capabilities, Mailbox
from tests.contract.mailbox.drafts import make_draft, written
from tests.contract.mailbox.port.vocabulary import Card, Figures, Person

MARK = FolderMark("inst-1", 3)


def test_every_missing_ability_has_its_reason(can: Capabilities) -> None:
    abilities = [a for name in Capabilities.__slots__ if isinstance(a := getattr(can, name), Ability)]
    assert abilities
    for ability in abilities:
        assert bool(ability) is not bool(ability.reason)


def test_check_finds_nothing_wrong(mailbox: Mailbox) -> None:
    assert mailbox.check() == ()


def test_limits_are_of_every_field_and_far_above_salesforce(mailbox: Mailbox) -> None:
    limits = mailbox.limits()
    assert limits[FieldName("LastName")].length >= 255
    parts = limits[FieldName("MailingAddress")].parts
    assert parts is not None
    assert min(parts) >= 255


def test_A3_prepare_creates_the_folder_once_and_finds_it_by_id_and_by_name(mailbox: Mailbox) -> None:
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


def test_A4_what_lies_in_a_renamed_folder_and_below_is_inside_once_the_folder_is_prepared(
    mailbox: Mailbox, folder: FolderId, person: Person, can: Capabilities, another: Callable[[], Mailbox]
) -> None:
    made = [ItemId(written(o).id) for o in mailbox.create([make_draft(1), make_draft(2)], folder)]
    person.rename_folder(folder, "Renamed")
    if can.sub_folders:
        made[1] = ItemId(person.move_contact(made[1], person.create_folder("Below", folder)))
    opened = another()
    assert opened.prepare(folder, create=False) is not None
    read = opened.read(made)
    assert all((item := read[i]) is not None and item.inside for i in made)


def test_A3_prepare_adopts_a_folder_that_a_person_made(mailbox: Mailbox, person: Person, name: str) -> None:
    made = person.create_folder(name.upper())
    prepared = mailbox.prepare(None)
    assert prepared is not None
    assert (prepared.folder, prepared.adopted, prepared.created) == (made, True, False)


def test_A4_prepare_follows_a_folder_renamed_and_moved_elsewhere(
    mailbox: Mailbox, person: Person, folder: FolderId, other: str | None, name: str, can: Capabilities
) -> None:
    person.rename_folder(folder, f"{name} renamed")
    if can.sub_folders:
        person.move_folder(folder, other)
    prepared = mailbox.prepare(folder)
    assert prepared is not None
    assert (prepared.folder, prepared.created, prepared.restored) == (folder, False, False)


def test_A4_of_two_folders_of_that_name_the_stored_id_wins_with_a_note(
    mailbox: Mailbox, person: Person, folder: FolderId, other: str | None, name: str, can: Capabilities
) -> None:
    if not can.namesakes:
        adopted = mailbox.prepare(None)
        assert adopted is not None
        assert (adopted.folder, adopted.notes) == (folder, ())
        return
    second = person.create_folder(name, other)
    stored = mailbox.prepare(FolderId(second))
    assert stored is not None
    assert stored.folder == second
    assert any("A4" in note for note in stored.notes)
    by_name_alone = mailbox.prepare(None)
    assert by_name_alone is not None
    assert by_name_alone.folder == folder
    assert any("A4" in note for note in by_name_alone.notes)
    assert any("A4" in note for note in mailbox.changes(folder, None).notes)


def test_A3_a_deleted_folder_is_lost_and_moved_back_or_made_again(
    mailbox: Mailbox, person: Person, folder: FolderId, can: Capabilities
) -> None:
    item = ItemId(written(mailbox.create([make_draft(1)], folder)[0]).id)
    cursor = mailbox.changes(folder, None).cursor
    person.delete_folder(folder)
    for known in (cursor, None):
        lost = mailbox.changes(folder, known)
        assert (lost.folder, lost.seen, lost.gone, lost.complete) == (FolderState.LOST, (), (), False)
    assert mailbox.prepare(folder, create=False) is None
    prepared = mailbox.prepare(folder)
    assert prepared is not None
    assert prepared.restored is not prepared.created
    if not prepared.restored:
        assert not can.folder_trash
        assert mailbox.changes(prepared.folder, None).folder is FolderState.PRESENT
        return
    assert (prepared.folder, prepared.restored, prepared.created) == (folder, True, False)
    back = mailbox.changes(folder, cursor)
    assert back.folder is FolderState.PRESENT
    assert back.gone == ()
    assert mailbox.read([item])[item] is not None


def test_A3_a_folder_deleted_for_good_is_lost_and_made_again(
    mailbox: Mailbox, person: Person, folder: FolderId
) -> None:
    mailbox.create([make_draft(1)], folder)
    cursor = mailbox.changes(folder, None).cursor
    person.delete_folder(folder, for_good=True)
    assert mailbox.changes(folder, cursor).folder is FolderState.LOST
    assert mailbox.changes(folder, None).folder is FolderState.LOST
    prepared = mailbox.prepare(folder)
    assert prepared is not None
    assert prepared.created
    assert prepared.folder != folder


def test_A1_the_mark_is_read_at_first_and_a_takeover_is_seen_in_the_feed_or_before_writing(
    mailbox: Mailbox, folder: FolderId, can: Capabilities
) -> None:
    mailbox.sign(folder, MARK)
    found = mailbox.prepare(folder)
    assert found is not None
    assert found.mark == MARK
    first = mailbox.changes(folder, None)
    assert first.mark == MARK
    mailbox.sign(folder, FolderMark("other:one", 4))
    asked = mailbox.changes(folder, first.cursor) if can.mark_in_feed else mailbox.prepare(folder, create=False)
    assert asked is not None
    assert asked.mark == FolderMark("other:one", 4)


def test_subfolders_are_inside(
    mailbox: Mailbox, person: Person, folder: FolderId, name: str, can: Capabilities
) -> None:
    first = mailbox.changes(folder, None)
    if not can.sub_folders:
        made = person.create_contact(Card(surname="Deep"), folder)
        (item,) = mailbox.changes(folder, first.cursor).seen
        assert (item.id, item.folder, item.inside) == (made, folder, True)
        return
    below = person.create_folder(f"{name} below", folder)
    made = person.create_contact(Card(surname="Deep"), below)
    second = mailbox.changes(folder, first.cursor)
    (item,) = second.seen
    assert (item.id, item.inside, item.folder, second.complete) == (made, True, below, False)
    moved = person.move_contact(made, folder)
    third = mailbox.changes(folder, second.cursor)
    left = (ItemId(made),) if can.new_id_on_move else ()
    assert ([i.id for i in third.seen], third.gone) == ([moved], left)
    back = person.move_contact(moved, below)
    fourth = mailbox.changes(folder, third.cursor)
    left = (ItemId(moved),) if can.new_id_on_move else ()
    assert ([i.id for i in fourth.seen], fourth.gone) == ([back], left)
    complete = mailbox.changes(folder, None)
    assert [i.id for i in complete.seen] == [back]
    assert complete.total in ((1,) if can.server_total else (None,))


def test_a_subfolder_that_leaves_with_its_items_makes_everything_be_read(
    mailbox: Mailbox, person: Person, folder: FolderId, name: str, can: Capabilities
) -> None:
    kept = ItemId(written(mailbox.create([make_draft(1)], folder)[0]).id)
    if not can.sub_folders:
        assert [i.folder for i in mailbox.changes(folder, None).seen] == [folder]
        return
    below = person.create_folder(f"{name} below", folder)
    person.create_contact(Card(surname="Deep"), below)
    first = mailbox.changes(folder, None)
    assert len(first.seen) == 2
    person.delete_folder(below)
    second = mailbox.changes(folder, first.cursor)
    assert (second.complete, [i.id for i in second.seen]) == (True, [kept])


def test_idle_is_as_many_requests_as_the_vendor_needs_whatever_the_number_of_folders(
    mailbox: Mailbox, person: Person, folder: FolderId, other: str | None, name: str, figures: Figures
) -> None:
    person.create_folder(f"{name} third")
    cursor = mailbox.changes(folder, None).cursor
    before = mailbox.requests
    changes = mailbox.changes(folder, cursor)
    assert mailbox.requests - before == figures.idle
    assert (changes.seen, changes.gone, changes.complete) == ((), (), False)
