"""B2: the ladder from an item to a Salesforce Contact."""

from dataclasses import replace

import pytest

from mailsync.core.changes import Record
from mailsync.core.match import Doubtful, Match, Nobody, Same, Taken, match
from mailsync.core.policy import Several
from mailsync.core.refs import Version
from tests.unit.core.builders import make_item, make_pair, make_record

ANN = make_item(1, FirstName="Ann", LastName="Lee", Email="ann@x.example", Company="Acme")


def found(*records: Record, several: Several = Several.HOLD, paired: tuple[int, ...] = ()) -> Match:
    pairs = {make_record(n).id: make_pair(n) for n in paired}
    result = match(ANN, records, pairs, several)
    assert match(ANN, records[::-1], pairs, several) == result, "the order of candidates must not matter"
    return result


def person(number: int, **given: str) -> Record:
    return make_record(number, **{"FirstName": "Ann", "LastName": "Lee", "Email": "other@x.example", **given})


@pytest.mark.parametrize("email", ["ann@x.example", "ANN@X.Example", " ann@x.example "])
def test_B2_2_one_record_with_the_address(email: str) -> None:
    result = found(person(1, Email=email))
    assert isinstance(result, Same)


def test_B2_2_any_of_the_items_addresses_counts() -> None:
    item = replace(ANN, emails=("ann@x.example", "lee@home.example"))
    assert isinstance(match(item, [person(1, Email="lee@home.example")], {}, Several.HOLD), Same)


@pytest.mark.parametrize(("first", "last"), [("", "Lee"), ("Ann", ""), ("ANN", "lee")])
def test_B2_2_a_blank_name_contradicts_nothing(first: str, last: str) -> None:
    assert isinstance(found(person(1, Email="ann@x.example", FirstName=first, LastName=last)), Same)


@pytest.mark.parametrize(("first", "last"), [("Bob", "Lee"), ("Ann", "Other")])
def test_B2_3_same_address_another_name(first: str, last: str) -> None:
    result = found(person(1, Email="ann@x.example", FirstName=first, LastName=last))
    assert isinstance(result, Doubtful)


def test_B2_3_same_name_and_company() -> None:
    result = found(person(1, Company="ACME "))
    assert isinstance(result, Doubtful)
    assert result.reason == "same name and company"
    assert isinstance(found(person(1, Company="Other")), Nobody)
    assert isinstance(found(person(1, FirstName="", Company="Acme")), Nobody)


def test_B2_3_several_with_the_address() -> None:
    elder, younger = person(1, Email="ann@x.example"), person(2, Email="ann@x.example")
    newest = replace(elder, version=Version("r9"))
    assert isinstance(found(elder, younger), Doubtful)
    assert found(elder, younger, several=Several.OLDEST) == Same(elder, found_reason(elder, younger, Several.OLDEST))
    recent = found(newest, younger, several=Several.MOST_RECENT)
    assert isinstance(recent, Same)
    assert recent.record == newest


def found_reason(one: Record, other: Record, several: Several) -> str:
    result = match(ANN, [one, other], {}, several)
    assert isinstance(result, Same)
    return result.reason


def test_B2_2_a_record_that_is_paired_is_taken() -> None:
    result = found(person(1, Email="ann@x.example"), paired=(1,))
    assert isinstance(result, Taken)
    assert result.pair.record == result.record.id
    assert isinstance(found(person(1, Company="Acme"), paired=(1,)), Taken)


def test_B2_3_of_several_a_free_one_is_shown() -> None:
    result = found(person(1, Email="ann@x.example"), person(2, Email="ann@x.example"), paired=(1,))
    assert isinstance(result, Doubtful)
    assert result.record.id == person(2).id


def test_B2_nobody_is_a_create() -> None:
    assert isinstance(found(), Nobody)
    assert isinstance(found(person(1, LastName="Else", Company="Acme")), Nobody)


def test_B2_items_without_a_name_have_no_namesake() -> None:
    nameless = make_item(1, FirstName="", LastName="", Email="", Company="Acme")
    candidate = make_record(1, FirstName="", LastName="", Email="", Company="Acme")
    assert isinstance(match(nameless, [candidate], {}, Several.HOLD), Nobody)


def test_B2_2_a_blank_name_of_the_item_contradicts_nothing() -> None:
    nameless = make_item(1, FirstName="", LastName="Lee", Email="ann@x.example")
    assert isinstance(match(nameless, [person(1, Email="ann@x.example")], {}, Several.HOLD), Same)


def test_B2_3_a_last_name_alone_is_a_name() -> None:
    lee = make_item(1, FirstName="", LastName="Lee", Email="", Company="Acme")
    assert isinstance(match(lee, [person(1, FirstName="", Company="Acme")], {}, Several.HOLD), Doubtful)


def test_B2_3_a_company_without_account_is_known_to_the_pair_alone() -> None:
    record, pair = person(1), make_pair(1, Company="Acme")
    assert isinstance(match(ANN, [record], {record.id: pair}, Several.HOLD), Taken)
    assert isinstance(match(ANN, [record], {record.id: make_pair(1, Company="Other")}, Several.HOLD), Nobody)
