"""Presets: named settings that an administrator gives to users and groups, and the layer that they are for each user.

A *preserve* preset stands below what the settings file says of a user and what `set` stored: it is a better default.
An *override* preset stands above both: it is the rule of the house. Among each other, later ones win.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum


class Mode(Enum):
    """Whether a preset gives way to what is set for a user."""

    PRESERVE = "preserve"
    OVERRIDE = "override"


@dataclass(frozen=True, slots=True)
class Preset:
    """Settings under a name, and whom they are for."""

    name: str
    mode: Mode
    settings: Mapping[str, str]  # text by key, as `get` shows it
    users: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    everybody: bool = False
    about: str = ""


@dataclass(frozen=True, slots=True)
class Book:
    """All presets, in their order, and the groups of users that they name."""

    presets: tuple[Preset, ...] = ()
    groups: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])

    def of(self, user: str) -> tuple[Preset, ...]:
        """The presets that are for a user, in their order."""
        mine = {name for name, members in self.groups.items() if user in members}
        return tuple(p for p in self.presets if p.everybody or user in p.users or mine & set(p.groups))


def layers(presets: tuple[Preset, ...], mode: Mode) -> list[tuple[str, Mapping[str, str]]]:
    """The layers of one mode, each with its origin as `get` shows it."""
    return [(f"preset {p.name}", p.settings) for p in presets if p.mode is mode]


def fixed_by(presets: tuple[Preset, ...]) -> Mapping[str, str]:
    """Keys that nothing set for the user can change, each with the preset that decides it."""
    return {key: p.name for p in presets if p.mode is Mode.OVERRIDE for key in p.settings}
