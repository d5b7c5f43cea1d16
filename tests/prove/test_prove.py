"""The proof suite's own frame: shares, figures, failures told with the command that repeats them."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.prove.runner import ROOT, WORKERS, read_figures, registered, run_part, share_out
from tests.prove.selection import select
from tests.prove.suite import Failure, Figure, Figures, Share, Suite, add
from tests.prove.suites.planner import AT_ONCE, check, laws
from tests.prove.table import as_markdown, as_text


def _suite(name: str, weight: float = 1.0, parts: int = 1) -> Suite:
    return Suite(name, name, weight, lambda share: Figures(()), parts)


def test_every_suite_has_a_name_of_its_own() -> None:
    names = [s.name for s in registered()]
    assert len(names) == len(set(names)) > 0


def test_the_budget_is_shared_by_weight_and_never_exceeded() -> None:
    jobs = share_out([_suite("one", 1.0), _suite("three", 3.0, parts=2)], 100.0)
    seconds = {(j.suite.name, j.part): j.seconds for j in jobs}
    assert seconds["three", 0] == seconds["three", 1] == pytest.approx(1.5 * seconds["one", 0])
    assert sum(seconds.values()) <= 100.0 * WORKERS
    (alone,) = share_out([_suite("one")], 100.0)
    assert alone.seconds <= 100.0  # one process can't use two cores


def test_seeds_of_two_parts_are_all_seeds_each_once() -> None:
    halves = [iter(Share(3600, seed=10, part=part, parts=2).seeds()) for part in (0, 1)]
    assert sorted(next(h) for h in halves for _ in range(3)) == [10, 11, 12, 13, 14, 15]
    assert list(Share(0, seed=7).seeds()) == [7]


def test_figures_of_parts_are_added_up() -> None:
    failure = Failure("it broke", "python -m it")
    one = Figures((Figure("runs", 3, 2), Figure("steps", 9, 9)), (failure,), 1.5, "2 not reached")
    other = Figures((Figure("runs", 4, 4),), (), 2.0)
    both = add([one, other])
    assert both.rows == (Figure("runs", 7, 6), Figure("steps", 9, 9))
    assert (both.failures, both.seconds, both.unreached) == ((failure,), 3.5, "2 not reached")
    shown = as_text([_suite("here")], {"here": both})
    assert [line.split() for line in shown.splitlines()[2:4]] == [
        ["here", "runs", "7", "6", "1", "4"],
        ["steps", "9", "9", "0"],
    ]
    assert "| here | runs | 7 | 6 | 1 | 4 |" in as_markdown([_suite("here")], {"here": both}, "make prove", ROOT)


def test_a_part_prints_its_figures_alone_on_stdout(capsys: pytest.CaptureFixture[str]) -> None:
    def run(share: Share) -> Figures:
        print("chatter")
        return Figures((Figure("runs", share.part, share.seed),), (Failure("a", "b"),))

    run_part(Suite("x", "x", 1.0, run, parts=2), 1.0, 1, 5)
    output = capsys.readouterr()
    assert json.loads(output.out)["rows"] == [{"what": "runs", "tried": 1, "held": 5}]
    assert read_figures(output.out).failures == (Failure("a", "b"),)
    assert output.err == "chatter\n"


def test_a_selection_counts_its_tests_what_they_count_and_repeats_failures(tmp_path: Path) -> None:
    """In a process of its own: pytest inside pytest shares too much."""
    tests = tmp_path / "under" / "test_some.py"
    tests.parent.mkdir()
    (tmp_path / "beside").mkdir()
    for place in ("under", "beside"):
        (tmp_path / place / "conftest.py").write_text("")
    tests.write_text(
        "def test_good(record_property): record_property('figure', ['cut points', 5, 4])\n"
        "def test_bad(): assert 1 == 2\n"
    )
    script = (
        "import sys\n"
        "from tests.prove.runner import run_part\n"
        "from tests.prove.selection import select\n"
        f"chosen = select('s', 's', 1.0, [{str(tmp_path)!r}, '-c', '/dev/null'], 'scenarios')\n"
        "run_part(chosen, float(sys.argv[1]), 0, int(sys.argv[2]))\n"
    )

    def run(seconds: str, seed: str = "0") -> Figures:
        command = [sys.executable, "-c", script, seconds, seed]
        return read_figures(
            subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True, timeout=60).stdout
        )

    whole = run("60")
    assert whole.rows == (Figure("scenarios", 2, 1), Figure("cut points", 5, 4))
    assert "assert 1 == 2" in whole.failures[0].what
    assert whole.failures[0].repeat.startswith("python -m pytest '")
    assert "test_bad" in whole.failures[0].repeat
    short = [run("0", seed) for seed in "04"]
    assert {s.unreached for s in short} == {"1 scenarios not reached"}
    assert {s.rows[0] for s in short} == {Figure("scenarios", 1, 1), Figure("scenarios", 1, 0)}  # either comes first


def test_an_empty_selection_is_a_failure(tmp_path: Path) -> None:
    script = (
        "from tests.prove.runner import run_part\n"
        "from tests.prove.selection import select\n"
        "run_part(select('s', 's', 1.0, ['tests/no/such/path']), 10.0, 0, 0)\n"
    )
    ended = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True, timeout=60
    )
    assert "nothing was run" in read_figures(ended.stdout).failures[0].what


def test_the_command_line_ends_with_the_table_and_names_unknown_suites(tmp_path: Path) -> None:
    def prove(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "tests.prove", *arguments]
        return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=120)

    page = tmp_path / "page.md"
    ended = prove("--budget", "1", "--only", "planner", "--out", str(page))
    assert ended.returncode == 0, ended.stderr
    assert ended.stdout.splitlines()[-1].startswith("0 failures")
    assert "| planner laws | planner runs |" in page.read_text()
    again = ("--seed", "7", "--only", "planner", f"--log={tmp_path / 'log'}", "--out", str(page), "--budget=1")
    assert prove(*again).returncode == 0
    told = [line.partition(": ")[2] for line in page.read_text().splitlines() if " commit " in line]
    command = "python -m tests.prove --budget 1"
    assert told == [f"`{command} --only planner`", f"`{command} --seed 7 --only planner`"]  # no file of this machine
    assert prove("--only", "nonsense").returncode == 2


def test_the_planner_suite_finds_a_law_that_does_not_hold(monkeypatch: pytest.MonkeyPatch) -> None:
    from tests.laws import test_planner_laws

    tried = 0

    def count() -> None:
        nonlocal tried
        tried += 1

    name = "test_L4_no_record_is_deleted_without_base_proof_and_permission"
    assert name in laws()
    check(name, 1, count)
    assert tried >= AT_ONCE

    def never(*_: object) -> object:
        raise AssertionError("the plan")

    monkeypatch.setattr(test_planner_laws, "run", never)
    with pytest.raises(AssertionError, match="the plan"):
        check(name, 1, count)


def test_select_does_not_run_at_once() -> None:
    assert select("s", "s", 2.0, ["tests/no/such/path"]).weight == 2.0
