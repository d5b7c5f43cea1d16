"""What people did to an installation: who changed what, and when."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Act:
    """One act of a person. `user` is whom it was about, "" for the installation; `details` are JSON values."""

    time: datetime
    actor: str
    action: str
    user: str = ""
    details: Mapping[str, Any] = field(default_factory=dict[str, Any])
