"""D8, watched: how much a session takes away."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass
class Brake:
    """D8: what a session deletes and removes of pairs, by side, beside what a person approved."""

    pairs: Mapping[str, str] = field(default_factory=dict[str, str])  # records and items of pairs, each to its record
    most: int = 0
    done: dict[str, int] = field(default_factory=lambda: {"crm": 0, "mailbox": 0})

    def count(self, side: str, ref: str) -> str:
        """What is wrong, or nothing."""
        if ref not in self.pairs:
            return ""
        self.done[side] += 1
        if self.done[side] <= self.most:
            return ""
        return f"D8: a session removes {self.done[side]} of its pairs on the {side} side, {self.most} at most"
