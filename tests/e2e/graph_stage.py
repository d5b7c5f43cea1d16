"""A stage for scenes on Graph: cem's mailbox at Microsoft 365, acted on through Graph; ann's on Exchange beside it."""

from collections.abc import Generator, Mapping
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import Any

import requests

from mailsync.sandbox.server import running_sandbox
from tests.contract.mailbox.port.graph import GraphPerson, write_card
from tests.contract.mailbox.port.vocabulary import Card
from tests.e2e.people import FOLDER, OrgPerson
from tests.e2e.stage import Stage


class GraphStage(Stage):
    """The empty world; the commands are about cem."""

    @cached_property
    def cem(self) -> GraphPerson:
        """Cem at Graph."""
        return GraphPerson(self.url, "cem")

    @cached_property
    def org(self) -> OrgPerson:
        """Cem in Salesforce."""
        return OrgPerson.log_in(self.url, "cem")

    def configure(self, **defaults: str) -> None:
        super().configure(**defaults)
        cem = (
            '\n[users.cem]\nsalesforce_token = "sandbox-cem"\nmailbox = "microsoft"\naddress = "cem@acme.example"\n\n'
            f'[users.cem.microsoft]\nurl = "{self.url}"\ntoken = "sandbox-cem"\n'
        )
        self.config.write_text(self.config.read_text() + cem)

    def assert_settled(self) -> None:
        """L1: further sessions write nothing on either side; once their echo was read, at one request on each."""
        super().assert_settled()
        assert self.sync(None)["requests"] == {"salesforce": 1, "mailbox": 1}
        assert self.writes() == []

    def tenant(self, parent_folder: str) -> None:
        """What an update of parentFolderId does in this tenant."""
        self.act("tenant_quirk", parent_folder=parent_folder)

    def forget_faults(self) -> None:
        requests.delete(f"{self.url}/sandbox/faults", timeout=10)

    @property
    def folder(self) -> str:
        """The id of the synced folder, by its name now."""
        found = self.cem.ask("GET", f"/contactFolders?$filter=displayName eq '{FOLDER}'")["value"]
        return found[0]["id"]

    def create(self, card: Card, folder: str | None = None) -> str:
        """A new contact, in the folder unless told otherwise."""
        return self.cem.create(write_card(card), folder or self.folder)

    def get(self, name: str) -> Mapping[str, Any]:
        """The one contact of that display name in the folder."""
        (found,) = [c for c in self.cem.list_contacts(self.folder) if c["displayName"] == name]
        return found


@contextmanager
def graph_stage(home: Path) -> Generator[GraphStage]:
    """A stage that stands while the context lasts."""
    with running_sandbox("empty") as box:
        scene = GraphStage(box, home, user="cem")
        scene.configure()
        yield scene
        if "ann" in scene.__dict__:
            scene.ann.account.protocol.close()
