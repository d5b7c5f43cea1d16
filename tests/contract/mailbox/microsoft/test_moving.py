"""A16, B15, L4, L7: moves out of Deleted Items that were cut off between the copy and the removal of the first one.

Only Graph moves by a copy where it ignores parentFolderId (vendors/mailbox.md A2), as the sandbox does by default.
"""

import pytest

from mailsync.core.refs import FolderId, ItemId
from mailsync.mailbox.microsoft import MicrosoftMailbox
from mailsync.ports.outcomes import Refusal
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
