"""A16, B15, L4, L7: moves out of Deleted Items that were cut off between the copy and the removal of the first one, and
first ones that a person puts back beside their copy.

Only Graph moves by a copy where it ignores parentFolderId (vendors/mailbox.md A2), as the sandbox does by default.
"""

import pytest

from mailsync.core.policy import CATEGORY
from mailsync.core.refs import FieldName, FolderId, ItemId
from mailsync.mailbox.microsoft import MicrosoftMailbox
from mailsync.ports.mailbox import ItemEdit
from mailsync.ports.outcomes import Refusal, Written
from mailsync.sandbox.server import RunningSandbox
from tests.contract.mailbox.drafts import make_draft, make_record, written
from tests.contract.mailbox.microsoft.wire import count_parts, strike
from tests.contract.mailbox.port.graph import GraphPerson


@pytest.fixture
def first(box: RunningSandbox, opened: MicrosoftMailbox, home: FolderId) -> ItemId:
    """An item in Deleted Items whose copy is in the folder: its removal was refused at the moment."""
    item = ItemId(written(opened.create([make_draft(1)], home)[0]).id)
    opened.changes(home, None)
    opened.remove([item])
    strike(box, "delete", kind="reject", code="ErrorServerBusy", items=[0])
    (outcome,) = opened.move([item], home)
    assert isinstance(outcome, Refusal)
    assert outcome.transient
    strike(box, "", kind="")
    assert thrown_of(opened) == {item}
    return item


def thrown_of(opened: MicrosoftMailbox) -> set[ItemId]:
    """What lies in Deleted Items and carries our record."""
    return {i.id for found in opened.find([make_record(1)]).values() for i in found}


def copy_in(opened: MicrosoftMailbox, home: FolderId) -> ItemId:
    """The one item of the folder."""
    (copy,) = opened.changes(home, None).seen
    return copy.id


def test_B15_the_first_one_goes_once_its_copy_is_there(opened: MicrosoftMailbox, home: FolderId, first: ItemId) -> None:
    copy = copy_in(opened, home)
    assert list(opened.finish([first], home)) == []
    assert (thrown_of(opened), copy_in(opened, home)) == (set(), copy)
    assert list(opened.finish([first], home)) == [], "twice is once"
    assert copy_in(opened, home) == copy


def test_L7_the_first_one_stays_where_its_copy_lacks_anything(
    box: RunningSandbox, opened: MicrosoftMailbox, home: FolderId, cem: GraphPerson, first: ItemId
) -> None:
    """A person has edited the copy since: what it replaced is in Deleted Items alone."""
    cem.edit_contact(copy_in(opened, home), surname="Another")
    before = count_parts(box, "DELETE", "/contacts/")
    assert list(opened.finish([first], home)) == []
    assert (thrown_of(opened), count_parts(box, "DELETE", "/contacts/")) == ({first}, before)


def test_L4_the_first_one_stays_where_there_is_no_copy_or_a_person_took_it_out(
    box: RunningSandbox, opened: MicrosoftMailbox, home: FolderId, cem: GraphPerson, first: ItemId
) -> None:
    cem.move_contact(first)
    before = count_parts(box, "DELETE", "/contacts/")
    assert list(opened.finish([first], home)) == []
    assert first in {c["id"] for c in cem.list_contacts()}
    cem.delete_contact(first)
    cem.delete_contact(copy_in(opened, home), for_good=True)
    assert list(opened.finish([first], home)) == []
    assert (thrown_of(opened), count_parts(box, "DELETE", "/contacts/")) == ({first}, before)


@pytest.mark.parametrize("carry_out", [True, False])
def test_B15_a_removal_that_failed_on_its_way_is_told_and_finished_later(
    box: RunningSandbox, opened: MicrosoftMailbox, home: FolderId, first: ItemId, *, carry_out: bool
) -> None:
    """The fourth request: the first one, whether it has a copy, the copy, the removal."""
    strike(box, "$batch", kind="throttle", status=503, items=[0], retry_after=1, after=3, carry_out=carry_out)
    assert list(opened.finish([first], home)) == [first]
    strike(box, "", kind="")
    assert (first in thrown_of(opened)) is not carry_out
    assert list(opened.finish([first], home)) == []
    assert thrown_of(opened) == set()


def test_L5_a_first_one_that_was_edited_meanwhile_stays(
    box: RunningSandbox, opened: MicrosoftMailbox, home: FolderId, first: ItemId
) -> None:
    strike(box, "delete", kind="reject", code="ErrorIrresolvableConflict", items=[0])
    assert list(opened.finish([first], home)) == []
    assert thrown_of(opened) == {first}


def test_A1_ids_of_another_kind_of_mailbox_need_no_finishing(opened: MicrosoftMailbox, home: FolderId) -> None:
    assert list(opened.finish([ItemId("people/c1"), ItemId("AAMk/x=")], home)) == []


@pytest.fixture
def restored(opened: MicrosoftMailbox, home: FolderId, cem: GraphPerson) -> tuple[ItemId, ItemId]:
    """A person's contact, put back out of Deleted Items after it was moved into the folder, and its copy there, which
    has got a record since."""
    first = ItemId(cem.create({"givenName": "Jo", "surname": "Doe", "categories": [CATEGORY]}))
    (told,) = opened.changes(home, None).outside
    assert told.id == first
    moved = written(opened.move([first], home)[0])
    assert moved.id != first
    copy = ItemId(moved.id)
    written(opened.update([ItemEdit(copy, moved.version, record=make_record(1))])[0])
    cem.move_contact(first)
    return first, copy


def test_B15_a_first_one_that_is_put_back_does_not_become_the_item_of_another_record(
    opened: MicrosoftMailbox, home: FolderId, restored: tuple[ItemId, ItemId]
) -> None:
    first, copy = restored
    opened.changes(home, None)
    again = written(opened.move([first], home)[0])
    assert again.id not in (first, copy)
    told = opened.changes(home, None)
    assert {i.id: i.record for i in told.seen} == {copy: make_record(1), again.id: None}
    assert told.outside == ()


def test_L4_the_copy_of_a_first_one_that_is_put_back_stays_though_it_was_edited(
    opened: MicrosoftMailbox, home: FolderId, cem: GraphPerson, restored: tuple[ItemId, ItemId]
) -> None:
    """It lacks what the first one has, as a copy that was spoilt in making would, and is a pair's item all the same."""
    first, copy = restored
    cem.edit_contact(copy, surname="Another")
    opened.changes(home, None)
    written(opened.move([first], home)[0])
    assert copy in {i.id for i in opened.changes(home, None).seen}


def test_L5_edits_of_a_copy_are_told_while_its_first_one_is_put_back(
    opened: MicrosoftMailbox, home: FolderId, cem: GraphPerson, restored: tuple[ItemId, ItemId]
) -> None:
    first, copy = restored
    cursor = opened.changes(home, None).cursor
    cem.edit_contact(copy, surname="Another")
    told = opened.changes(home, cursor)
    assert [i.id for i in told.outside] == [first]
    assert [i.values[FieldName("LastName")] for i in told.seen] == ["Another"]


def test_L7_a_contact_whose_photo_is_not_told_of_stays_where_it_is(
    box: RunningSandbox, opened: MicrosoftMailbox, home: FolderId, cem: GraphPerson
) -> None:
    """Its copy would vanish with it, if it has one (decision 0011)."""
    item = ItemId(cem.create({"surname": "Quinn"}))
    strike(box, "$batch", kind="reject", code="ErrorAccessDenied", items=[0], after=2)
    (outcome,) = opened.move([item], home)
    assert isinstance(outcome, Refusal)
    assert outcome.transient
    assert item in {c["id"] for c in cem.list_contacts()}
    assert cem.list_contacts(home) == []
    assert isinstance(opened.move([item], home)[0], Written)
