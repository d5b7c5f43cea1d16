import json
from datetime import timedelta

import pytest

from mailsync.core.account import Candidates, Step, link
from mailsync.errors import PermissionMissing
from tests.contract.crm.bench import Bench, bench


def _steps(org: Bench, *companies: str, min_substring: int = 1) -> dict[str, tuple[Step, str]]:
    found = org.crm.accounts(companies, min_substring)
    links = {company: link(company, found[company], min_substring=min_substring) for company in companies}
    return {company: (chosen.step, chosen.name) for company, chosen in links.items()}


def _accounts(*names: str) -> dict:
    rows = [{"Name": name, "OwnerId": "ann"} for name in names]
    return {"salesforce": {"records": {"Account": rows}}}


def test_B5_exact_then_unique_substring_then_nothing() -> None:
    names = ("Globex", "Initech International", "Stark Industries", "Starkweather", "Umbrella", "Umbrella Garden")
    with bench(_accounts(*names)) as org:
        assert _steps(org, "globex", " Umbrella ", "Initech", "Stark", "Wayne", "", "x" * 256) == {
            "globex": (Step.EXACT, "Globex"),
            " Umbrella ": (Step.EXACT, "Umbrella"),
            "Initech": (Step.SUBSTRING, "Initech International"),
            "Stark": (Step.SEVERAL, ""),
            "Wayne": (Step.NONE, ""),
            "": (Step.EMPTY, ""),
            "x" * 256: (Step.NOT_SEARCHED, ""),
        }


def test_B5_of_several_exact_names_the_earliest_created_wins() -> None:
    world = _accounts("Globex", "GLOBEX")
    world["salesforce"]["records"]["Account"][0]["CreatedDate"] = "2026-04-20T15:40:00.000+0000"
    world["salesforce"]["records"]["Account"][1]["CreatedDate"] = "2025-11-03T09:12:00.000+0000"
    with bench(world) as org:
        assert _steps(org, "Globex") == {"Globex": (Step.EXACT, "GLOBEX")}
        assert len(org.crm.accounts(["Globex"], 1)["Globex"].exact) == 2


NAMES = ("100% Linen & Co.", "A_B Ltd", "O'Neil & Sons", "Back\\slash Inc", 'The "Quote" Company')


@pytest.mark.parametrize("part", ["100%", "100% linen", "A_B", "O'Neil", "back\\slash", '"quote"'])
def test_B5_special_characters_are_literal(part: str) -> None:
    decoys = ("1000 Linen", "AxB Ltd", "Backslash Inc")
    with bench(_accounts(*NAMES, *decoys)) as org:
        step, name = _steps(org, part)[part]
        assert step is Step.SUBSTRING
        assert part.casefold() in name.casefold()


@pytest.mark.parametrize("part", ["x' OR Name != '", "%", "_", "' LIMIT 1 --", "\\", "\\'", "a\nb", "100%%"])
def test_no_company_is_an_injection(part: str) -> None:
    with bench(_accounts("Plain", "Other")) as org:
        assert _steps(org, part)[part] == (Step.NONE, "")


def test_B6_min_substring_guards_the_second_step_alone() -> None:
    with bench(_accounts("AB", "ABCD")) as org:
        assert _steps(org, "AB", "BC", min_substring=3) == {"AB": (Step.EXACT, "AB"), "BC": (Step.NOT_SEARCHED, "")}
        assert org.crm.accounts(["BC"], 3)["BC"] == Candidates()


def test_only_accounts_that_the_user_sees_count(org: Bench) -> None:
    org.bob.create("Account", Name="Hidden")
    assert _steps(org, "Hidden") == {"Hidden": (Step.NONE, "")}


def test_many_companies_take_few_requests() -> None:
    with bench(_accounts(*(f"Company {number:04}" for number in range(600)))) as org:
        org.crm.limits()
        before = org.crm.requests
        wanted = [f"company {number:04}" for number in range(600)] + [f"y 00{number}" for number in range(40, 50)]
        steps = _steps(org, *wanted)
        assert {step for step, _ in steps.values()} == {Step.EXACT, Step.SUBSTRING}
        assert org.crm.requests == before + 2


@pytest.mark.parametrize("accounts", [1000, 3000])
def test_B5_a_thousand_companies_take_three_requests_whatever_the_number_of_accounts(accounts: int) -> None:
    """One for names, two of up to five queries for what names contain: a third of each kind."""
    with bench(_accounts(*(f"Globex {number:06} Trading" for number in range(accounts)))) as org:
        org.crm.limits()
        before = org.crm.requests
        wanted = [
            *(f"globex {number:06} trading" for number in range(334)),
            *(f"{number:06} Trad" for number in range(334, 667)),
            *(f"Initech {number:06}" for number in range(667, 1000)),
        ]
        steps = [step for step, _ in _steps(org, *wanted).values()]
        assert [steps.count(step) for step in (Step.EXACT, Step.SUBSTRING, Step.NONE)] == [334, 333, 333]
        assert org.crm.requests == before + 3


def test_B5_a_word_of_all_names_costs_one_request_more() -> None:
    with bench(_accounts(*(f"Common {number:04}" for number in range(2100)), "Zzz Rare Trading")) as org:
        org.crm.limits()
        before = org.crm.requests
        rare = {f"None such {number}": (Step.NONE, "") for number in range(50)}
        steps = _steps(org, "Common", "Rare", *rare)
        assert steps == {"Common": (Step.SEVERAL, ""), "Rare": (Step.SUBSTRING, "Zzz Rare Trading"), **rare}
        assert org.crm.requests == before + 3


def test_B5_a_substring_of_very_many_names_still_lets_its_neighbours_be_decided() -> None:
    with bench(_accounts(*(f"Common {number:04}" for number in range(300)), "Zzz Rare Trading")) as org:
        assert _steps(org, "Common", "Rare", "None such") == {
            "Common": (Step.SEVERAL, ""),
            "Rare": (Step.SUBSTRING, "Zzz Rare Trading"),
            "None such": (Step.NONE, ""),
        }


def _timing_out(org: Bench, times: int) -> None:
    """Lets the LIKE queries of the next composites run into Salesforce's time limit."""
    org.crm.limits()
    error = [{"errorCode": "QUERY_TIMEOUT", "message": "Your query request was running for too long."}]
    for _ in range(times):
        part = {"body": error, "httpHeaders": {}, "httpStatusCode": 400, "referenceId": "q0"}
        body = json.dumps({"compositeResponse": [part]})
        org.fault("status", "composite", after=1, status=200, body=body)


def test_a_search_that_times_out_is_split_and_then_counts_as_no_match() -> None:
    with bench(_accounts("Initech International")) as org:
        _timing_out(org, 1)
        assert _steps(org, "Initech") == {"Initech": (Step.NONE, "")}
        assert _steps(org, "Initech") == {"Initech": (Step.SUBSTRING, "Initech International")}
        _timing_out(org, 1)
        assert _steps(org, "Initech", "Internat") == {
            "Initech": (Step.SUBSTRING, "Initech International"),
            "Internat": (Step.SUBSTRING, "Initech International"),
        }


def test_B7_an_account_is_created_or_it_is_told_that_the_user_may_not(org: Bench) -> None:
    account = org.crm.create_account("New & Co.")
    assert org.ann.get(account, "Account")["Name"] == "New & Co."
    org.fault("refuse", "create", code="INSUFFICIENT_ACCESS_OR_READONLY", status=403)
    with pytest.raises(PermissionMissing):
        org.crm.create_account("Other")


def test_B7_B15_own_accounts_are_those_that_this_user_made_since_then(org: Bench) -> None:
    org.ann.create("Account", Name="Hooli")
    org.advance(100)
    org.crm.limits()
    since = org.crm.now - timedelta(seconds=50)
    assert org.crm.own_accounts({"Hooli"}, since) == {}
    org.admin.create("Account", Name="Initech", OwnerId=org.crm_user("ann"))
    first = org.ann.create("Account", Name="Hooli")
    org.advance(2)
    org.ann.create("Account", Name="HOOLI")
    assert org.crm.own_accounts({"hooli", "Initech", "Wayne", ""}, since) == {"hooli": first}
    assert org.crm.own_accounts((), since) == {}
