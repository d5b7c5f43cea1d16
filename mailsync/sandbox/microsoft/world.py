"""The tenant's part of a world: mailboxes as Exchange's part has them, settings, applications and tokens."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Final

from mailsync.sandbox.exchange.records import Mailbox
from mailsync.sandbox.exchange.world import dump_mailbox, load_mailbox, load_mailboxes
from mailsync.sandbox.exchange.worldsettings import check_keys
from mailsync.sandbox.microsoft.oauth.records import Registry
from mailsync.sandbox.microsoft.oauth.registration import KEYS, read_registry, write_registry
from mailsync.sandbox.microsoft.settings import Settings, read_settings, write_settings

_KEYS: Final = ("mailboxes", "quirks", "throttling", "ews", "parent_folder", *KEYS)
_OWN: Final = frozenset({"Id", "ChangeKey", "FolderId", "Origin", "guid", "log"})  # what a new mailbox makes anew


def load_world(world: Mapping[str, Any], now: datetime) -> tuple[dict[str, Mailbox], Settings, Registry]:
    """The mailboxes by address in lower case, the settings and the sign-in. Raises Refused, naming the key."""
    check_keys(world, _KEYS, "microsoft")
    return load_mailboxes(world, "microsoft", now), read_settings(world), read_registry(world)


def dump_world(boxes: Iterable[Mailbox], settings: Settings, registry: Registry, now: datetime) -> dict[str, Any]:
    """All of it as JSON values."""
    mailboxes = [dump_mailbox(box) for box in boxes]
    return {"mailboxes": mailboxes, **write_settings(settings), **write_registry(registry, now)}


def carry_over(box: Mailbox, now: datetime) -> Mailbox:
    """A mailbox moved from a server into the tenant: all content and named properties, every id anew."""
    content = _strip(dump_mailbox(box))
    content["configurations"] = [
        part for part in content.get("configurations", []) if part["folder"] in box.distinguished
    ]
    return load_mailbox(content, "microsoft.mailboxes", now)


def _strip(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _strip(part) for name, part in value.items() if name not in _OWN}  # pyright: ignore[reportUnknownVariableType]
    if isinstance(value, list):
        return [_strip(part) for part in value]  # pyright: ignore[reportUnknownVariableType]
    return value
