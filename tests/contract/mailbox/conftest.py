"""The port's suite runs on the sandbox's Exchange, and unchanged on any EWS server: MAILSYNC_EWS_URL, MAILSYNC_EWS_USER
(an address) and MAILSYNC_EWS_PASSWORD name a mailbox; it makes folders with names of its own there and removes them.
"""

import os
import uuid
from collections.abc import Callable, Iterator
from contextlib import suppress

import pytest
from exchangelib import Account
from exchangelib.errors import ErrorFolderNotFound, ErrorItemNotFound
from exchangelib.protocol import close_connections

from mailsync.core.refs import FolderId
from mailsync.mailbox.exchange import ExchangeLogin, ExchangeMailbox, open_exchange, provision, tree
from mailsync.mailbox.exchange.channel import Channel
from mailsync.mailbox.exchange.transport import Transport
from mailsync.mapping.table import load
from mailsync.sandbox.server import RunningSandbox, running_sandbox
from tests.contract.mailbox import person

ANN = "ann@acme.example"
WORLD = {"exchange": {"mailboxes": [{"user": "ann", "address": ANN}]}}
PATIENCE = 2.0  # seconds


def sandbox_login(box: RunningSandbox, password: str = "sandbox") -> ExchangeLogin:
    return ExchangeLogin(f"{box.url}/EWS/Exchange.asmx", ANN, ANN, password)


@pytest.fixture
def box() -> Iterator[RunningSandbox]:
    """The sandbox, for what only it can be made to do."""
    with running_sandbox(WORLD) as running:
        yield running
        close_connections()


@pytest.fixture
def login(request: pytest.FixtureRequest) -> ExchangeLogin:
    """A mailbox of the sandbox, or the one that the environment names."""
    url = os.environ.get("MAILSYNC_EWS_URL")
    if not url or "box" in request.fixturenames:
        return sandbox_login(request.getfixturevalue("box"))
    user, auth = os.environ["MAILSYNC_EWS_USER"], os.environ.get("MAILSYNC_EWS_AUTH", "basic")
    return ExchangeLogin(url, user, user, os.environ["MAILSYNC_EWS_PASSWORD"], auth)


@pytest.fixture
def name(monkeypatch: pytest.MonkeyPatch) -> str:
    """The folder's name in this test, so that a real mailbox keeps its own folder apart."""
    made = f"mailsync test {uuid.uuid4().hex[:8]}"
    monkeypatch.setattr(tree, "FOLDER", made)
    monkeypatch.setattr(provision, "FOLDER", made)
    return made


@pytest.fixture
def account(login: ExchangeLogin, name: str) -> Iterator[Account]:
    """The person; at the end no folder of this test's name is left."""
    account = person.log_in(login.url, login.address, login.username, login.password, login.auth)
    yield account
    channel = Channel(Transport(login), login.address, PATIENCE)
    roots, _ = tree.get_roots(channel)
    for folder in tree.find_tree(channel, roots).folders.values():
        if folder.name.startswith(name):
            with suppress(ErrorItemNotFound, ErrorFolderNotFound):
                person.delete_folder(account, folder.id, for_good=True)
    channel.close()
    close_connections()


@pytest.fixture
def mailbox(login: ExchangeLogin, name: str) -> Iterator[ExchangeMailbox]:
    opened = open_exchange(login, load(), patience=PATIENCE)
    yield opened
    opened.close()


@pytest.fixture
def another(login: ExchangeLogin, name: str) -> Iterator[Callable[[], ExchangeMailbox]]:
    """Opens the mailbox once more, as a new process would."""
    opened: list[ExchangeMailbox] = []

    def make() -> ExchangeMailbox:
        opened.append(open_exchange(login, load(), patience=PATIENCE))
        return opened[-1]

    yield make
    for mailbox in opened:
        mailbox.close()


@pytest.fixture
def folder(mailbox: ExchangeMailbox, account: Account) -> FolderId:
    prepared = mailbox.prepare(None)
    assert prepared is not None
    return prepared.folder


@pytest.fixture
def other(account: Account, name: str) -> str:
    """Another contact folder of the person's own."""
    return person.create_folder(account, f"{name} other")
