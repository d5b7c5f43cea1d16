"""What is told at the end of every run, whatever was run."""

import pytest

from tests.contract.foreign.presence import tell_absent


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    tell_absent(terminalreporter)
