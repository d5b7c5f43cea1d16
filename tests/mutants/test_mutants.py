"""The mutation tests' own frame: what is changed, that survivors are told from killed ones, and what is a failure."""

from pathlib import Path

from tests.mutants.judgement import Judgement, Known, all_mutants, as_markdown, in_order, read_known, stale
from tests.mutants.operators import Mutant, list_mutants
from tests.mutants.trial import Fate, compile_mutant, find_function

SOURCE = '''
def choose(a, b=2, *, loud=False):
    """Words are left alone, defaults, too."""
    if a and not b:
        note("a sentence for people", code="B12")
        return None
    return [x for x in a if x > b and x != "D1"]
'''


def names(source: str) -> list[str]:
    return [m.name for m in list_mutants("some", source)]


def test_each_decision_is_changed_in_each_way_once() -> None:
    found = names(SOURCE)
    assert len(found) == len(set(found))
    assert found == [
        "choose: condition `a and (not b)` negated",
        "choose: `a and (not b)` with the other of and/or",
        "choose: `a and (not b)` without `a`",
        "choose: `a and (not b)` without `not b`",
        "choose: `not b` without not",
        "choose: without `note('a sentence for people', code='B12')`",
        "choose: `note('a sentence for people', code='B12')` without code=",
        "choose: 'B12' → another code",
        "choose: filter `x > b and x != 'D1'` dropped",
        "choose: `x > b and x != 'D1'` with the other of and/or",
        "choose: `x > b and x != 'D1'` without `x > b`",
        "choose: `x > b and x != 'D1'` without `x != 'D1'`",
        "choose: `x > b` → `x >= b`",
        "choose: `x > b` → `x <= b`",
        "choose: `x != 'D1'` → `x == 'D1'`",
        "choose: 'D1' → another code",
    ]


def test_cases_and_guards_are_taken_out() -> None:
    source = "def f(x):\n    match x:\n        case 1 if x:\n            return 2\n        case _:\n            g()\n"
    assert names(source)[:3] == [
        "f: match x without case 1",
        "f: match x without case _",
        "f: case 1 without if x",
    ]


def test_a_case_that_does_nothing_is_left_alone_unless_another_would_take_its_place() -> None:
    source = "def f(x):\n    match x:\n        case 1:\n            pass\n        case 2:\n            return 5\n"
    assert [n for n in names(source) if "case 1" in n] == []
    caught = source + "        case _:\n            g()\n"
    assert [n for n in names(caught) if "case 1" in n] == ["f: match x without case 1"]


def test_a_mutant_runs_those_that_come_to_its_statement() -> None:
    source = "def f(x):\n    if (\n        x\n        and g()\n    ):\n        return 1\n    match x:\n        case 2 if h(\n            3\n        ):\n            k(4)\n    return 5\n"  # noqa: E501
    lines = {m.name.partition(": ")[2]: m.lines for m in list_mutants("some", source)}
    assert lines["condition `x and g()` negated"] == (2, 5)
    assert lines["1 → 2"] == (6, 6)
    assert lines["case 2 without if h(3)"] == (7, 7)
    assert lines["3 → 4"] == (7, 7), "a guard stands where the match begins"
    assert lines["without `k(4)`"] == (11, 11)
    assert lines["5 → 6"] == (12, 12)


def test_a_mutant_takes_the_place_of_the_functions_own_code() -> None:
    mutants = {m.name: m for m in all_mutants(["account"])}
    mutant = mutants["same_company: `company_key(one).casefold() == company_key(other).casefold()` → "
                     "`company_key(one).casefold() != company_key(other).casefold()`"]  # fmt: skip
    function = find_function(mutant)
    own = function.__code__
    try:
        function.__code__ = compile_mutant(mutant, function)
        assert function("Acme", "Other")
        assert not function("Acme", "acme")
    finally:
        function.__code__ = own
    assert function("Acme", "acme")


def test_every_mutant_of_the_core_can_be_tried() -> None:
    for mutant in all_mutants():
        assert compile_mutant(mutant, find_function(mutant)).co_freevars == ()


def test_a_seed_gives_one_order_of_all() -> None:
    mutants = all_mutants(["refs", "states"])
    assert in_order(mutants, 1) == in_order(mutants[::-1], 1)
    assert sorted(m.name for m in in_order(mutants, 1)) == sorted(m.name for m in mutants)
    assert in_order(mutants, 1) != in_order(mutants, 2)


def _fate(name: str, *, killed: bool, tests: int = 3) -> Fate:
    (mutant, *_) = list_mutants("some", SOURCE)
    return Fate(Mutant("some", mutant.function, name, mutant.tree), killed, tests)


def test_a_survivor_that_is_not_listed_and_a_listed_one_that_is_killed_are_wrong() -> None:
    judgement = Judgement(Known({("some", "explained"): "equivalent"}, frozenset({("some", "open")})))
    judgement.add(_fate("fine", killed=True))
    judgement.add(_fate("explained", killed=False))
    judgement.add(_fate("open", killed=False))
    assert judgement.wrong == []
    judgement.add(_fate("new", killed=False, tests=0))
    judgement.add(_fate("open", killed=True))
    assert judgement.noticed == ["open no more, take it out of open.txt: some: open"]
    judgement.add(_fate("explained", killed=True))
    assert judgement.wrong == [
        "survived: some: new (no test runs it)",
        "explained as a survivor, but a test notices it: some: explained",
    ]
    assert "| some | 6 | 3 | 50% | 1 | 1 |" in as_markdown(judgement)


def test_lists_are_read_and_held_against_what_there_is(tmp_path: Path) -> None:
    (tmp_path / "toml").write_text('[some]\n"f: 1 → 2" = "why"\n')
    (tmp_path / "open").write_text("# words\nother: g: a: b\n")
    known = read_known(tmp_path / "toml", tmp_path / "open")
    assert (known.explained, known.open) == ({("some", "f: 1 → 2"): "why"}, {("other", "g: a: b")})
    assert known.of(["some"]) == {("some", "f: 1 → 2")}
    assert list(stale(known.of(["other"]), [])) == ["listed as a survivor, but there is no such mutant: other: g: a: b"]


def test_no_survivor_is_listed_that_is_not_there_any_more() -> None:
    assert list(stale(read_known().of(()), all_mutants())) == []


def test_every_reason_is_given_and_nothing_is_listed_twice() -> None:
    known = read_known()
    assert all(known.explained.values())
    assert not known.explained.keys() & known.open
