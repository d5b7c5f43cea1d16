"""What `doctor` finds: one line for each thing that was looked at, and what to do where it is not as it should be."""

from dataclasses import dataclass
from enum import Enum


class Outcome(Enum):
    """How a thing was found."""

    OK = "ok"
    NOTE = "note"  # works, but somebody should know
    PROBLEM = "problem"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at. `advice` says what to do about a note or a problem."""

    area: str
    outcome: Outcome
    message: str
    advice: str = ""
    user: str = ""  # "": the installation itself


def ok(area: str, message: str) -> Finding:
    """A thing that is as it should be."""
    return Finding(area, Outcome.OK, message)


def note(area: str, message: str, advice: str) -> Finding:
    """A thing that works, but that somebody should know of."""
    return Finding(area, Outcome.NOTE, message, advice)


def problem(area: str, message: str, advice: str) -> Finding:
    """A thing that must be mended."""
    return Finding(area, Outcome.PROBLEM, message, advice)
