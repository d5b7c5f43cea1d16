"""Whom a command is about: users by name, a group's members, or everybody; of these, those who pass the filters."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mailsync.bootstrap import Setup, pick_users, settings_of
from mailsync.errors import SettingsError
from mailsync.session.agent import Keys
from mailsync.session.drive import why_not

STATES = ("on", "off", "paused", "needs_login", "failing")
"""What `status` says of a user."""


@dataclass(frozen=True, slots=True)
class Selection:
    """Users as they were meant on a command line. A filter by itself is about everybody who passes it."""

    named: Sequence[str] = ()
    group: str | None = None
    everybody: bool = False
    organisation: str | None = None
    state: str | None = None

    @property
    def is_one(self) -> bool:
        """Whether exactly one user was named, whose answer then stands alone."""
        return len(self.named) == 1 and self.group is None and not self.everybody and not self.is_filtered

    @property
    def is_filtered(self) -> bool:
        """Whether it is about some of those who were named only."""
        return self.organisation is not None or self.state is not None


def choose(setup: Setup, selection: Selection) -> Sequence[str]:
    """The users meant, each once. Raises SettingsError: none named, unknown ones, a group without users, an unknown
    filter, or one that nobody passes."""
    check_filters(setup, selection)
    members = members_of(setup, selection.group) if selection.group is not None else ()
    named = [*selection.named, *members]
    if not named and not selection.everybody and not selection.is_filtered:
        raise SettingsError(("users: name them, or give --group NAME, --organisation NAME, --state STATE or --all",))
    found = pick_users(setup, () if selection.everybody else named)
    chosen = [user for user in found if _passes(setup, user, selection)]
    if not chosen:
        raise SettingsError(("--organisation, --state: nobody of those who are meant passes these filters",))
    return chosen


def check_filters(setup: Setup, selection: Selection) -> None:
    """Raises SettingsError naming what there is."""
    problems: list[str] = []
    known = [name for name in setup.settings.organisations if name]
    if selection.organisation is not None and selection.organisation not in known:
        there = f"there are: {', '.join(known)}" if known else "the settings file has no [organisations.…]"
        problems.append(f"--organisation {selection.organisation}: no such organisation; {there}")
    if selection.state is not None and selection.state not in STATES:
        problems.append(f"--state {selection.state}: no such state; there are: {', '.join(STATES)}")
    if problems:
        raise SettingsError(tuple(problems))


def _passes(setup: Setup, user: str, selection: Selection) -> bool:
    elsewhere = selection.organisation not in (None, setup.settings.users[user].organisation)
    return not elsewhere and (selection.state is None or selection.state == state_of(setup, user))


def state_of(setup: Setup, user: str) -> str:
    """A user's state in a word."""
    return name_state(setup.store.state(user), enabled=settings_of(setup, user).contacts)


def name_state(state: Mapping[str, Any], *, enabled: bool) -> str:
    """A user's state in a word, by what is stored."""
    if state.get(Keys.PAUSED):
        return "paused"
    return state.get(Keys.SUSPENDED) or ("off" if why_not(state, enabled=enabled) else "on")


def members_of(setup: Setup, group: str) -> Sequence[str]:
    """A group's users that the settings file has. Raises SettingsError where there are none."""
    found = [user for user in setup.store.presets.members(group) if user in setup.users]
    if not found:
        known = ", ".join(sorted(setup.store.presets.book().groups)) or "none"
        raise SettingsError((f"--group {group}: no such group with users of the settings file; there are: {known}",))
    return found
