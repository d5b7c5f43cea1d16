"""A13, L3: of what is private nothing is sent or stored, whatever becomes of its record, until a person approves it."""

from typing import Any

import pytest

from mailsync.core.actions import CreateItem, EndPair, MoveIn, PairUp, RemoveItem, Stamp, UpdateItem
from mailsync.core.changes import Sensitivity
from mailsync.core.pair import RETURNING, PairState, Tombstone
from mailsync.core.refs import ItemId
from mailsync.core.states import is_private
from tests.unit.core.builders import (
    FAR,
    binned,
    dormant,
    holds,
    kinds,
    make_pair,
    make_plan,
    make_record,
    merged,
    of,
    one,
    own_item,
    record_id,
)

PRIVATE: dict[str, Any] = {"sensitivity": Sensitivity.PRIVATE}
SECRET: dict[str, Any] = {"Title": "secret", **PRIVATE}
APPROVED: dict[str, Any] = {"frozen_for": "A13"}


@pytest.mark.parametrize(
    ("state", "frozen_for", "private"),
    [
        (PairState.ACTIVE, "", True),
        (PairState.ACTIVE, "A13", False),
        (PairState.DORMANT, "A13", False),
        (PairState.FROZEN, "A13", True),
        (PairState.DORMANT, "A18", True),
    ],
)
def test_A13_only_an_approval_that_its_pair_remembers_makes_it_any_persons(
    state: PairState, frozen_for: str, private: bool
) -> None:
    pair = make_pair(1, state=state, frozen_for=frozen_for)
    assert is_private(pair, own_item(1, **PRIVATE)) is private
    assert not is_private(pair, own_item(1))


# Merges (B16)


def test_A13_B16_merged_away_it_is_left_over_and_its_edits_are_told_to_no_history() -> None:
    world = own_item(1, **SECRET), make_pair(2), own_item(2), make_record(2), merged(1, 2)
    for pair in (make_pair(1), make_pair(1, state=PairState.FROZEN, frozen_for="A13")):
        result = make_plan(pair, *world)
        assert (kinds(result), holds(result)) == (["EndPair"], ["B17"])
        assert one(result, EndPair).tombstone == Tombstone(record_id(1), ItemId("item1"), "B16")
        assert (result.holds[0].members[0].item, result.holds[0].members[0].record) == ("item1", record_id(1))
    approved = one(make_plan(make_pair(1, **APPROVED), *world), RemoveItem)
    assert approved.lost == {"Title": "secret"}, "a person had it synced"


def test_A13_A1_merged_away_while_pairs_are_found_again_it_waits() -> None:
    world = make_pair(1), own_item(1, **PRIVATE), make_pair(2), own_item(2), make_record(2), merged(1, 2)
    result = make_plan(*world, repairing=True)
    assert (of(result, EndPair), of(result, RemoveItem), holds(result)) == ([], [], [])
    assert ("item1", "A1") in {(p.ref, p.rule) for p in result.parked}


def test_A13_B16_where_its_pair_follows_the_winner_it_is_asked_about() -> None:
    result = make_plan(make_pair(1), own_item(1, **SECRET), make_record(2), merged(1, 2))
    after = of(result, PairUp)[-1].pair
    assert (after.record, after.state, after.frozen_for) == (record_id(2), PairState.FROZEN, "A13")
    assert (after.mailbox.values["Title"], holds(result)) == ("", ["A13"])


# What returns beside it (D6, B2)


def test_A13_D6_a_re_created_item_that_turned_private_gives_way_to_nobody() -> None:
    world = make_pair(1, recreated=1), make_record(1), own_item(1, **PRIVATE), own_item(1, id=FAR)
    result = make_plan(*world)
    assert (of(result, RemoveItem), holds(result)) == ([], ["A13", "D6"])


# Out of Deleted Items (A18, B16)


def test_A13_A18_what_turned_private_in_deleted_items_stays_there_and_another_item_is_made() -> None:
    for pair in (dormant(1, frozen_for="A18"), dormant(1, frozen_for=RETURNING)):
        result = make_plan(pair, make_record(1), **binned(**SECRET))
        assert (kinds(result), holds(result)) == (["CreateItem"], [])
        assert (one(result, CreateItem).pair, one(result, CreateItem).why.rule) == (pair, "A18")


def test_A13_A18_approved_before_it_left_it_comes_back_and_is_synced() -> None:
    left = make_plan(make_pair(1, **APPROVED), own_item(1, **PRIVATE), make_record(1, in_scope=False))
    resting = one(left, RemoveItem).after
    assert resting is not None
    assert (resting.state, resting.frozen_for) == (PairState.DORMANT, "A13")
    result = make_plan(resting, make_record(1, Title="CEO"), **binned(Title="", **PRIVATE))
    after = one(result, PairUp).pair
    assert (after.state, after.frozen_for, holds(result)) == (PairState.ACTIVE, "A13", [])
    assert (one(result, MoveIn).item.id, one(result, UpdateItem).moved["Title"].sent) == ("binned", "CEO")


def test_A13_an_approval_ends_with_the_privacy_though_its_pair_was_frozen_for_it() -> None:
    public = make_pair(1, state=PairState.FROZEN, frozen_for="A13")
    resting = one(make_plan(public, own_item(1), make_record(1, in_scope=False)), RemoveItem).after
    assert resting is not None
    assert resting.frozen_for == ""


@pytest.mark.parametrize("frozen_for", ["A18", RETURNING])
def test_A13_A19_in_the_folder_and_private_it_is_asked_about_whoever_moved_it(frozen_for: str) -> None:
    result = make_plan(dormant(1, frozen_for=frozen_for), make_record(1), own_item(1, id=FAR, **SECRET))
    after = one(result, PairUp).pair
    assert (after.state, after.frozen_for, after.item) == (PairState.FROZEN, "A13", FAR)
    assert (after.mailbox.values["Title"], holds(result)) == ("", ["A13"])


def test_A13_A19_approved_before_it_is_put_back_without_a_question() -> None:
    result = make_plan(dormant(1, **APPROVED), make_record(1), own_item(1, id=FAR, **PRIVATE))
    after = one(result, PairUp).pair
    assert (after.state, after.frozen_for, after.pinned, holds(result)) == (PairState.ACTIVE, "A13", True, [])


@pytest.mark.parametrize("private", [True, False])
def test_A13_B16_undeleted_its_record_gets_another_item(private: bool) -> None:
    result = make_plan(
        make_record(1), **binned(Title="secret", sensitivity=Sensitivity.PRIVATE if private else Sensitivity.NORMAL)
    )
    assert (len(of(result, CreateItem)), len(of(result, MoveIn)), len(of(result, Stamp))) == (
        (1, 0, 0) if private else (0, 1, 1)
    )
