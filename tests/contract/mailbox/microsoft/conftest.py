"""The sandbox's tenant, for what only Graph does; the port's own suite lies in `port`."""

from collections.abc import Iterator

import pytest

from mailsync.core.refs import FolderId
from mailsync.mailbox.microsoft import MicrosoftLogin, MicrosoftMailbox, open_microsoft
from mailsync.mapping.table import load
from mailsync.ports.bearer import FixedBearer
from mailsync.sandbox.server import RunningSandbox, running_sandbox
from tests.contract.mailbox.port.graph import GraphPerson

CEM = "cem@acme.example"
WORLD = {"microsoft": {"mailboxes": [{"user": "cem", "address": CEM}]}}
PATIENCE = 1.0  # seconds


def sandbox_login(box: RunningSandbox, token: str = "sandbox-cem") -> MicrosoftLogin:
    return MicrosoftLogin(box.url, FixedBearer(token))


@pytest.fixture
def box() -> Iterator[RunningSandbox]:
    with running_sandbox(WORLD) as running:
        yield running


@pytest.fixture
def opened(box: RunningSandbox) -> Iterator[MicrosoftMailbox]:
    mailbox = open_microsoft(sandbox_login(box), load("microsoft"), patience=PATIENCE)
    yield mailbox
    mailbox.close()


@pytest.fixture
def home(opened: MicrosoftMailbox) -> FolderId:
    prepared = opened.prepare(None)
    assert prepared is not None
    return prepared.folder


@pytest.fixture
def cem(box: RunningSandbox) -> GraphPerson:
    return GraphPerson(box.url, "cem")
