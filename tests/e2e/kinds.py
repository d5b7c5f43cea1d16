"""One person for each kind of mailbox, each with so many Contacts: what requests and rounds are counted in."""

import json
from collections.abc import Generator
from contextlib import contextmanager
from importlib.resources import files
from pathlib import Path
from typing import Any

from mailsync.bootstrap import Setup, open_setup
from mailsync.sandbox.configuration import render_configuration
from mailsync.sandbox.server import RunningSandbox

PEOPLE = {"exchange": "ann", "google": "bob", "microsoft": "cem"}
_STAMP = "2026-01-12T09:30:00.000+0000"


def make_world(records: int, **organisation: Any) -> dict[str, Any]:
    """The empty world in which each of them owns so many Contacts, changed last long ago."""
    world: dict[str, Any] = json.loads(files("mailsync.sandbox").joinpath("worlds", "empty.json").read_text("utf-8"))
    salesforce = world["salesforce"]
    salesforce["organisation"] = {**salesforce.get("organisation", {}), **organisation}
    salesforce["records"] = {
        "Contact": [
            {"LastName": f"Doe {n}", "OwnerId": owner, "CreatedDate": _STAMP, "SystemModstamp": _STAMP}
            for owner in PEOPLE.values()
            for n in range(records)
        ]
    }
    return world


@contextmanager
def installed(box: RunningSandbox, home: Path) -> Generator[Setup]:
    """An installation for all of them."""
    config = home / "mailsync.toml"
    config.write_text(render_configuration(box.url, box.sandbox.dump(), None), encoding="utf-8")
    with open_setup(config) as opened:
        yield opened
