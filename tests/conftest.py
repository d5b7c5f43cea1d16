"""What holds in every run, whatever is run: answers are held against schemas, and absent clients are told of."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from mailsync.sandbox.log import COPY, Entry, RequestLog
from tests.contract.foreign.presence import tell_absent
from tests.contract.sandbox_exchange.oracle import list_violations, read_entry
from tests.contract.sandbox_microsoft import oracle as csdl
from tests.services.postgres import STORE_DSN, STORES, stores_on


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--store postgresql`: the scenes keep their stores on a server of their own; `--feed`: their sessions go by the
    organisation's shared feed, which is read before each."""
    parser.addoption("--store", choices=STORES, default="sqlite")
    parser.addoption("--feed", action="store_true", default=False)


@pytest.fixture(scope="session", autouse=True)
def server(request: pytest.FixtureRequest) -> Iterator[None]:
    with stores_on(request.config.getoption("--store")):
        yield


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    tell_absent(terminalreporter)


@dataclass
class Processes:
    """What sandboxes that run as processes of their own were asked: a file that each of them adds to."""

    file: Path
    read: int = 0

    def take(self) -> list[Entry]:
        """The requests since the last time, as far as their lines are whole."""
        if not self.file.exists():
            return []
        with self.file.open("rb") as file:
            file.seek(self.read)
            lines = file.read()
        whole = lines[: lines.rfind(b"\n") + 1]
        self.read += len(whole)
        return [read_entry(line) for line in whole.splitlines()]


@pytest.fixture(scope="session")
def processes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Processes]:
    """Lets every sandbox process that a test starts write down what it is asked."""
    file = tmp_path_factory.mktemp("sandbox") / "requests.jsonl"
    present = os.environ.get(COPY)
    os.environ[COPY] = str(file)
    yield Processes(file)
    os.environ.pop(COPY)
    if present is not None:
        os.environ[COPY] = present


@pytest.fixture(autouse=True)
def stores_stay() -> Iterator[None]:
    """No test leaves the next one's stores elsewhere: they would be on another database than the test is about."""
    before = os.environ.get(STORE_DSN)
    yield
    assert os.environ.get(STORE_DSN) == before


@pytest.fixture(autouse=True)
def answers_fit_the_vendors_schemas(
    stores_stay: None, monkeypatch: pytest.MonkeyPatch, processes: Processes
) -> Iterator[None]:
    """Every answer of EWS, the People API and Graph, outside injected faults, is held against the vendor's schema."""
    entries: list[Entry] = []
    add = RequestLog.add

    def keep(log: RequestLog, entry: Entry) -> None:
        if entry.vendor in ("exchange", "google", "microsoft"):
            entries.append(entry)
        add(log, entry)

    monkeypatch.setattr(RequestLog, "add", keep)
    yield
    asked = [*entries, *processes.take()]
    assert [v for v in (*list_violations(asked), *csdl.list_violations(asked)) if " answer: " in v] == []
