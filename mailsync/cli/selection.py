"""Whom a command is about: users by name, the members of a group, or everybody."""

from collections.abc import Sequence
from dataclasses import dataclass

from mailsync.bootstrap import Setup, pick_users
from mailsync.errors import SettingsError


@dataclass(frozen=True, slots=True)
class Selection:
    """Users as they were named on a command line."""

    named: Sequence[str] = ()
    group: str | None = None
    everybody: bool = False

    @property
    def is_one(self) -> bool:
        """Whether exactly one user was named, whose answer then stands alone."""
        return len(self.named) == 1 and self.group is None and not self.everybody


def choose(setup: Setup, selection: Selection) -> Sequence[str]:
    """The users meant, each once. Raises SettingsError: none named, unknown ones, a group without users."""
    if selection.everybody:
        return pick_users(setup, ())
    members = members_of(setup, selection.group) if selection.group is not None else ()
    if not selection.named and not members:
        raise SettingsError(("users: name them, or give --group NAME or --all",))
    return pick_users(setup, [*selection.named, *members])


def members_of(setup: Setup, group: str) -> Sequence[str]:
    """A group's users that the settings file has. Raises SettingsError where there are none."""
    found = [user for user in setup.store.presets.members(group) if user in setup.users]
    if not found:
        known = ", ".join(sorted(setup.store.presets.book().groups)) or "none"
        raise SettingsError((f"--group {group}: no such group with users of the settings file; there are: {known}",))
    return found
