"""A person moves from a mailbox of one kind to another and keeps the pairs (issue: EWS ends, mailboxes move)."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from mailsync.sandbox.server import running_sandbox
from tests.contract.mailbox.port.graph import OWN, GraphPerson
from tests.e2e.people import CATEGORY, FOLDER
from tests.e2e.stage import Stage
from tests.e2e.worlds import find_world

UNTOUCHED = {"created": 0, "updated": 0, "deleted": 0}


class MovingStage(Stage):
    """Ann on Exchange, with a section for Microsoft 365 beside it."""

    def configure(self, **defaults: str) -> None:
        super().configure(**defaults)
        section = f'\n[users.ann.microsoft]\nurl = "{self.url}"\ntoken = "sandbox-ann"\n'
        self.config.write_text(self.config.read_text() + section)

    @property
    def graph(self) -> GraphPerson:
        """Ann at Graph, once her mailbox is there."""
        return GraphPerson(self.url, "ann")

    @property
    def folder(self) -> str:
        return self.graph.ask("GET", f"/contactFolders?$filter=displayName eq '{FOLDER}'")["value"][0]["id"]

    def names(self) -> list[str]:
        return sorted(c["displayName"] for c in self.graph.list_contacts(self.folder))


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[MovingStage]:
    with running_sandbox("empty") as box:
        standing = MovingStage(box, tmp_path)
        standing.configure(auto_removal="allowed")
        yield standing
        if "ann" in standing.__dict__:
            standing.ann.account.protocol.close()


def fill(scene: MovingStage, count: int = 12) -> None:
    """Pairs of both origins, an excluded item, a personal contact."""
    scene.sync()
    for n in range(count):
        scene.org.create(FirstName="Kim", LastName=f"Doe{n}", Email=f"kim{n}@x.example", Title="CTO")
    scene.ann.create(scene.ann.folder, "Zoe", "Quinn", email="zoe@x.example")
    scene.ann.create(scene.ann.folder, "Dr", "Secret", sensitivity="Private")
    scene.ann.create(scene.ann.contacts, "Uncle", "Bob")
    scene.sync("held")
    scene.answer("A13", "reject")
    scene.sync()
    scene.assert_settled()


def test_E7_from_exchange_to_microsoft_the_same_property_keeps_every_pair(scene: MovingStage):
    fill(scene)
    scene.act("migrate_mailbox", user="ann")
    told = scene.run("set", "ann", "mailbox=microsoft")
    assert (told["added"], told["kept"], told["leaving"]) == (0, 13, 0)
    report = scene.sync()
    assert report["salesforce"] == UNTOUCHED
    assert report["mailbox"] == {"created": 0, "updated": 0, "removed": 0, "moved": 0, "categorised": 0}
    assert len(scene.names()) == 14
    scene.sync()
    scene.assert_settled()
    assert scene.run("status", "ann")["users"][0]["pairs"] == 13
    (zoe,) = [c for c in scene.graph.list_contacts(scene.folder) if c["displayName"] == "Zoe Quinn"]
    scene.graph.edit_contact(zoe["id"], jobTitle="CEO")
    scene.graph.delete_contact(next(c["id"] for c in scene.graph.list_contacts(scene.folder) if "Doe3" in c["surname"]))
    report = scene.sync()
    assert report["salesforce"] == {"created": 0, "updated": 1, "deleted": 1}
    assert scene.org.named("Quinn")["Title"] == "CEO"


def test_E7_where_the_property_was_lost_pairs_are_found_by_address_and_nothing_is_doubled(scene: MovingStage):
    """As from Outlook to another provider: the contacts are there, without our property."""
    fill(scene, 30)  # more than C5's storm: they only take their own places
    scene.act("migrate_mailbox", user="ann")
    for contact in scene.graph.list_contacts(scene.folder):
        extended = [{"id": i, "value": None} for i in OWN]
        scene.graph.edit_contact(contact["id"], singleValueExtendedProperties=extended)
    scene.run("set", "ann", "mailbox=microsoft")
    report = scene.sync(None)
    assert report["salesforce"] == UNTOUCHED
    assert report["mailbox"]["created"] == 0
    assert len(scene.names()) == 32
    assert [h["rule"] for h in report["holds"]] == []
    scene.sync()
    scene.assert_settled()
    assert scene.run("status", "ann")["users"][0]["pairs"] == 31


def test_E7_an_empty_mailbox_is_filled_and_nothing_is_deleted(scene: MovingStage):
    fill(scene)
    scene.act("migrate_mailbox", user="ann")
    scene.graph.delete_folder(scene.folder, for_good=True)
    told = scene.run("set", "ann", "mailbox=microsoft")
    assert (told["added"], told["leaving"]) == (13, 0)
    report = scene.sync()
    assert (report["salesforce"], report["mailbox"]["created"]) == (UNTOUCHED, 13)
    scene.sync()
    scene.assert_settled()
    assert all(c["categories"] == [CATEGORY] for c in scene.graph.list_contacts(scene.folder))


def test_E7_from_exchange_to_gmail_every_contact_is_made_there_and_nothing_is_deleted(tmp_path: Path):
    empty = find_world("microsoft")
    ann = {"user": "ann", "address": "ann@acme.example"}
    world = {"salesforce": empty["salesforce"], "exchange": {"mailboxes": [ann]}, "google": {"mailboxes": [ann]}}
    with running_sandbox(world) as box:
        scene = MovingStage(box, tmp_path)
        scene.configure(auto_removal="allowed")
        section = f'\n[users.ann.google]\nurl = "{scene.url}"\ntoken = "sandbox-ann"\n'
        scene.config.write_text(scene.config.read_text() + section)
        fill(scene)
        told = scene.run("set", "ann", "mailbox=google")
        assert (told["added"], told["leaving"]) == (13, 0)
        report = scene.sync()
        assert (report["salesforce"], report["mailbox"]["created"]) == (UNTOUCHED, 13)
        scene.advance(1200)  # People lists lag
        scene.sync()
        scene.advance(1200)
        scene.assert_settled()
        assert len(scene.org.all()) == 13
        assert len(scene.ann.all_in()) == 14
        scene.run("set", "ann", "mailbox=file")
        assert scene.sync(None)["salesforce"] == UNTOUCHED
        assert scene.run("status", "ann")["users"][0]["pairs"] == 13
        assert len(scene.ann.all_in()) == 14
        scene.sync(None)
        scene.assert_settled()
        scene.ann.account.protocol.close()


def test_a_blocked_tenant_says_how_to_move(scene: MovingStage):
    fill(scene)
    scene.act("migrate_mailbox", user="ann")
    report = scene.sync("failed")
    assert 'mailbox = "microsoft"' in report["reason"] or 'mailbox = "microsoft"' in str(
        scene.run("check", "ann", code=1)
    )
    assert len(scene.org.all()) == 13


def test_a_section_that_is_missing_is_named(scene: MovingStage):
    scene.run("set", "ann", "mailbox=google", code=2)
