"""B5 and B6: which Account a new Contact belongs to."""

import pytest

from mailsync.core.account import Candidates, Link, Step, company_key, link, same_company
from tests.unit.core.builders import account

ACME = account(1, "Acme")
ELDER = account(2, "ACME", days=5)
HOLDINGS = account(3, "Acme Holdings")
EUROPE = account(4, "Acme Europe")


@pytest.mark.parametrize("company", ["", "   ", "\t \n"])
def test_B5_1_no_company_is_not_searched(company: str) -> None:
    found = link(company, Candidates((ACME,), (HOLDINGS,)))
    assert (found.account, found.step) == (None, Step.EMPTY)


@pytest.mark.parametrize("company", ["Acme", "  acme ", "ACME"])
def test_B5_2_an_equal_name_wins_over_longer_ones(company: str) -> None:
    found = link(company, Candidates((ACME,), (ACME, HOLDINGS)))
    assert (found.account, found.step) == (ACME.id, Step.EXACT)


def test_B5_2_of_several_the_earliest_created() -> None:
    assert link("Acme", Candidates((ACME, ELDER))).account == ELDER.id
    assert link("Acme", Candidates((ELDER, ACME))).account == ELDER.id


def test_B5_2_ties_go_to_the_lowest_id() -> None:
    twin = account(9, "Acme")
    assert link("Acme", Candidates((twin, ACME))).account == ACME.id


def test_B5_3_exactly_one_name_that_contains_it() -> None:
    found = link("Acme", Candidates((), (HOLDINGS,)))
    assert found == Link(HOLDINGS.id, "Acme Holdings", Step.SUBSTRING, found.reason)


def test_B5_3_the_same_account_twice_is_one() -> None:
    assert link("acme", Candidates((), (HOLDINGS, HOLDINGS))).account == HOLDINGS.id


@pytest.mark.parametrize("company", ["100%", "a_c", "Bob's", "back\\slash"])
def test_B5_3_wildcards_are_literal(company: str) -> None:
    decoy = account(5, "100 percent abc bobs backslash")
    assert link(company, Candidates((), (decoy,))).step is Step.NONE
    real = account(6, f"The {company} shop")
    assert link(company, Candidates((), (decoy, real))).account == real.id


def test_B5_4_none_or_several_leave_it_empty() -> None:
    assert link("Acme", Candidates()).step is Step.NONE
    several = link("Acme", Candidates((), (HOLDINGS, EUROPE)))
    assert (several.account, several.step) == (None, Step.SEVERAL)


def test_B6_short_names_are_not_searched_as_substrings_but_as_names() -> None:
    found = Candidates((), (HOLDINGS,))
    assert link("Ac", found, min_substring=3).step is Step.NOT_SEARCHED
    assert link("Ac", found, min_substring=2).account == HOLDINGS.id
    assert link("Acme", Candidates((ACME,)), min_substring=10).account == ACME.id


def test_B6_a_name_over_255_characters_is_not_searched() -> None:
    long = "A" * 256
    assert link(long, Candidates((account(1, long),))).step is Step.NOT_SEARCHED
    assert link(long[:255], Candidates((account(1, long[:255]),))).step is Step.EXACT


def test_B6_step_3_is_one_way() -> None:
    assert link("Acme, Inc.", Candidates((), (ACME,))).step is Step.NONE


def test_B5_key_is_trimmed_and_collapsed() -> None:
    assert company_key("  Acme \t  Inc ") == "Acme Inc"
    assert same_company("acme  inc", " ACME Inc ")
    assert not same_company("Acme", "Acme Inc")
