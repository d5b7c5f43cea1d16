"""Which item is which: A7-A11, A19, A23, D6, B17."""

from collections.abc import Sequence
from dataclasses import fields

from mailsync.core.changes import Item
from mailsync.core.marks import Sorted, sort_marks
from mailsync.core.notices import Parked
from mailsync.core.refs import ItemId, Side
from mailsync.core.sight import Sight
from tests.unit.core.builders import dormant, make_item, make_pair, make_record, make_sight, own_item, record_id


def places(sight: Sight) -> dict[str, list[str]]:
    """Where each item ended, by its id; every item is in exactly one place, or in none (that of a pair in step)."""
    found = sort_marks(sight)
    result: dict[str, list[str]] = {}
    for f in (f for f in fields(Sorted) if f.name not in ("restless", "unpaired")):
        held = getattr(found, f.name)
        items: Sequence[Item] = list(held.values()) if isinstance(held, dict) else held
        names = [str((i[0] if isinstance(i, tuple) else i).id) for i in items]
        if names:
            result[f.name] = sorted(names)
    every = [n for names in result.values() for n in names]
    assert len(every) == len(set(every))
    return result


def test_A7_new_in_the_folder_or_categorised_outside_is_an_arrival() -> None:
    inside, outside = make_item(1, marked=False), make_item(2, inside=False)
    assert places(make_sight(inside, outside)) == {"arrivals": ["item1", "item2"]}


def test_A7_a_moved_item_is_known_by_its_property() -> None:
    moved = own_item(1, id=ItemId("moved"))
    assert places(make_sight(make_pair(1), moved, gone=[1])) == {"own": ["moved"]}


def test_A8_an_item_in_the_folder_is_the_pairs_with_or_without_category() -> None:
    assert places(make_sight(make_pair(1), own_item(1, marked=False))) == {"own": ["item1"]}


def test_A9_moved_out_under_a_new_id_or_its_own() -> None:
    new_id = own_item(1, inside=False, id=ItemId("elsewhere"))
    assert places(make_sight(make_pair(1), new_id, gone=[1])) == {"moved_out": ["elsewhere"]}
    assert places(make_sight(make_pair(1), own_item(1, inside=False))) == {"moved_out": ["item1"]}


def test_A3_a_contact_without_a_label_that_was_itself_lost_was_not_moved_out() -> None:
    survivor, stranger = own_item(1, inside=False, marked=False), own_item(2, inside=False)
    sight = make_sight(make_pair(1), survivor, stranger, refill=True, relabel=True)
    assert places(sight) == {"own": ["item1"], "strays": ["item2"]}


def test_A10_after_A9_an_item_without_property_is_fresh() -> None:
    assert places(make_sight(make_pair(1), make_item(9, inside=False))) == {"arrivals": ["item9"]}


def test_A11_a_copy_in_the_folder_and_one_outside() -> None:
    inside = own_item(1, id=ItemId("copy"))
    outside = own_item(1, inside=False, id=ItemId("stray"))
    found = places(make_sight(make_pair(1), own_item(1), inside, outside))
    assert found == {"copies_in": ["copy"], "strays": ["stray"]}, "its own is in step"


def test_A11_the_item_in_the_pair_table_keeps_the_pair_though_it_was_not_reported() -> None:
    assert places(make_sight(make_pair(1), own_item(1, id=ItemId("copy")))) == {"copies_in": ["copy"]}


def test_A11_beside_an_item_that_moved_out_a_second_one_is_a_copy() -> None:
    out = own_item(1, inside=False)
    copy = own_item(1, id=ItemId("copy"))
    found = places(make_sight(make_pair(1, recreated=1), out, copy))
    assert found == {"moved_out": ["item1"], "copies_in": ["copy"]}


def test_A12_lists_are_set_aside() -> None:
    assert places(make_sight(make_item(1, is_list=True))) == {"lists": ["item1"]}


def test_A19_a_dormant_pairs_item_put_back_is_its_own() -> None:
    assert places(make_sight(dormant(1), own_item(1, id=ItemId("back")))) == {"own": ["back"]}
    assert places(make_sight(dormant(1), own_item(1, inside=False, id=ItemId("far")))) == {"strays": ["far"]}


def test_A23_excluded_items_are_passed_over_wherever_they_lie() -> None:
    known = {(Side.MAILBOX, "item1"): Parked(Side.MAILBOX, "item1", "A23", "")}
    sight = make_sight(make_item(1, excluded=True), make_item(2, inside=False, excluded=True), parked=known)
    assert places(sight) == {"excluded": ["item1", "item2"]}


def test_A23_ends_when_it_was_moved_out_and_in_again() -> None:
    assert places(make_sight(make_item(1, excluded=True))) == {"readmitted": ["item1"]}


def test_A23_outlives_a_lost_store() -> None:
    assert places(make_sight(make_item(1, excluded=True), repairing=True)) == {"excluded": ["item1"]}
    assert places(make_sight(make_item(1, excluded=True), first=True)) == {"excluded": ["item1"]}


def test_D6_a_restored_item_beside_a_recreated_one_has_returned() -> None:
    back = own_item(1, id=ItemId("restored"))
    found = places(make_sight(make_pair(1, recreated=1), own_item(1), back))
    assert found == {"returned": ["restored"]}, "its own is in step"


def test_B17_what_is_left_of_an_ended_pair_is_no_arrival() -> None:
    assert places(make_sight(own_item(1))) == {"left_over": ["item1"]}
    assert places(make_sight(own_item(1, inside=False))) == {"strays": ["item1"]}


def test_A1_our_property_and_a_readable_record_find_each_other_again() -> None:
    elder, copy = own_item(1), own_item(1, id=ItemId("younger"), created=None)
    found = places(make_sight(make_record(1), elder, copy))
    assert found == {"found_again": ["item1"], "copies_in": ["younger"]}


def test_L6_the_elder_leads_whatever_the_order() -> None:
    items = [make_item(n, record=record_id("x")) for n in (3, 1, 2)]
    record = make_record("x")
    found = [places(make_sight(record, *order)) for order in (items, items[::-1])]
    assert found[0] == found[1]
    assert found[0]["found_again"] == ["item1"]


def test_A11_of_two_items_of_a_lost_one_the_elder_is_the_pairs_own() -> None:
    elder, younger = make_item(1, record=record_id("x")), make_item(2, record=record_id("x"))
    found = places(make_sight(make_pair("x"), elder, younger, gone=["x"]))
    assert found == {"own": ["item1"], "copies_in": ["item2"]}


def test_A11_beside_a_moved_one_under_a_new_id_the_younger_in_the_folder_is_a_copy() -> None:
    out, inside = make_item(1, inside=False, record=record_id("x")), make_item(2, record=record_id("x"))
    assert places(make_sight(make_pair("x"), out, inside, gone=["x"])) == {
        "moved_out": ["item1"],
        "copies_in": ["item2"],
    }


def test_A23_what_was_parked_for_another_reason_was_not_rejected() -> None:
    known = {(Side.MAILBOX, "item1"): Parked(Side.MAILBOX, "item1", "B8", "")}
    assert places(make_sight(make_item(1, excluded=True), parked=known)) == {"readmitted": ["item1"]}


def test_A17_records_without_a_pair_keep_their_order() -> None:
    new = [make_record(n) for n in (3, 1, 4)]
    found = sort_marks(make_sight(make_pair(2), new[0], make_record(2), *new[1:]))
    assert found.unpaired == new
    assert sort_marks(make_sight(make_pair(2), make_record(2))).unpaired == []
