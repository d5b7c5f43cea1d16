import pytest

from mailsync.sandbox.google import Google
from mailsync.sandbox.vendor import Clock
from tests.contract.sandbox_google.wire import Account

WORLD = {"propagation_seconds": 0, "mailboxes": [{"user": "bob"}, {"user": "eve"}]}


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def google(clock: Clock) -> Google:
    google = Google(clock)
    google.load(WORLD)
    return google


@pytest.fixture
def bob(google: Google, clock: Clock) -> Account:
    return Account(google, clock)
