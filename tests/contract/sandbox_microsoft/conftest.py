"""Cem's mailbox on the sandbox's Graph, each answer held against Microsoft's CSDL."""

import pytest

from mailsync.sandbox.microsoft import Microsoft
from mailsync.sandbox.vendor import Clock
from tests.contract.sandbox_microsoft.oracle import find_csdl
from tests.contract.sandbox_microsoft.wire import Person

WORLD = {"mailboxes": [{"user": "cem"}, {"user": "dana"}]}


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if not find_csdl().is_file():
        terminalreporter.write_line(
            "NO GRAPH SCHEMA: the sandbox's answers were not held against it", red=True, bold=True
        )


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def graph(clock: Clock) -> Microsoft:
    graph = Microsoft(clock)
    graph.load(WORLD)
    return graph


@pytest.fixture
def cem(graph: Microsoft) -> Person:
    return Person(graph)
