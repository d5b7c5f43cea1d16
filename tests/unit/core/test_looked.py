"""A set of references is a set like any other."""

from mailsync.core.looked import Looked
from mailsync.core.refs import ItemId, RecordId, Side

LOOKED = Looked({RecordId("r1"), RecordId("same")}, {ItemId("i1")})


def test_A21_a_reference_is_known_by_its_side() -> None:
    assert (Side.CRM, "r1") in LOOKED
    assert (Side.MAILBOX, "i1") in LOOKED
    assert (Side.CRM, "i1") not in LOOKED
    assert (Side.MAILBOX, "same") not in LOOKED
    assert "r1" not in LOOKED


def test_A21_it_equals_the_set_of_what_it_holds() -> None:
    assert {(Side.CRM, "r1"), (Side.CRM, "same"), (Side.MAILBOX, "i1")} == LOOKED
    assert len(LOOKED) == 3
    assert Looked() == frozenset()
    assert {(Side.CRM, "r1")} <= LOOKED
