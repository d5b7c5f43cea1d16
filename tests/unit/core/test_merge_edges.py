"""The merge at its edges: half-known bases, fields nobody may write, companies (B4, B9, B10, B12, B13, A1, A18)."""

from dataclasses import replace

import pytest

from mailsync.core.divergence import is_diverged
from mailsync.core.merge import COMPANY, Merged, Sides, merge
from mailsync.core.person import Flow, Limit
from mailsync.core.policy import Direction, Policy, Winner
from mailsync.core.refs import FieldName, Side
from tests.unit.core.builders import make_policy, values
from tests.unit.core.test_merge import TITLE, one_way, run, sent, sides


def half(field: FieldName, side: str, state: Sides) -> Sides:
    """Without the field in one part of it."""
    known = {n: v for n, v in getattr(state, side).items() if n != field}
    return replace(state, **{side: known})


@pytest.mark.parametrize("side", ["crm_base", "mailbox_base"])
def test_B4_a_field_whose_base_only_one_side_has_is_new(side: str) -> None:
    merged = merge(half(TITLE, side, sides("CEO", "CEO", "CEO")), make_policy())
    assert (merged.settled_crm, merged.settled_mailbox) == ({TITLE: "CEO"}, {TITLE: "CEO"})
    differing = merge(half(TITLE, side, sides("CEO", "CTO", "CEO")), make_policy())
    assert differing.down[TITLE].lost, "B12 decides: nobody knows who edited"


def test_B4_what_the_mailbox_can_not_tell_flows_nowhere_until_it_can() -> None:
    """L7: a birthday without its year is there, and absent in what is read."""
    both = half(TITLE, "crm_base", half(TITLE, "mailbox_base", sides("CEO", "CTO", "CFO")))
    foreign = replace(both, mailbox={n: v for n, v in both.mailbox.items() if n != TITLE})
    assert merge(foreign, make_policy()) == Merged(settled_crm={TITLE: "CTO"})
    known = replace(foreign, crm_base={**foreign.crm_base, TITLE: "CEO"})
    assert merge(known, make_policy()) == Merged()
    completed = replace(both, crm_base={**both.crm_base, TITLE: "CTO"})
    assert merge(completed, make_policy()).down[TITLE].lost, "B12, as on a first pairing"


def test_B13_a_field_that_neither_side_shows_any_more_settles_nothing() -> None:
    state = sides("CEO", "CEO", "CEO")
    hidden = {
        part: {n: v for n, v in getattr(state, part).items() if n != TITLE} for part in ("crm", "crm_base", "mailbox")
    }
    assert merge(replace(state, **hidden), make_policy()) == Merged()


def test_B10_a_field_without_any_base_but_blank_on_both_sides_is_settled() -> None:
    merged = run(None, "", "")
    assert (merged.up, merged.down, merged.settled_crm, merged.settled_mailbox) == ({}, {}, {TITLE: ""}, {TITLE: ""})


def test_E3_a_field_that_is_off_moves_nothing_and_settles_nothing() -> None:
    policy = make_policy()
    fields = tuple(replace(f, flow=Flow.OFF) if f.name in (TITLE, COMPANY) else f for f in policy.fields)
    off = replace(policy, fields=fields)
    assert run("CEO", "CTO", "CFO", policy=off) == Merged()
    assert run("Acme", "Globex", "Initech", "Company", policy=off) == Merged()


def test_B4_in_one_direction_a_blank_that_may_not_be_filled_is_settled() -> None:
    up = run(None, "CTO", "", policy=one_way(Direction.UP))
    assert (up.settled_crm, up.settled_mailbox, up.left_crm, up.asked) == ({TITLE: "CTO"}, {TITLE: ""}, {}, [])
    down = run(None, "", "CFO", policy=one_way(Direction.DOWN))
    assert (down.settled_crm, down.settled_mailbox, down.left, down.asked) == ({TITLE: ""}, {TITLE: "CFO"}, {}, [])


def test_A1_and_open_questions_are_asked_whoever_would_win() -> None:
    locked = make_policy(crm={"Title": Limit(updateable=False)})
    assert run(None, "CTO", "CFO", policy=locked, strict=True).asked == [TITLE]
    assert run(None, "CTO", "CFO", policy=locked, held=frozenset({TITLE})).asked == [TITLE]
    assert sent(run(None, "CTO", "CFO", policy=locked).down) == {"Title": "CTO"}


def hidden(policy: Policy, side: str) -> Policy:
    limits = {n: v for n, v in getattr(policy, side).items() if n != TITLE}
    return replace(policy, **{side: limits})


def test_B12_where_the_mailbox_can_not_be_written_the_edit_made_there_wins() -> None:
    for policy in (
        make_policy(mailbox={"Title": Limit(updateable=False)}),
        hidden(make_policy(), "mailbox_limits"),
    ):
        assert sent(run("CEO", "CTO", "CFO", policy=policy).up) == {"Title": "CFO"}


def test_B12_where_neither_can_be_written_both_keep_what_they_have_and_the_history_both() -> None:
    stuck = hidden(hidden(make_policy(), "mailbox_limits"), "crm_limits")
    merged = run("CEO", "CTO", "CFO", policy=stuck)
    assert (merged.up, merged.down, merged.asked) == ({}, {}, [])
    assert (merged.settled_crm, merged.settled_mailbox) == ({TITLE: "CTO"}, {TITLE: "CFO"})
    assert (merged.left, merged.left_crm) == ({TITLE: "CFO"}, {TITLE: "CTO"})


def test_B12_a_chosen_side_that_can_not_be_written_keeps_both() -> None:
    for chosen in Side:
        stuck = hidden(make_policy(winner=Winner.ASK), "mailbox_limits" if chosen is Side.CRM else "crm_limits")
        merged = run("CEO", "CTO", "CFO", policy=stuck, chosen={TITLE: chosen})
        assert (merged.up, merged.down, merged.asked) == ({}, {}, [])
        assert merged.left == {TITLE: "CFO"}
    closed = {"Title": Limit(updateable=False)}
    for asked in ({}, *({TITLE: side} for side in Side)):
        merged = run("CEO", "CTO", "CFO", policy=make_policy(crm=closed, mailbox=closed), chosen=asked)
        assert (merged.up, merged.down, merged.left, merged.left_crm) == ({}, {}, {TITLE: "CFO"}, {TITLE: "CTO"})


def test_B10_a_change_that_the_mailbox_can_not_take_stays_in_salesforce_and_is_noted() -> None:
    merged = run("CEO", "CTO", "CEO", policy=hidden(make_policy(), "mailbox_limits"))
    assert (merged.down, merged.settled_crm, merged.left_crm) == ({}, {TITLE: "CTO"}, {TITLE: "CTO"})
    assert (merged.settled_mailbox, merged.left) == ({}, {}), "nothing of the mailbox lost"


@pytest.mark.parametrize("winner", Winner)
def test_B13_a_cut_whose_answer_was_lost_never_flows_back(winner: Winner) -> None:
    """The value was written, cut to fit, and the session ended before the bases knew: both sides have changed."""
    long = "x" * 200
    up = run("CEO", long[:128], long, policy=make_policy(winner=winner))
    assert (up.up, up.down, up.asked) == ({}, {}, [])
    assert (up.settled_crm, up.settled_mailbox) == ({TITLE: long[:128]}, {TITLE: long})
    narrow = make_policy(winner=winner, mailbox={"Title": Limit(10)})
    down = run("CEO", "x" * 30, "x" * 10, policy=narrow)
    assert (down.up, down.down, down.asked) == ({}, {}, [])
    assert (down.settled_crm, down.settled_mailbox) == ({TITLE: "x" * 30}, {TITLE: "x" * 10})
    first = run(None, long[:128], long, policy=make_policy(winner=winner))
    assert (first.up, first.down, first.asked) == ({}, {}, [])


def test_B12_a_beginning_that_is_shorter_than_what_fits_is_an_edit() -> None:
    long = "x" * 200
    assert run("CEO", long[:100], long).down[TITLE].lost
    assert run("CEO", "CTO", long).down[TITLE].lost


def test_B13_an_edit_behind_a_cut_settles_both_bases() -> None:
    long = "x" * 200
    edited = run(long[:128], long[:128], long)
    assert (edited.up, edited.settled_mailbox, edited.settled_crm) == ({}, {TITLE: long}, {TITLE: long[:128]})
    narrow = make_policy(mailbox={"Title": Limit(10)})
    down = run("x" * 10, "x" * 30, "x" * 10, policy=narrow)
    assert (down.down, down.settled_crm, down.settled_mailbox) == ({}, {TITLE: "x" * 30}, {TITLE: "x" * 10})


def test_B13_a_required_field_that_is_edited_goes_up_and_one_refused_fails_the_record() -> None:
    assert sent(run("Lee", "Lee", "Young", "LastName").up) == {"LastName": "Young"}
    policy = make_policy(crm={"Email": Limit(80, required=True)})
    refused = run("a@x.example", "a@x.example", "no address", "Email", policy)
    assert refused.blocked
    assert not run("a@x.example", "a@x.example", "no address", "Email").blocked


@pytest.mark.parametrize("side", ["crm_base", "mailbox_base"])
def test_B9_a_company_whose_base_only_one_side_has_is_settled_as_it_is(side: str) -> None:
    merged = merge(half(COMPANY, side, sides("Acme", "Acme", "Globex", "Company")), make_policy())
    assert (merged.down, merged.company, merged.left) == ({}, None, {})
    assert (merged.settled_crm, merged.settled_mailbox) == ({COMPANY: "Acme"}, {COMPANY: "Globex"})


def test_B9_without_a_base_a_company_moves_only_where_one_is_and_the_other_lacks() -> None:
    typed = run(None, "", "Globex", "Company")
    assert (typed.down, typed.company, typed.left) == ({}, None, {})
    assert (typed.settled_crm, typed.settled_mailbox) == ({COMPANY: ""}, {COMPANY: "Globex"})
    neither = run(None, "", "", "Company")
    assert (neither.down, neither.settled_crm, neither.settled_mailbox) == ({}, {COMPANY: ""}, {COMPANY: ""})


def test_B9_unchanged_companies_settle_nothing_and_one_edited_to_the_accounts_name_is_no_question() -> None:
    assert run("Acme", "Acme", "Acme", "Company") == Merged()
    same = run("Acme", "", "", "Company")
    assert (same.company, same.left) == (None, {})
    assert run("Acme", "Acme", "ACME ", "Company").company in (None, "ACME "), "compared by meaning"
    state = sides("Acme", "Globex", "Globex", "Company")
    back = merge(replace(state, crm_base=state.crm), make_policy())
    assert (back.company, back.left, back.settled_mailbox) == (None, {}, {COMPANY: "Globex"})


def test_B9_an_account_renamed_to_what_the_mailbox_holds_is_settled() -> None:
    merged = run("Acme", "Globex", "Globex", "Company")
    assert merged == Merged(settled_crm={COMPANY: "Globex"}, settled_mailbox={COMPANY: "Globex"})


def test_B9_an_edit_that_is_overruled_by_a_renamed_account_has_lost() -> None:
    assert not run("Acme", "Acme Group", "Acme", "Company").down[COMPANY].lost


def test_A18_only_mapped_fields_that_both_sides_show_can_hold_an_edit() -> None:
    policy = make_policy()
    base = values(Title="CEO")
    other = base | {TITLE: "mine"}
    assert is_diverged(base, other, policy)
    without = {n: v for n, v in base.items() if n != TITLE}
    assert not is_diverged(without, other, policy)
    assert not is_diverged(other, without, policy)
    fields = tuple(replace(f, flow=Flow.OFF) if f.name == TITLE else f for f in policy.fields)
    assert not is_diverged(base, other, replace(policy, fields=fields))
    assert not is_diverged(base, other, hidden(policy, "mailbox_limits"))
    assert not is_diverged(base, base | {FieldName("Email"): base[FieldName("Email")]}, policy)
