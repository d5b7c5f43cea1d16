"""B5, B6 at their edges: legal forms, several keys of one company, what the chosen step says."""

import pytest

from mailsync.core.account import Candidates, Step, company_keys, link, link_any, searchable, without_suffix
from tests.unit.core.builders import account

ACME, INC = account(1, "Acme"), account(2, "Acme Inc")


@pytest.mark.parametrize(
    ("typed", "bare"),
    [
        ("Acme, Inc.", "Acme"),
        ("Acme Co. Ltd", "Acme"),
        ("Acme G.m.b.H.", "Acme"),
        ("Acme  Trading", "Acme Trading"),
        ("Inc", "Inc"),
        ("Co. KG", "Co."),
        (",Acme Inc", ",Acme"),
        ("", ""),
    ],
)
def test_B6_a_legal_form_at_the_end_is_passed_over_but_never_the_whole_name(typed: str, bare: str) -> None:
    assert without_suffix(typed) == bare


def test_B6_the_own_name_is_searched_first_and_each_key_once() -> None:
    assert company_keys(" Acme  Inc", strip=True) == ("Acme Inc", "Acme")
    assert company_keys("Acme", strip=True) == ("Acme",)
    assert company_keys("Acme Inc", strip=False) == ("Acme Inc",)


def test_B6_the_first_key_that_finds_an_account_decides() -> None:
    found = {"Acme Inc": Candidates(), "Acme": Candidates((ACME,))}
    assert link_any("Acme Inc", found, strip=True).account == ACME.id
    assert link_any("Acme Inc", found | {"Acme Inc": Candidates((INC,))}, strip=True).account == INC.id
    assert link_any("Acme Inc", found, strip=False).step is Step.NONE


def test_B5_1_one_character_is_a_name() -> None:
    assert searchable("A")
    assert not searchable(" ")


def test_B5_2_a_name_that_only_looks_equal_to_salesforce_is_not_exact() -> None:
    assert link("Acme", Candidates((INC,))).step is Step.NONE


def test_B6_why_tells_whether_others_had_the_name() -> None:
    assert link("Acme", Candidates((ACME,))).reason == "the only Account of that name"
    twin = account(3, "ACME", days=5)
    assert link("Acme", Candidates((ACME, twin))).reason == "the earliest of 2 of that name"
