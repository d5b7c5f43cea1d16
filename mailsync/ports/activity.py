"""What people did to an installation: who changed what, and when."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

STATUS, BEGUN = "status", "begun"
"""The detail that says how an act ended that is announced, and what it says until then."""


@dataclass(frozen=True, slots=True)
class Act:
    """One act of a person. `user` is whom it was about, "" for the installation; `details` are JSON values.

    An act is stored in the transaction of what it changes. One that does more than that (a session, writes to a
    mailbox) is stored before, with the status BEGUN, and sealed in the transaction that ends it: whoever is killed in
    between leaves the word that it was begun.
    """

    time: datetime
    actor: str
    action: str
    user: str = ""
    details: Mapping[str, Any] = field(default_factory=dict[str, Any])
