"""A mailbox on the sandbox's Exchange, spoken to in SOAP, each answer held against Microsoft's schema."""

import pytest

from mailsync.sandbox.exchange import Exchange
from mailsync.sandbox.vendor import Clock
from tests.contract.sandbox_exchange.oracle import find_schemas
from tests.contract.sandbox_exchange.wire import Mailbox

WORLD = {"mailboxes": [{"user": "ann", "address": "ann@acme.example"}, {"user": "eve", "address": "eve@acme.example"}]}


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if not (find_schemas() / "messages.xsd").is_file():
        terminalreporter.write_line(
            "NO EWS SCHEMA: the sandbox's answers were not held against it", red=True, bold=True
        )


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def exchange(clock: Clock) -> Exchange:
    exchange = Exchange(clock)
    exchange.load(WORLD)
    return exchange


@pytest.fixture
def ann(exchange: Exchange) -> Mailbox:
    return Mailbox(exchange, "ann")
