"""L8: a session's own writes come back in the next feed, on each kind of mailbox. They are nothing that happened, so
Salesforce is asked no more than in any idle session – not even where its delta no longer tells of the record."""

from collections.abc import Iterator

import pytest

from tests.crash.scene import KINDS, Scene, playing

LATER = 1800.0
OVERLAP = 11 * 60.0
"""Longer than what is read again each time of Salesforce's changes (ten minutes)."""


@pytest.fixture(params=KINDS)
def scene(request: pytest.FixtureRequest) -> Iterator[Scene]:
    with playing(request.param) as standing:
        standing.clear()
        standing.configure()
        yield standing


def asked(scene: Scene) -> list[str]:
    """What one session, half an hour later, asked of Salesforce."""
    scene.advance(LATER)
    scene.forget_requests()
    scene.sync()
    return [e.call.operation for e in scene.box.sandbox.log.entries() if e.vendor == "salesforce"]


def test_L8_a_mirrored_contact_costs_no_second_request(scene: Scene) -> None:
    """Its record was changed long before the session that mirrored it, so only the mailbox tells of it again."""
    record = scene.org.create(FirstName="Kim", LastName="Doe", Email="kim@x.example")
    scene.advance(OVERLAP)
    scene.sync()
    assert scene.person.names() == ["Kim Doe"]
    assert [asked(scene), asked(scene)] == [["composite"], ["composite"]]
    scene.org.update(record, Title="CTO")
    assert asked(scene) == ["composite"]
    assert scene.person.values("Kim Doe")["Title"] == "CTO"
    assert [asked(scene), asked(scene)] == [["composite"], ["composite"]]
    scene.person.edit("Kim Doe", Title="CEO")
    assert asked(scene)[:2] == ["composite", "composite"]  # now the record is read: it may have been edited, too
    assert scene.org.get(record)["Title"] == "CEO"


def test_L8_B10_an_edit_beside_the_echo_is_no_echo(scene: Scene) -> None:
    record = scene.org.create(FirstName="Kim", LastName="Doe", Email="kim@x.example")
    scene.advance(OVERLAP)
    scene.sync()
    scene.person.edit("Kim Doe", Title="CEO")
    asked(scene)
    assert scene.org.get(record)["Title"] == "CEO"
