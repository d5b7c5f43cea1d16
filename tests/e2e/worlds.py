"""Worlds in which ann's mailbox is of another kind. She stays at Outlook, which speaks EWS to all of Exchange."""

import json
from collections.abc import Mapping
from importlib.resources import files
from typing import Any

ANN = {"user": "ann", "address": "ann@acme.example"}


def find_world(kind: str) -> Mapping[str, Any]:
    """The empty world with ann's mailbox of this kind."""
    world = json.loads(files("mailsync.sandbox").joinpath("worlds", "empty.json").read_text(encoding="utf-8"))
    assert kind == "microsoft"
    # Her own programs may still speak EWS in this tenant; it moves nothing by parentFolderId, as by default.
    tenant = {"mailboxes": [ANN], "ews": {"tenant": True}}
    return {"salesforce": world["salesforce"], "exchange": {"mailboxes": []}, "microsoft": tenant}
