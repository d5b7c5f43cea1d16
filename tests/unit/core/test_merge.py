"""The three-way merge, field by field: B4, B9-B14, E1, A1."""

from dataclasses import replace
from typing import Any

import pytest

from mailsync.core.divergence import is_diverged
from mailsync.core.merge import Merged, Sides, merge
from mailsync.core.person import Address, Flow, Limit, Value
from mailsync.core.policy import Direction, Policy, Winner
from mailsync.core.refs import FieldName, Side
from tests.unit.core.builders import make_policy, values

TITLE, PHONE, COMPANY = FieldName("Title"), FieldName("Phone"), FieldName("Company")


def sides(base: str | None, crm: str, mailbox: str, field: str = "Title", **more: Any) -> Sides:
    """One field with the same base on both sides (None: no base), all other fields in step."""
    known = {} if base is None else {FieldName(field): base}
    rest = {n: v for n, v in values(LastName="Lee").items() if n != field}
    return Sides(rest | known, rest | known, rest | {FieldName(field): crm}, rest | {FieldName(field): mailbox}, **more)


def run(
    base: str | None, crm: str, mailbox: str, field: str = "Title", policy: Policy | None = None, **more: Any
) -> Merged:
    return merge(sides(base, crm, mailbox, field, **more), policy or make_policy())


def sent(moved: dict[FieldName, Any]) -> dict[str, Value]:
    return {str(n): m.sent for n, m in moved.items()}


def one_way(direction: Direction) -> Policy:
    return make_policy(direction=direction)


def test_B10_unchanged_moves_nothing() -> None:
    assert run("CEO", "CEO", "CEO") == Merged()


def test_B10_a_change_flows_to_the_other_side() -> None:
    assert sent(run("CEO", "CTO", "CEO").down) == {"Title": "CTO"}
    assert sent(run("CEO", "CEO", "CTO").up) == {"Title": "CTO"}
    assert sent(run("CEO", "CEO", "").up) == {"Title": ""}
    assert sent(run("CEO", "", "CEO").down) == {"Title": ""}


@pytest.mark.parametrize(
    ("crm", "mailbox", "up", "down"),
    [
        ("CEO of the West", "CEO", {}, {}),
        ("CFO", "CEO", {}, {"Title": "CFO"}),
        ("CEO of the West", "CFO", {"Title": "CFO"}, {}),
    ],
)
def test_B10_each_side_is_held_against_its_own_base(crm: str, mailbox: str, up: object, down: object) -> None:
    rest = values(LastName="Lee")
    bases = (rest | values(Title="CEO of the West"), rest | values(Title="CEO"))
    merged = merge(Sides(*bases, rest | values(Title=crm), rest | values(Title=mailbox)), make_policy())
    assert (sent(merged.up), sent(merged.down)) == (up, down)
    assert not any(m.lost for m in (*merged.up.values(), *merged.down.values()))


def test_B10_changed_equally_moves_bases_only() -> None:
    merged = run("CEO", "CTO", " CTO ")
    assert (merged.up, merged.down) == ({}, {})
    assert (merged.settled_crm[TITLE], merged.settled_mailbox[TITLE]) == ("CTO", " CTO ")


def test_B10_different_fields_flow_both_ways_at_once() -> None:
    base = values(Title="CEO", Phone="+1 202 555 0100")
    crm, mailbox = base | values(Title="CTO", Phone="+1 202 555 0100"), base | {PHONE: "+1 202 555 0199"}
    merged = merge(Sides(base, base, crm, mailbox), make_policy())
    assert (sent(merged.down), sent(merged.up)) == ({"Title": "CTO"}, {"Phone": "+1 202 555 0199"})


@pytest.mark.parametrize(
    ("field", "typed", "kept"),
    [
        ("Phone", "(202) 555-0100", "+1 202 555 0100"),
        ("Email", "ANN@x.example", "ann@x.example"),
        ("LastName", " Lee  Young ", "Lee Young"),
    ],
)
def test_B11_another_format_is_no_change(field: str, typed: str, kept: str) -> None:
    merged = run(kept, kept, typed, field)
    assert (merged.up, merged.down, merged.left) == ({}, {}, {})


def test_B11_an_address_is_one_block() -> None:
    name = FieldName("MailingAddress")
    old, new = Address("1 Main St", "Springfield"), Address("2 Main St", "Springfield")
    base = values(MailingAddress=old)
    merged = merge(Sides(base, base, base, base | {name: new}), make_policy())
    assert merged.up[name].sent == new
    assert merged.up[name].before == old


def test_B12_salesforce_wins_and_the_loser_is_kept() -> None:
    merged = run("CEO", "CTO", "CFO")
    assert merged.up == {}
    assert (merged.down[TITLE].sent, merged.down[TITLE].before, merged.down[TITLE].lost) == ("CTO", "CFO", True)


def test_B12_the_mailbox_wins_by_policy_or_by_field() -> None:
    for policy in (make_policy(winner=Winner.MAILBOX), make_policy(winners={TITLE: Winner.MAILBOX})):
        merged = run("CEO", "CTO", "CFO", policy=policy)
        assert merged.down == {}
        assert (merged.up[TITLE].sent, merged.up[TITLE].before, merged.up[TITLE].lost) == ("CFO", "CTO", True)


def test_B12_a_blank_against_a_value_is_a_conflict() -> None:
    assert run("CEO", "", "CFO").down[TITLE].lost
    assert run("CEO", "CTO", "", policy=make_policy(winner=Winner.MAILBOX)).up[TITLE].sent == ""


def test_B12_ask_holds_the_field_until_someone_chooses() -> None:
    policy = make_policy(winner=Winner.ASK)
    asked = run("CEO", "CTO", "CFO", policy=policy)
    assert (asked.asked, asked.up, asked.down) == ([TITLE], {}, {})
    assert (asked.settled_crm, asked.settled_mailbox) == ({}, {}), "the bases must stay, or the question is forgotten"
    assert sent(run("CEO", "CTO", "CFO", policy=policy, chosen={TITLE: Side.CRM}).down) == {"Title": "CTO"}
    assert sent(run("CEO", "CTO", "CFO", policy=policy, chosen={TITLE: Side.MAILBOX}).up) == {"Title": "CFO"}


def test_B12_an_open_question_is_never_won_meanwhile() -> None:
    assert run("CEO", "CTO", "CFO", held=frozenset({TITLE})).asked == [TITLE]
    assert run(None, "CTO", "CFO", held=frozenset({TITLE})).asked == [TITLE]


def test_B12_who_can_not_write_can_not_win() -> None:
    locked = make_policy(winner=Winner.MAILBOX, crm={"Title": Limit(updateable=False)})
    assert sent(run("CEO", "CTO", "CFO", policy=locked).down) == {"Title": "CTO"}


@pytest.mark.parametrize("winner", Winner)
def test_E1_in_one_direction_the_conflict_policy_is_idle(winner: Winner) -> None:
    up = run("CEO", "CTO", "CFO", policy=make_policy(direction=Direction.UP, winner=winner))
    assert (sent(up.up), up.down, up.asked) == ({"Title": "CFO"}, {}, [])
    down = run("CEO", "CTO", "CFO", policy=make_policy(direction=Direction.DOWN, winner=winner))
    assert (sent(down.down), down.up, down.asked) == ({"Title": "CTO"}, {}, [])


def test_B10_an_edit_against_the_direction_stays_and_is_noted() -> None:
    up = run("CEO", "CTO", "CEO", policy=one_way(Direction.UP))
    assert (up.down, up.settled_crm, up.left_crm) == ({}, {TITLE: "CTO"}, {TITLE: "CTO"})
    down = run("CEO", "CEO", "CFO", policy=one_way(Direction.DOWN))
    assert (down.up, down.settled_mailbox, down.left) == ({}, {TITLE: "CFO"}, {TITLE: "CFO"})


@pytest.mark.parametrize(("flow", "ups", "downs"), [(Flow.UP, 1, 0), (Flow.DOWN, 0, 1), (Flow.OFF, 0, 0)])
def test_E3_each_field_has_its_own_direction(flow: Flow, ups: int, downs: int) -> None:
    policy = make_policy()
    fields = tuple(replace(f, flow=flow) if f.name == TITLE else f for f in policy.fields)
    policy = replace(policy, fields=fields)
    up, down = run("CEO", "CEO", "CFO", policy=policy), run("CEO", "CTO", "CEO", policy=policy)
    assert (len(up.up), len(down.down)) == (ups, downs)
    assert (up.down, down.up) == ({}, {})


def test_B10_on_a_record_that_may_not_be_changed_the_edit_stays() -> None:
    merged = run("CEO", "CEO", "CFO", editable=False)
    assert (merged.up, merged.left) == ({}, {TITLE: "CFO"})


def test_B4_a_first_pairing_fills_blanks() -> None:
    assert sent(run(None, "CTO", "").down) == {"Title": "CTO"}
    assert sent(run(None, "", "CFO").up) == {"Title": "CFO"}
    assert not run(None, "CTO", "").down[TITLE].lost


def test_B4_equal_values_stay_as_written() -> None:
    merged = run(None, "+1 202 555 0100", "(202) 555-0100", "Phone")
    assert (merged.up, merged.down) == ({}, {})
    assert (merged.settled_crm[PHONE], merged.settled_mailbox[PHONE]) == ("+1 202 555 0100", "(202) 555-0100")


def test_B4_differing_values_follow_B12() -> None:
    assert run(None, "CTO", "CFO").down[TITLE].lost
    assert run(None, "CTO", "CFO", policy=make_policy(winner=Winner.MAILBOX)).up[TITLE].lost


@pytest.mark.parametrize("direction", [Direction.UP, Direction.DOWN])
def test_B4_in_one_direction_no_blank_is_sent_and_differences_are_held(direction: Direction) -> None:
    policy = one_way(direction)
    assert run(None, "CTO", "CFO", policy=policy).asked == [TITLE]
    blank = run(None, "CTO", "", policy=policy) if direction is Direction.UP else run(None, "", "CFO", policy=policy)
    assert (blank.up, blank.down, blank.asked) == ({}, {}, [])


@pytest.mark.parametrize(("direction", "side"), [(Direction.UP, Side.CRM), (Direction.DOWN, Side.MAILBOX)])
def test_B4_the_side_that_may_not_write_keeps_both(direction: Direction, side: Side) -> None:
    merged = run(None, "CTO", "CFO", policy=one_way(direction), chosen={TITLE: side})
    assert (merged.up, merged.down, merged.asked) == ({}, {}, [])
    assert (merged.settled_crm[TITLE], merged.settled_mailbox[TITLE]) == ("CTO", "CFO")


def test_A1_found_again_asks_where_it_can_not_place_a_difference() -> None:
    assert run(None, "CTO", "CFO", strict=True).asked == [TITLE]
    assert run("CEO", "CTO", "CFO", strict=True).asked == [TITLE]
    assert sent(run("CEO", "CEO", "CFO", strict=True).up) == {"Title": "CFO"}


def test_B13_a_cut_is_marked_and_never_flows_back() -> None:
    long = "x" * 200
    merged = run("CEO", "CEO", long)
    assert (merged.up[TITLE].sent, merged.up[TITLE].source, merged.up[TITLE].cut) == (long[:128], long, True)
    base, held = values(LastName="Lee", Title=long[:128]), values(LastName="Lee", Title=long)
    again = merge(Sides(base, held, base, held), make_policy())
    assert (again.up, again.down) == ({}, {})


def test_B13_a_hidden_field_keeps_its_base() -> None:
    state = sides("CEO", "CEO", "CFO")
    hidden = replace(state, crm={n: v for n, v in state.crm.items() if n != TITLE})
    assert merge(hidden, make_policy()) == Merged()


def test_B13_an_edit_of_a_field_that_can_not_be_read_is_told_and_waits() -> None:
    policy = make_policy()
    blind = replace(policy, crm_limits={n: m for n, m in policy.crm_limits.items() if n != TITLE})
    state = sides("CEO", "CEO", "CFO")
    hidden = replace(state, crm={n: v for n, v in state.crm.items() if n != TITLE})
    merged = merge(hidden, blind)
    assert [(p.field, p.required) for p in merged.problems] == [(TITLE, False)]
    assert (merged.up, merged.settled_mailbox) == ({}, {})
    untouched = replace(hidden, mailbox=state.mailbox_base)
    unknown = replace(hidden, mailbox_base={n: v for n, v in state.mailbox_base.items() if n != TITLE})
    for quiet in (untouched, unknown, replace(hidden, editable=False)):
        assert merge(quiet, blind) == Merged()


def test_B13_an_optional_field_is_skipped_with_a_problem() -> None:
    for limit in (Limit(updateable=False), None):
        policy = make_policy()
        crm = {n: m for n, m in policy.crm_limits.items() if n != TITLE} | ({TITLE: limit} if limit else {})
        merged = run("CEO", "CEO", "CFO", policy=replace(policy, crm_limits=crm))
        assert (merged.up, merged.settled_mailbox) == ({}, {})
        assert [(p.field, p.required) for p in merged.problems] == [(TITLE, False)]
        assert not merged.blocked


def test_B13_a_required_field_emptied_fails_the_record() -> None:
    merged = run("Lee", "Lee", "", "LastName")
    assert merged.blocked
    assert [p.field for p in merged.problems] == ["LastName"]


def test_B14_an_unknown_value_stays_on_its_own_side() -> None:
    choices = (("Mr.", "Mr."), ("Ms.", "Ms."))
    policy = make_policy(crm={"Salutation": Limit(choices=choices, restricted=True)})
    merged = run("Mr.", "Mr.", "Sir", "Salutation", policy)
    assert (merged.up, merged.down, [p.field for p in merged.problems]) == ({}, {}, ["Salutation"])


def test_B14_code_and_label_are_one_value() -> None:
    policy = make_policy(crm={"Salutation": Limit(choices=(("MR", "Mister"),), restricted=True)})
    assert run("MR", "MR", "Mister", "Salutation", policy) == Merged()


def test_B9_a_company_edited_in_the_mailbox_is_a_question_never_a_write() -> None:
    merged = run("Acme", "Acme", "Globex", "Company")
    assert (merged.up, merged.down, merged.company) == ({}, {}, "Globex")
    assert (merged.settled_mailbox[COMPANY], merged.left[COMPANY]) == ("Globex", "Globex")


def test_B9_an_account_renamed_in_salesforce_goes_down() -> None:
    assert sent(run("Acme", "Acme Group", "Acme", "Company").down) == {"Company": "Acme Group"}
    both = run("Acme", "Acme Group", "Globex", "Company")
    assert both.down[COMPANY].lost
    assert both.company is None


def test_B9_blank_never_blanks_nor_unlinks() -> None:
    unlinked = run("Acme", "", "Acme", "Company")
    assert (unlinked.down, unlinked.up, unlinked.settled_crm[COMPANY]) == ({}, {}, "")
    emptied = run("Acme", "Acme", "", "Company")
    assert (emptied.down, emptied.up, emptied.company) == ({}, {}, None)


def test_B4_a_pairing_keeps_the_company_that_was_typed() -> None:
    assert run(None, "Acme Inc", "Acme", "Company").down == {}
    assert sent(run(None, "Acme Inc", "", "Company").down) == {"Company": "Acme Inc"}
    assert run(None, "", "Acme", "Company").up == {}


def test_A18_what_only_the_mailbox_holds_is_unsynced() -> None:
    policy = make_policy(mailbox={"Title": Limit(10)})
    base = values(Title="x" * 30)
    assert not is_diverged(base, base | {TITLE: "x" * 10}, policy)
    assert is_diverged(base, base | {TITLE: "mine"}, policy)
