"""The port's suite runs on every kind of mailbox, each opened and acted on in its own way (`vocabulary`)."""

import uuid
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager

import pytest

from mailsync.core.refs import FolderId
from mailsync.ports.mailbox import Capabilities, Mailbox
from tests.contract.mailbox.port import exchange, fake, google, microsoft
from tests.contract.mailbox.port.vocabulary import Figures, Person, Place

KINDS: dict[str, Callable[[str, pytest.MonkeyPatch], AbstractContextManager[Place]]] = {
    "exchange": exchange.open_place,
    "google": google.open_place,
    "microsoft": microsoft.open_place,
    "microsoft, moving": microsoft.open_moving_place,
    "fake": fake.open_place,
    "fake, lasting ids": fake.open_with_lasting_ids,
}


@pytest.fixture
def name() -> str:
    """The folder's name in this test, so that a real mailbox keeps its own folder apart."""
    return f"mailsync test {uuid.uuid4().hex[:8]}"


@pytest.fixture(params=sorted(KINDS))
def place(request: pytest.FixtureRequest, name: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Place]:
    with KINDS[request.param](name, monkeypatch) as opened:
        yield opened
        opened.clean()


@pytest.fixture
def figures(place: Place) -> Figures:
    return place.figures


@pytest.fixture
def person(place: Place) -> Person:
    return place.person


@pytest.fixture
def another(place: Place) -> Iterator[Callable[[], Mailbox]]:
    """Opens the mailbox once more, as a new process would."""
    opened: list[Mailbox] = []

    def make() -> Mailbox:
        opened.append(place.open())
        return opened[-1]

    yield make
    for mailbox in opened:
        mailbox.close()


@pytest.fixture
def mailbox(another: Callable[[], Mailbox]) -> Mailbox:
    return another()


@pytest.fixture
def can(mailbox: Mailbox) -> Capabilities:
    """What this kind can do; where it can't, a test asserts what stands for it."""
    return mailbox.capabilities


@pytest.fixture
def folder(mailbox: Mailbox) -> FolderId:
    prepared = mailbox.prepare(None)
    assert prepared is not None
    return prepared.folder


@pytest.fixture
def other(person: Person, name: str, can: Capabilities) -> str | None:
    """Another contact folder of the person's own; where there are none, what lies outside the folder."""
    return person.create_folder(f"{name} other") if can.other_folders else None
