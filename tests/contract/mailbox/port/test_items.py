"""The mailbox port on every kind of mailbox: items are read, found, created, changed, moved and removed."""

from collections.abc import Callable, Iterable

from mailsync.core.changes import Item
from mailsync.core.person import Address
from mailsync.core.policy import CATEGORY
from mailsync.core.refs import FieldName, FolderId, ItemId, Key, Version
from mailsync.ports.mailbox import Capabilities, ItemEdit, Mailbox
from mailsync.ports.outcomes import Missing, Refusal, Stale
from tests.contract.mailbox.drafts import FULL, make_draft, make_record, version_of, written
from tests.contract.mailbox.port.vocabulary import Card, Figures, Person


def by_name(items: Iterable[Item]) -> dict[str, Item]:
    return {str(i.values[FieldName("LastName")]): i for i in items}


def test_every_field_comes_back_as_it_was_written(mailbox: Mailbox, folder: FolderId) -> None:
    mailbox.create([make_draft(1, **FULL)], folder)
    (item,) = mailbox.changes(folder, None).seen
    assert dict(item.values) == FULL
    assert mailbox.read([item.id])[item.id] == item


def test_A22_a_written_item_has_names_and_a_typed_address(
    mailbox: Mailbox, folder: FolderId, person: Person, can: Capabilities
) -> None:
    outcome = mailbox.create([make_draft(7, Email="jo@x.example")], folder)[0]
    names = person.names_of(written(outcome).id)
    assert names.email == "jo@x.example"
    if can.file_as:
        assert (names.display_name, names.file_as, names.email_name) == ("Jo No 7", "No 7, Jo", "Jo No 7")
    assert CATEGORY in names.categories
    (item,) = mailbox.changes(folder, None).seen
    assert (item.record, item.key, item.excluded, item.inside) == (make_record(7), Key("key-7"), False, True)
    assert item.version == version_of(outcome)
    assert (item.created is not None) is bool(can.creation_time)
    if item.created is not None:
        assert abs((item.created - mailbox.now).total_seconds()) < 60


def test_A7_move_gives_the_new_id_and_keeps_the_property(
    mailbox: Mailbox, folder: FolderId, person: Person, other: str | None, can: Capabilities
) -> None:
    made = person.create_contact(Card(surname="Marked", categories=(CATEGORY,) if can.category_apart else ()), other)
    moved, again = mailbox.move([ItemId(made), ItemId(made)], folder)
    assert isinstance(again, Missing) is bool(can.new_id_on_move)
    (item,) = mailbox.changes(folder, None).seen
    assert (item.id, item.version) == (written(moved).id, version_of(moved))
    assert item.id != made or not can.new_id_on_move


def test_update_changes_what_it_names_and_nothing_else(
    mailbox: Mailbox, folder: FolderId, person: Person, can: Capabilities
) -> None:
    """L7 and the trap of labels wiped with their neighbours (vendors/mailbox.md, traps of exchangelib, 1)."""
    card = Card(surname="Rich", email="one@x.example", phone="1", street="1 Work St", rich=True)
    person.create_contact(card, folder)
    (item,) = mailbox.changes(folder, None).seen
    assert item.emails == ("one@x.example", "two@x.example", "three@x.example")
    before = person.unmapped(item.id)
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
    assert person.unmapped(item.id) == before
    found = mailbox.read([item.id])[item.id]
    assert found is not None
    assert {n: found.values[FieldName(n)] for n in ("Email", "Phone", "MailingAddress", "Title")} == {
        "Email": "new@x.example",
        "Phone": "",
        "MailingAddress": Address(city="Ulm"),
        "Title": "Chief",
    }
    assert found.emails == ("new@x.example", "two@x.example", "three@x.example")
    assert (found.display_name, found.values[FieldName("LastName")]) == (item.display_name, "Rich")
    told = {"Family", CATEGORY} if can.free_categories else {CATEGORY}
    assert (found.version, set(found.categories)) == (version_of(outcome), told)
    assert (found.record, found.excluded, found.web_page) == (make_record(1), True, "https://x.example/1")
    bared = ItemEdit(item.id, found.version, categories=(), record="", excluded=False, web_page="")
    (cleared,) = mailbox.update([bared])
    bare = mailbox.read([item.id])[item.id]
    assert bare is not None
    assert (bare.record, bare.excluded, bare.web_page) == (None, False, "")
    assert bare.version == version_of(cleared)
    assert person.unmapped(item.id) == before


def test_update_takes_the_categories_that_it_is_given(
    mailbox: Mailbox, folder: FolderId, person: Person, can: Capabilities
) -> None:
    person.create_contact(Card(surname="Jo"), folder)
    (item,) = mailbox.changes(folder, None).seen
    (first,) = mailbox.update([ItemEdit(item.id, item.version, categories=("Family", CATEGORY))])
    (_,) = mailbox.update([ItemEdit(item.id, version_of(first), categories=("Family",))])
    found = mailbox.read([item.id])[item.id]
    assert found is not None
    assert found.categories == (("Family",) if can.free_categories else ())
    assert found.inside is bool(can.category_apart)


def test_B15_a_stale_version_changes_nothing_and_does_not_stop_its_neighbours(
    mailbox: Mailbox, folder: FolderId, person: Person
) -> None:
    """The trap of a conflict that aborts its whole batch (vendors/mailbox.md, traps of exchangelib, 2)."""
    outcomes = [written(o) for o in mailbox.create([make_draft(n) for n in range(4)], folder)]
    person.rename_contact(outcomes[1].id, "Theirs")
    person.delete_contact(outcomes[2].id, for_good=True)
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
    mailbox: Mailbox, folder: FolderId, person: Person, can: Capabilities
) -> None:
    """B16, A18; and the trap of deleting for good by default (vendors/mailbox.md, traps of exchangelib, 10)."""
    outcomes = [ItemId(written(o).id) for o in mailbox.create([make_draft(n) for n in (901, 902, 903)], folder)]
    cursor = mailbox.changes(folder, None).cursor
    removed = mailbox.remove([*outcomes[:2], outcomes[0]])
    assert [type(o) for o in removed] == [type(removed[0]), type(removed[0]), Missing]
    assert set(mailbox.changes(folder, cursor).gone) == set(outcomes[:2])
    assert mailbox.find([]) == {}
    found = mailbox.find([make_record(n) for n in (901, 903, 904)])
    if not can.trash:
        assert found == {}
        return
    assert set(found) == {make_record(901)}
    (thrown,) = found[make_record(901)]
    assert not thrown.inside
    assert thrown.values["LastName"] == "No 901"
    (back,) = mailbox.move([thrown.id], folder)
    assert written(back).id != outcomes[0] or not can.new_id_on_move
    for items in mailbox.find([make_record(902)]).values():
        for item in items:
            person.delete_contact(item.id, for_good=True)
    assert mailbox.find([make_record(901), make_record(902)]) == {}


def test_what_was_removed_is_read_as_no_longer_inside(mailbox: Mailbox, folder: FolderId) -> None:
    item = ItemId(written(mailbox.create([make_draft(1)], folder)[0]).id)
    mailbox.changes(folder, None)
    written(mailbox.remove([item])[0])
    found = mailbox.read([item])[item]
    assert found is None or not found.inside


def test_B15_a_create_is_found_again_by_its_key_also_by_a_new_process(
    mailbox: Mailbox, folder: FolderId, another: Callable[[], Mailbox]
) -> None:
    mailbox.create([make_draft(n) for n in range(60)], folder)
    keys = [Key(f"key-{n}") for n in range(100)]
    for opened in (mailbox, another()):
        found = opened.find_keys(keys)
        assert set(found) == {Key(f"key-{n}") for n in range(60)}
        assert found[Key("key-7")].values["LastName"] == "No 7"
    mailbox.changes(folder, None)
    assert set(mailbox.find_keys(keys[:3])) == set(keys[:3]), "what the feed has brought is found as well"
    assert mailbox.find_keys([]) == {}


def test_read_before_the_first_feed_knows_inside_from_outside(
    mailbox: Mailbox,
    folder: FolderId,
    person: Person,
    other: str | None,
    another: Callable[[], Mailbox],
    can: Capabilities,
) -> None:
    inner = ItemId(written(mailbox.create([make_draft(1)], folder)[0]).id)
    outer = person.create_contact(Card(surname="Out", categories=(CATEGORY,) if can.category_apart else ()), other)
    read = another().read([inner, ItemId(outer)])
    assert {i: found and found.inside for i, found in read.items()} == {inner: True, outer: False}
    assert mailbox.read([]) == {}


def test_characters_that_no_mailbox_keeps_are_left_out(mailbox: Mailbox, folder: FolderId) -> None:
    """XML can't hold them, and Exchange serves one mailbox to EWS and Graph alike."""
    mailbox.create([make_draft(1, Title="a\x00b\x0bc\ufffe\ud800d", Department="\x07")], folder)
    (item,) = mailbox.changes(folder, None).seen
    assert (item.values["Title"], item.values["Department"]) == ("abcd", "")
    (outcome,) = mailbox.update([ItemEdit(item.id, item.version, {FieldName("Title"): "\x01"})])
    assert written(outcome).id == item.id
    assert mailbox.changes(folder, None).seen[0].values["Title"] == ""


def test_a_value_that_the_vendor_cannot_hold_is_refused_alone(
    mailbox: Mailbox, folder: FolderId, figures: Figures
) -> None:
    unfit = [make_draft(n + 2, **{name: value}) for n, (name, value) in enumerate(figures.unfit)]
    outcomes = mailbox.create([make_draft(1), *unfit, make_draft(99)], folder)
    told = [o.fields if isinstance(o, Refusal) else None for o in outcomes]
    assert told == [None, *((name,) for name, _ in figures.unfit), None]
    assert set(by_name(mailbox.changes(folder, None).seen)) == {"No 1", "No 99"}
