"""L6 where the order could tell: several newcomers, returns or losers at once. What the plans of other orders are held
against is `disorder`; every twentieth history is played with it, too."""

from random import Random

import pytest

from tests.laws.histories.orders import Mixed, mix
from tests.laws.histories.play import MIXED, play
from tests.laws.histories.script import parse

AT_ONCE = {
    "B2 twins": "session; add_item 3 1 0; add_item 3 1 0; add_item 3 1 0; session; answer 0 0 0; session; quiet",
    "B2 twins of a record": "add_record 3 1 1; add_item 3 1 0; add_item 3 1 0; session; answer 0 1 0; quiet",
    "A11 copies": "add_marked 3 1 0; session; copy_item 0 0 0; copy_item 0 0 1; copy_item 0 1 0; session; quiet",
    "A1 copies after reset": "add_record 1 1 1; session; copy_item 0 0 0; copy_item 0 0 1; reset; session; quiet",
    "B16 two losers": "add_record 1 1 1; add_record 2 2 1; add_record 4 3 1; session; merge_records 0 0 0; "
    "merge_records 0 0 0; session; quiet",
    "D1 many": "add_record 1 1 1; add_record 2 2 1; add_record 4 3 1; session; delete_item 0 0 0; delete_item 0 0 0; "
    "session; restore_item 0 0 0; restore_item 0 0 0; session; quiet",
}


@pytest.mark.rule("L6")
@pytest.mark.parametrize("name", AT_ONCE)
def test_L6_several_at_once(name: str) -> None:
    assert play(MIXED, parse(AT_ONCE[name])).wrong == ()


@pytest.mark.rule("L6")
def test_L6_whatever_happens() -> None:
    assert [w for seed in range(10_000, 10_000 + 30 * MIXED, MIXED) for w in play(seed).wrong] == []


class Feed:
    """A port that reads, and one thing that it does not."""

    budget = (1, 2, 3)

    def read(self) -> dict[int, int]:
        return dict(zip(range(9), range(9), strict=True))


def test_another_order_is_the_same_otherwise() -> None:
    mixed = Mixed(Feed(), Random(1))
    assert mixed.read() == Feed().read()
    assert list(mixed.read()) != list(Feed().read())
    assert mixed.budget == (1, 2, 3)
    assert sorted(mix(tuple(range(9)), Random(1))) == list(range(9)) != list(mix(tuple(range(9)), Random(1)))
