"""What holds in every run, whatever is run: answers are held against schemas, and absent clients are told of."""

from collections.abc import Iterator

import pytest

from mailsync.sandbox.log import Entry, RequestLog
from tests.contract.foreign.presence import tell_absent
from tests.contract.sandbox_exchange.oracle import list_violations


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    tell_absent(terminalreporter)


@pytest.fixture(autouse=True)
def exchange_answers_fit_the_schema(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Every EWS answer that a test's sandboxes give, outside injected faults, is held against Microsoft's schema."""
    entries: list[Entry] = []
    add = RequestLog.add

    def keep(log: RequestLog, entry: Entry) -> None:
        if entry.vendor == "exchange":
            entries.append(entry)
        add(log, entry)

    monkeypatch.setattr(RequestLog, "add", keep)
    yield
    assert [v for v in list_violations(entries) if " answer: " in v] == []
