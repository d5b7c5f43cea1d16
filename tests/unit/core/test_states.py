"""What each side reports of a pair, and what is no report at all."""

from dataclasses import replace

import pytest

from mailsync.core.changes import Item, Sensitivity, Trace
from mailsync.core.pair import Pair, PairState
from mailsync.core.person import Flow
from mailsync.core.refs import FieldName, ItemId, Version
from mailsync.core.states import is_changed, is_echo, is_merged_away
from tests.unit.core.builders import make_draft, make_item, make_pair, make_policy, merged, record_id, values

POLICY = make_policy()
PAIR = make_pair(1)
ITEM = replace(make_item(1), version=PAIR.mailbox.version, record=PAIR.record)


def test_L8_an_item_that_comes_back_as_it_was_left_is_an_echo() -> None:
    assert is_echo(PAIR, ITEM, POLICY)
    spelt = replace(ITEM, values={**ITEM.values, FieldName("Email"): "P1@X.EXAMPLE"})
    assert is_echo(PAIR, spelt, POLICY)  # B11: as it means, not as it is spelt


@pytest.mark.parametrize(
    ("pair", "item"),
    [
        (PAIR, replace(ITEM, id=ItemId("item2"))),  # A11: a copy
        (PAIR, replace(ITEM, record=record_id(2))),  # another record's
        (PAIR, replace(ITEM, version=Version("i9"))),  # somebody wrote it
        (PAIR, replace(ITEM, inside=False)),  # A9
        (PAIR, replace(ITEM, categories=())),  # A8
        (PAIR, replace(ITEM, sensitivity=Sensitivity.PRIVATE)),  # A13
        (PAIR, replace(ITEM, values=values(LastName="Name1", Email="p1@x.example", Title="CTO"))),  # the vendor's doing
        (replace(PAIR, state=PairState.FROZEN, frozen_for="A13"), ITEM),  # may thaw
        (replace(PAIR, state=PairState.DORMANT), ITEM),  # A19: put back by a person
    ],
)
def test_L8_whatever_happened_to_it_is_none(pair: Pair, item: Item) -> None:
    assert not is_echo(pair, item, POLICY)


def test_B10_only_mapped_fields_that_are_told_can_have_changed() -> None:
    base = values(LastName="Doe", Title="CTO")
    assert is_changed(values(LastName="Doe", Title="CEO"), base, POLICY)
    untold = {name: value for name, value in base.items() if name != "Title"}
    assert not is_changed(untold, base, POLICY)
    assert is_changed({**untold, FieldName("LastName"): "Roe"}, base, POLICY)
    assert not is_changed({**untold, FieldName("LastName"): "Doe "}, base, POLICY)  # another spelling, and one untold
    off = replace(POLICY, fields=tuple(replace(f, flow=Flow.OFF) if f.name == "Title" else f for f in POLICY.fields))
    assert not is_changed(values(LastName="Doe", Title="CEO"), base, off)
    assert is_changed(values(LastName="Roe", Title="CEO"), base, off)


def test_B16_merged_away_is_deleted_with_a_winner() -> None:
    assert is_merged_away(make_draft(PAIR, merged(1, 2)), PAIR)
    assert not is_merged_away(make_draft(PAIR, Trace(PAIR.record, deleted=True)), PAIR)
    assert not is_merged_away(make_draft(PAIR, Trace(PAIR.record, deleted=False, master=record_id(2))), PAIR)
    assert not is_merged_away(make_draft(PAIR), PAIR)
