"""Every row of the decision table against what the rules say, written down group by group."""

from collections.abc import Collection
from dataclasses import dataclass

import pytest

from mailsync.core.decision import RULES, CrmState, MailboxState, Verdict, decide, rows, table
from mailsync.core.policy import AutoRemoval, Direction, OnLeaveScope

C, M, D, A, L, V = CrmState, MailboxState, Direction, AutoRemoval, OnLeaveScope, Verdict
THERE = (M.SAME, M.CHANGED)
ABSENT = (M.GONE, M.MOVED_OUT)
READ = (C.SAME, C.CHANGED)
DOWNWARDS = (D.BOTH, D.DOWN)
UPWARDS = (D.BOTH, D.UP)


@dataclass(frozen=True)
class Group:
    """Rows with one verdict, and the rule's words for it."""

    words: str
    verdict: Verdict
    crm: Collection[CrmState] = tuple(CrmState)
    mailbox: Collection[MailboxState] = tuple(MailboxState)
    direction: Collection[Direction] = tuple(Direction)
    removal: Collection[AutoRemoval] = tuple(AutoRemoval)
    leaving: Collection[OnLeaveScope] = tuple(OnLeaveScope)

    def holds_for(self, c: CrmState, m: MailboxState, d: Direction, a: AutoRemoval, o: OnLeaveScope) -> bool:
        return c in self.crm and m in self.mailbox and d in self.direction and a in self.removal and o in self.leaving


GROUPS = [
    Group("L1 nothing changed", V.NOTHING, [C.SAME], [M.SAME]),
    Group("B10 edited in the mailbox", V.MERGE, [C.SAME], [M.CHANGED]),
    Group("B10 edited in Salesforce", V.MERGE, [C.CHANGED], THERE),
    Group("A15 up: who leaves the scope goes on", V.MERGE, [C.LEFT], THERE, [D.UP]),
    Group("A18 keep: goes on", V.MERGE, [C.LEFT], THERE, DOWNWARDS, leaving=[L.KEEP]),
    Group("A18 freeze", V.FREEZE, [C.LEFT], THERE, DOWNWARDS, leaving=[L.FREEZE]),
    Group("A18 remove", V.LEAVE, [C.LEFT], [M.SAME], DOWNWARDS, leaving=[L.REMOVE]),
    Group("A18 an unsynced edit is never removed", V.FREEZE, [C.LEFT], [M.CHANGED], DOWNWARDS, leaving=[L.REMOVE]),
    Group("A18 unreadable, to be removed", V.LEAVE, [C.UNREADABLE], [M.SAME], DOWNWARDS, leaving=[L.REMOVE]),
    Group("A18 unreadable but edited", V.FREEZE, [C.UNREADABLE], [M.CHANGED], DOWNWARDS, leaving=[L.REMOVE]),
    Group("A18 unreadable, nothing can flow", V.FREEZE, [C.UNREADABLE], THERE, DOWNWARDS, leaving=[L.FREEZE, L.KEEP]),
    Group("A15 up removes nothing", V.FREEZE, [C.UNREADABLE], THERE, [D.UP]),
    Group("D4 deleted in Salesforce", V.REMOVE_ITEM, [C.DELETED], THERE, DOWNWARDS),
    Group("B17 up can't remove: left over", V.END_LEFT_OVER, [C.DELETED], THERE, [D.UP]),
    Group("B16 merged", V.FOLLOW, [C.MERGED]),
    Group("D5 deleted on both sides", V.END, [C.DELETED], ABSENT),
    Group("D1 not read as in scope: dormant", V.DORMANT, [C.LEFT, C.UNREADABLE], ABSENT),
    Group("E1 down: created again", V.RECREATE_ITEM, READ, ABSENT, [D.DOWN]),
    Group("D1 not allowed: created again", V.RECREATE_ITEM, READ, ABSENT, [D.BOTH], [A.NOT_ALLOWED]),
    Group("D1 not allowed and up: only unpaired", V.UNPAIR, READ, ABSENT, [D.UP], [A.NOT_ALLOWED]),
    Group("D1 allowed", V.DELETE_RECORD, [C.SAME], ABSENT, UPWARDS, [A.ALLOWED]),
    Group("D3 allowed, but the record changed", V.HOLD_DELETION, [C.CHANGED], ABSENT, UPWARDS, [A.ALLOWED]),
    Group("B17 private, its record deleted", V.END_LEFT_OVER, [C.DELETED], [M.PRIVATE]),
    Group("A13 turned private", V.HOLD_PRIVATE, [*READ, C.LEFT, C.UNREADABLE], [M.PRIVATE]),
]


def test_every_row_has_one_group_and_its_verdict() -> None:
    count = 0
    for *row, verdict in rows():
        named = [g for g in GROUPS if g.holds_for(*row)]
        assert len(named) == 1, (row, [g.words for g in named])
        assert verdict is named[0].verdict, (named[0].words, row)
        count += 1
    assert count == 6 * 5 * 3 * 2 * 3


def test_every_group_and_every_verdict_occurs() -> None:
    every = [tuple(row) for *row, _ in rows()]
    for group in GROUPS:
        assert any(group.holds_for(*row) for row in every), group.words
    assert {verdict for *_, verdict in rows()} == set(Verdict) == set(RULES)


@pytest.mark.parametrize("removal", AutoRemoval)
def test_L4_only_a_proven_absence_and_permission_delete(removal: AutoRemoval) -> None:
    for crm, mailbox, direction, allowed, _, verdict in rows():
        if allowed is removal and verdict in (V.DELETE_RECORD, V.HOLD_DELETION):
            assert removal is A.ALLOWED
            assert mailbox in ABSENT
            assert crm in READ
            assert direction is not D.DOWN


def test_D7_not_visible_is_not_deleted() -> None:
    for crm, *_, verdict in rows():
        if crm in (C.LEFT, C.UNREADABLE):
            assert verdict not in (V.REMOVE_ITEM, V.END, V.END_LEFT_OVER, V.DELETE_RECORD)


def test_table_prints_every_verdict_once_a_pair_of_states() -> None:
    lines = table().splitlines()
    assert lines[0].startswith("| Salesforce | mailbox | direction |")
    assert lines[1] == "|---|---|---|---|---|---|---|"
    body = [tuple(cell.strip() for cell in line.strip("|").split("|")) for line in lines[2:]]
    states = {(c.value, m.value) for c in C for m in M}
    assert {(crm, mailbox) for crm, mailbox, *_ in body} == states
    for crm, mailbox, *_, words, rule in body:
        assert words in {v.value for v in V}, (crm, mailbox)
        assert rule == RULES[V(words)]
    assert ("same", "same", "any", "any", "any", "nothing", "L1") in body
    assert ("same", "deleted", "up", "not-allowed", "any", V.UNPAIR.value, "D1") in body


def test_table_tells_what_decide_decides() -> None:
    told = set[tuple[str, ...]]()
    for line in table().splitlines()[2:]:
        crm, mailbox, direction, removal, leaving, words, _ = (c.strip() for c in line.strip("|").split("|"))
        told.add((crm, mailbox, words))
        assert direction
        assert removal
        assert leaving
    decided = {(c.value, m.value, decide(c, m, d, a, o).value) for c, m, d, a, o, _ in rows()}
    assert told == decided
