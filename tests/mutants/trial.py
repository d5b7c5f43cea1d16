"""Runs mutants in a warm pytest session: each in a forked process that swaps one function's code and runs the tests
that call this function, the quickest first, up to the first that fails."""

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
CPU_SECONDS = 20.0
"""A mutant that computes for longer does not end: it is killed, and counts as noticed."""
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
        covering = self._map_tests(session.items)
        every = [t for tests in covering.values() for t in tests]
        if not self.broken and _dies(lambda: _all_pass(list(dict.fromkeys(every)))):
            self.broken.append("the tests fail in a forked process without any mutant")
        if self.broken:
            return True
        self.ran = True
        gc.collect()
        gc.freeze()  # a child that collects garbage would copy the whole memory
        for mutant in self.choose():
            function = find_function(mutant)
            tests = covering.get(_key(function.__code__), [])
            killed = bool(tests) and _dies(lambda m=mutant, f=function, t=tests: _survives(m, f, t))
            self.keep(Fate(mutant, killed, len(tests)))
        return True

    def _map_tests(self, items: Sequence[pytest.Item]) -> dict[tuple[str, int, str], list[pytest.Item]]:
        """Runs every test once; by function of the core, the tests that call it, quickest first."""
        callers: dict[tuple[str, int, str], list[tuple[float, int]]] = defaultdict(list)
        for number, item in enumerate(items):
            called, begun = set[CodeType](), time.perf_counter()
            with _watch(called):
                passed = _passes(item, items[(number + 1) % len(items)])
            if not passed:
                self.broken.append(f"{item.nodeid} fails without any mutant")
            for code in called:
                callers[_key(code)].append((time.perf_counter() - begun, number))
        return {key: [items[n] for _, n in sorted(found)] for key, found in callers.items()}


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
def _watch(called: set[CodeType]) -> Iterator[None]:
    core = str(CORE)

    def note(frame: FrameType, event: str, _: object) -> None:
        if event == "call" and frame.f_code.co_filename.startswith(core):
            called.add(frame.f_code)

    sys.setprofile(note)
    try:
        yield
    finally:
        sys.setprofile(None)


def _key(code: CodeType) -> tuple[str, int, str]:
    return code.co_filename, code.co_firstlineno, code.co_name


def _passes(item: pytest.Item, after: pytest.Item | None) -> bool:
    return not any(r.failed for r in runtestprotocol(item, log=False, nextitem=after))


def _all_pass(tests: Sequence[pytest.Item]) -> bool:
    """Stops at the first that fails. The session's fixtures stay up: the process ends without taking them down."""
    return all(_passes(test, after) for test, after in zip(tests, [*tests[1:], tests[0]], strict=True))


def _survives(mutant: Mutant, function: FunctionType, tests: Sequence[pytest.Item]) -> bool:
    function.__code__ = compile_mutant(mutant, function)
    return _all_pass(tests)


def _dies(survives: Callable[[], bool]) -> bool:
    """Whether the survival ends otherwise than well, in a process of its own."""
    child = os.fork()
    if child == 0:
        code = 1
        try:
            gc.disable()
            nothing = os.open(os.devnull, os.O_RDWR)
            for stream in (0, 1, 2):
                os.dup2(nothing, stream)
            signal.signal(signal.SIGVTALRM, signal.SIG_DFL)
            signal.setitimer(signal.ITIMER_VIRTUAL, CPU_SECONDS)
            resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
            code = 0 if survives() else 1
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
