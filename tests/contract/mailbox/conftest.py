"""The sandbox's Exchange, for what only it does: its codec, its faults, its kinds of servers. The port's own suite lies
in `port`.
"""

import uuid
from collections.abc import Iterator

import pytest
from exchangelib.protocol import close_connections

from mailsync.mailbox.exchange import ExchangeLogin, provision, tree
from mailsync.sandbox.server import RunningSandbox, running_sandbox

ANN = "ann@acme.example"
WORLD = {"exchange": {"mailboxes": [{"user": "ann", "address": ANN}]}}


def sandbox_login(box: RunningSandbox, password: str = "sandbox") -> ExchangeLogin:
    return ExchangeLogin(f"{box.url}/EWS/Exchange.asmx", ANN, ANN, password)


@pytest.fixture
def box() -> Iterator[RunningSandbox]:
    """The sandbox, for what only it can be made to do."""
    with running_sandbox(WORLD) as running:
        yield running
        close_connections()


@pytest.fixture
def name(monkeypatch: pytest.MonkeyPatch) -> str:
    """The folder's name in this test."""
    made = f"mailsync test {uuid.uuid4().hex[:8]}"
    monkeypatch.setattr(tree, "FOLDER", made)
    monkeypatch.setattr(provision, "FOLDER", made)
    return made
