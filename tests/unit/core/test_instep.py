"""L1: which pairs a plan may pass over, and everything that makes it look at them."""

from dataclasses import replace
from typing import Any

import pytest

from mailsync.core.changes import Item, Record, Sensitivity
from mailsync.core.marks import sort_marks
from mailsync.core.pair import Pair, PairState
from mailsync.core.policy import CATEGORY, ERROR_CATEGORY
from mailsync.core.refs import AccountId, FieldName, ItemId, Side, Version
from tests.unit.core.builders import deleted, make_pair, make_plan, make_record, make_sight, own_item, record_id, values

PAIR = replace(make_pair(1, Company="Acme"), account=AccountId("001A"), account_name="Acme")
RECORD = make_record(1, Company="Acme", account=AccountId("001A"))
ITEM = own_item(1, Company="Acme")
OTHER = values(LastName="Other", Email="p1@x.example", Company="Acme")


def is_passed_over(*things: Any, pair: Pair = PAIR, **more: Any) -> bool:
    return pair not in sort_marks(make_sight(pair, *things, **more)).restless


@pytest.mark.parametrize("things", [(), (RECORD,), (ITEM,), (RECORD, ITEM)])
def test_L1_what_is_as_it_was_left_is_passed_over(things: tuple[Record | Item, ...]) -> None:
    assert is_passed_over(*things)


@pytest.mark.parametrize(
    "pair",
    [
        replace(PAIR, state=PairState.FROZEN),
        replace(PAIR, state=PairState.DORMANT),
        replace(PAIR, frozen_for="A13"),
        replace(PAIR, state=PairState.FROZEN, frozen_for="A13"),
    ],
)
def test_L1_a_pair_at_rest_alone_is_passed_over(pair: Pair) -> None:
    assert not is_passed_over(RECORD, ITEM, pair=pair)


def test_A3_with_a_label_that_was_made_again_every_pair_is_looked_at() -> None:
    assert not is_passed_over(RECORD, ITEM, relabel=True)


@pytest.mark.parametrize(
    "record",
    [
        replace(RECORD, in_scope=False),
        replace(RECORD, account=AccountId("001B")),
        replace(RECORD, version=Version("r2")),
        replace(RECORD, values=OTHER),
    ],
)
def test_L1_a_record_that_is_otherwise_than_remembered_is_looked_at(record: Record) -> None:
    assert not is_passed_over(record, ITEM)


@pytest.mark.parametrize("pair", [replace(PAIR, in_scope=False), replace(PAIR, account_name="Acme Corp")])
def test_L1_so_is_one_whose_place_is_remembered_otherwise(pair: Pair) -> None:
    assert not is_passed_over(RECORD, ITEM, pair=pair)


def test_A18_a_record_that_is_deleted_or_out_of_sight_is_looked_at() -> None:
    assert not is_passed_over(deleted(1), ITEM)
    assert not is_passed_over(ITEM, unreadable=frozenset({PAIR.record}))


@pytest.mark.parametrize(
    "item",
    [
        replace(ITEM, version=Version("i2")),
        replace(ITEM, sensitivity=Sensitivity.PRIVATE),
        replace(ITEM, categories=()),
        replace(ITEM, categories=(CATEGORY, ERROR_CATEGORY)),
        replace(ITEM, record=record_id(2)),
        replace(ITEM, record=None),
        replace(ITEM, values={**OTHER, FieldName("Title"): "CTO"}),
        replace(ITEM, inside=False),  # A9; so it is under "outside"
    ],
)
def test_L1_an_item_that_is_otherwise_than_remembered_is_looked_at(item: Item) -> None:
    assert not is_passed_over(RECORD, item)


def test_C1_categories_of_a_persons_own_are_no_news() -> None:
    assert is_passed_over(RECORD, replace(ITEM, categories=("Friends", CATEGORY.upper())))


def test_L1_an_item_with_another_id_or_none_any_more_is_looked_at() -> None:
    assert not is_passed_over(RECORD, replace(ITEM, id=ItemId("item9")), gone=(1,))
    assert not is_passed_over(RECORD, gone=(1,))
    assert not is_passed_over(RECORD, pair=replace(PAIR, item=None))


def test_A21_what_is_passed_over_counts_as_looked_at() -> None:
    lost = replace(make_pair(2), item=None)
    result = make_plan(PAIR, RECORD, ITEM, lost)
    seen = {(Side.CRM, record_id(1)), (Side.MAILBOX, "item1"), (Side.CRM, record_id(2))}
    assert result.looked_at == seen
