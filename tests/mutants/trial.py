"""Runs mutants in a warm pytest session: each in a forked process that swaps one function's code and runs the tests
that come to the changed statement, up to the first that fails."""

import ast
import gc
import os
import resource
import signal
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib import import_module
from mmap import mmap
from pathlib import Path
from types import CodeType, FrameType, FunctionType
from typing import Any

import pytest
from _pytest.runner import runtestprotocol
from hypothesis import Phase, settings

from tests.mutants.operators import Mutant

ROOT = Path(__file__).parent.parent.parent
CORE = ROOT / "mailsync" / "core"
TESTS = ("tests/unit/core", "tests/unit/mapping", "tests/laws/test_planner_laws.py")
EXAMPLES = 8
"""What hypothesis draws for a law here: always the same ones, so that a mutant's fate is always the same."""
CPU_SECONDS = 4.0
"""A mutant that computes in one test for longer does not end: it is killed, and counts as noticed."""
MEMORY = 2 << 30


@dataclass(frozen=True, slots=True)
class Fate:
    """What became of a mutant: noticed by a test (or by going on without end), or not. `tests`: how many were run."""

    mutant: Mutant
    killed: bool
    tests: int


Choose = Callable[[], Iterable[Mutant]]


def run_mutants(choose: Choose, keep: Callable[[Fate], None]) -> list[str]:
    """Runs the mutants that `choose` gives, one after another. Returns what failed without any mutant: nothing is run
    then, for nothing could be told by it."""
    warm = _Warm(choose, keep)
    arguments = ["-q", "--no-header", "-p", "no:cacheprovider", "-p", "no:randomly", "--tb=native", *TESTS]
    here = Path.cwd()
    os.chdir(ROOT)
    try:
        code = pytest.main(arguments, plugins=[warm])
    finally:
        os.chdir(here)
    return warm.broken or ([] if warm.ran else [f"pytest ended with {int(code)} before a mutant was run"])


@dataclass(eq=False)  # pytest keeps its plugins in sets
class _Warm:
    """A pytest plugin in place of the loop over tests."""

    choose: Choose
    keep: Callable[[Fate], None]
    broken: list[str] = field(default_factory=list)
    ran: bool = False

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        for item in session.items:
            _calm(item)
        reached = self._map_tests(session.items)
        last = mmap(-1, 4)
        if not self.broken and _dies(lambda note: _all_pass(session.items, note), last):
            item = session.items[_read(last)]
            self.broken.append(f"{item.nodeid} fails when it is run again, in a forked process, without any mutant")
        if self.broken:
            return True
        self.ran = True
        gc.collect()
        gc.freeze()  # a child that collects garbage would copy the whole memory
        for mutant in self.choose():
            self.keep(reached.tried(mutant))
        return True

    def _map_tests(self, items: Sequence[pytest.Item]) -> "_Reached":
        """Runs every test once, and sees which lines of the core it comes to."""
        reached = _Reached(items)
        for number, item in enumerate(items):
            lines, begun = set[Line](), time.perf_counter()
            with _watch(lines):
                passed = _passes(item, items[(number + 1) % len(items)])
            if not passed:
                self.broken.append(f"{item.nodeid} fails without any mutant")
            reached.seconds.append(time.perf_counter() - begun)
            for line in lines:
                reached.by_line[line].append(number)
        return reached


Line = tuple[str, int]
"""A line of a file of the core."""


@dataclass(slots=True)
class _Reached:
    """The tests by the lines that they come to, how long each took, and which of them noticed a function's mutants."""

    items: Sequence[pytest.Item]
    seconds: list[float] = field(default_factory=list[float])
    by_line: dict[Line, list[int]] = field(default_factory=lambda: defaultdict(list))
    noticed: dict[Line, list[int]] = field(default_factory=lambda: defaultdict(list))

    def tried(self, mutant: Mutant) -> Fate:
        """Runs the tests that come to the changed statement: those first that noticed another mutant of the same
        function, then the quickest."""
        function = find_function(mutant)
        code = function.__code__
        place, lines = (code.co_filename, code.co_firstlineno), range(mutant.lines[0], mutant.lines[1] + 1)
        numbers = {n for line in lines for n in self.by_line.get((code.co_filename, line), ())}
        first = [n for n in reversed(self.noticed[place]) if n in numbers]
        order = [*first, *sorted(numbers.difference(first), key=lambda n: self.seconds[n])]
        tests, last = [self.items[n] for n in order], mmap(-1, 4)

        def survives(note: Callable[[int], None]) -> bool:
            for cache in _caches():
                cache.cache_clear()  # it holds answers from before the mutant
            function.__code__ = compile_mutant(mutant, function)
            return _all_pass(tests, note)

        killed = bool(tests) and _dies(survives, last)
        if killed:
            by = order[_read(last)]
            self.noticed[place] = [*(n for n in self.noticed[place] if n != by), by]
        return Fate(mutant, killed, len(tests))


def _caches() -> Iterator[Any]:
    """The core's own functions that keep their answers."""
    for name, module in sys.modules.items():
        if name.startswith("mailsync.core"):
            yield from (x for x in vars(module).values() if hasattr(x, "cache_clear"))


def _calm(item: pytest.Item) -> None:
    """A law draws few examples, always the same, and looks for no smaller one when it fails."""
    law: Any = getattr(item, "obj", None)
    if hasattr(law, "hypothesis"):
        known = getattr(law, "_hypothesis_internal_use_settings", None)
        phases = (Phase.explicit, Phase.generate)
        law = getattr(law, "__func__", law)
        law._hypothesis_internal_use_settings = settings(
            known, max_examples=EXAMPLES, derandomize=True, database=None, phases=phases, deadline=None
        )


@contextmanager
def _watch(reached: set[Line]) -> Iterator[None]:
    core = str(CORE)

    def enter(frame: FrameType, event: str, _: object) -> Any:
        return note if frame.f_code.co_filename.startswith(core) else None

    def note(frame: FrameType, event: str, _: object) -> Any:
        reached.add((frame.f_code.co_filename, frame.f_lineno))
        return note

    before = sys.gettrace()
    sys.settrace(enter)
    try:
        yield
    finally:
        sys.settrace(before)


def _passes(item: pytest.Item, after: pytest.Item | None) -> bool:
    return not any(r.failed for r in runtestprotocol(item, log=False, nextitem=after))


def _all_pass(tests: Sequence[pytest.Item], note: Callable[[int], None]) -> bool:
    """Stops at the first that fails, or raises. `note` is told each test's place before it is run."""
    for number, test in enumerate(tests):
        note(number)
        if not _succeeds(test, tests[(number + 1) % len(tests)]):
            return False
    return True


def _succeeds(test: pytest.Item, after: pytest.Item) -> bool:
    """A test that asks for nothing but its parameters is called as it is: that takes half the time of pytest's own
    way, which the others go. The session's fixtures stay up: the process ends without taking them down."""
    given = test.callspec.params if isinstance(test, pytest.Function) and hasattr(test, "callspec") else {}
    names = test._fixtureinfo.argnames if isinstance(test, pytest.Function) else ("",)
    if not given.keys() >= set(names):
        return _passes(test, after)
    test.obj(**{name: given[name] for name in names})
    return True


def _read(last: mmap) -> int:
    return int.from_bytes(last[:], "little")


def _dies(survives: Callable[[Callable[[int], None]], bool], last: mmap) -> bool:
    """Whether the survival ends otherwise than well, in a process of its own; `last` holds the number that it noted
    last."""

    def note(number: int) -> None:
        signal.setitimer(signal.ITIMER_VIRTUAL, CPU_SECONDS)
        last[:] = number.to_bytes(4, "little")

    child = os.fork()
    if child == 0:
        code = 1
        try:
            gc.disable()
            nothing = os.open(os.devnull, os.O_RDWR)
            for stream in (0, 1, 2):
                os.dup2(nothing, stream)
            signal.signal(signal.SIGVTALRM, signal.SIG_DFL)
            resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
            code = 0 if survives(note) else 1
        finally:
            os._exit(code)
    _, status = os.waitpid(child, 0)
    return status != 0


def find_function(mutant: Mutant) -> FunctionType:
    """The function as the program has it: every module that imported it runs this very object."""
    found: Any = import_module(f"mailsync.core.{mutant.file}")
    for name in mutant.function.split("."):
        found = vars(found)[name]
    found = getattr(found, "fget", None) or getattr(found, "__func__", None) or found
    found = getattr(found, "__wrapped__", found)
    assert isinstance(found, FunctionType), mutant
    return found


def compile_mutant(mutant: Mutant, function: FunctionType) -> CodeType:
    """The code of the mutated function, ready to take the place of the function's own."""
    bare = ast.FunctionDef(
        mutant.tree.name, mutant.tree.args, mutant.tree.body, [], returns=None, type_comment=None, lineno=1
    )
    module = ast.fix_missing_locations(ast.Module([bare], []))
    whole = compile(module, function.__code__.co_filename, "exec")
    return next(c for c in whole.co_consts if isinstance(c, CodeType) and c.co_name == mutant.tree.name)
