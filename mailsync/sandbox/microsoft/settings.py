"""What kind of tenant it is: switches for what no source settles, limits, and whether EWS still answers."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from mailsync.sandbox.exchange.worlditems import need_list, need_object, need_text
from mailsync.sandbox.exchange.worldsettings import check_keys
from mailsync.sandbox.vendor import Refused

PARENT_FOLDER: Final = ("ignored", "moves", "refused")
QUIRKS: Final = frozenset({"given_name_required", "no_conditions"})
_LIMITS: Final = {"MailboxRequests": 10_000, "WindowSeconds": 600, "MailboxConcurrency": 0, "RequestMilliseconds": 50}


@dataclass(slots=True)
class Settings:
    """`parent_folder`: what a PATCH of parentFolderId does (mailbox.md H: unsettled; by default nothing).

    `ews_tenant` and `ews_users` (who differs): whether Exchange Online still answers EWS.
    """

    parent_folder: str = "ignored"
    quirks: set[str] = field(default_factory=set[str])
    limits: dict[str, int] = field(default_factory=lambda: dict(_LIMITS))
    ews_tenant: bool = False
    ews_users: dict[str, bool] = field(default_factory=dict[str, bool])

    def allows_ews(self, user: str) -> bool:
        """Whether EWS answers for this person: tenant and mailbox must both let it (EXD how-to-control-access)."""
        return self.ews_tenant and self.ews_users.get(user, True)


def read_settings(world: Mapping[str, Any]) -> Settings:
    """The settings of a world's part. Raises Refused, naming the key that is wrong."""
    settings = Settings()
    settings.parent_folder = need_text(world.get("parent_folder", "ignored"), "microsoft.parent_folder")
    if settings.parent_folder not in PARENT_FOLDER:
        raise Refused(f"microsoft.parent_folder: give one of {', '.join(PARENT_FOLDER)}")
    listed = need_list(world.get("quirks", []), "microsoft.quirks")
    settings.quirks = {need_text(quirk, "microsoft.quirks") for quirk in listed}
    if settings.quirks - QUIRKS:
        raise Refused(f"microsoft.quirks: give some of {', '.join(sorted(QUIRKS))}")
    limits = need_object(world.get("throttling", {}), "microsoft.throttling")
    check_keys(limits, _LIMITS, "microsoft.throttling")
    for name, value in limits.items():
        if type(value) is not int or value < 0:
            raise Refused(f"microsoft.throttling.{name}: give a whole number of 0 or more")
        settings.limits[name] = value
    _read_ews(settings, need_object(world.get("ews", {}), "microsoft.ews"))
    return settings


def _read_ews(settings: Settings, part: Mapping[str, Any]) -> None:
    check_keys(part, ("tenant", "users"), "microsoft.ews")
    users = need_object(part.get("users", {}), "microsoft.ews.users")
    for name, value in {"tenant": part.get("tenant", False), **users}.items():
        if not isinstance(value, bool):
            raise Refused(f"microsoft.ews.{name}: give true or false")
    settings.ews_tenant, settings.ews_users = part.get("tenant", False) is True, dict(users)


def write_settings(settings: Settings) -> dict[str, Any]:
    """The part of a world that `read_settings` reads; what is as by default is left out."""
    limits = {name: value for name, value in settings.limits.items() if value != _LIMITS[name]}
    ews = {"tenant": settings.ews_tenant, "users": settings.ews_users}
    parts: dict[str, Any] = {
        "quirks": sorted(settings.quirks),
        "throttling": limits,
        "ews": {name: value for name, value in ews.items() if value},
    }
    shown = {name: content for name, content in parts.items() if content}
    return shown if settings.parent_folder == "ignored" else {**shown, "parent_folder": settings.parent_folder}
