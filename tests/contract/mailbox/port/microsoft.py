"""Microsoft 365 on the sandbox: tenants where Graph moves a contact by its parentFolderId, and others."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from mailsync.mailbox.microsoft import MicrosoftLogin, open_microsoft, provision, tree
from mailsync.mapping.table import load
from mailsync.ports.bearer import FixedBearer
from mailsync.sandbox.server import running_sandbox
from tests.contract.mailbox.port.graph import GraphPerson
from tests.contract.mailbox.port.vocabulary import Figures, Place

CEM = "cem@acme.example"
PATIENCE = 2.0  # seconds
FIGURES = Figures(
    idle=1,
    create_requests=14,  # 13, and a look at the first one
    first=5,  # the folders; the feeds and a hundred of the marked; two more hundred; the folder, listed
    longest=2000,
    unfit=(("Birthdate", "1600-12-31"), ("Birthdate", "soon")),
)


@contextmanager
def open_place(name: str, monkeypatch: pytest.MonkeyPatch, *, parent_folder: str = "ignored") -> Iterator[Place]:
    """A mailbox of the sandbox's tenant. `parent_folder`: what an update of parentFolderId does there."""
    monkeypatch.setattr(tree, "FOLDER", name)
    monkeypatch.setattr(provision, "FOLDER", name)
    tenant = {"mailboxes": [{"user": "cem", "address": CEM}], "parent_folder": parent_folder}
    with running_sandbox({"microsoft": tenant}) as box:
        login = MicrosoftLogin(box.url, FixedBearer("sandbox-cem"))
        yield Place(
            GraphPerson(box.url, "cem"),
            lambda: open_microsoft(login, load("microsoft"), patience=PATIENCE),
            FIGURES,
        )


@contextmanager
def open_moving_place(name: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Place]:
    """The same in a tenant that moves contacts and folders by their parentFolderId."""
    with open_place(name, monkeypatch, parent_folder="moves") as place:
        yield place
