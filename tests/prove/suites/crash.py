"""Sessions interrupted at every step (tests/crash)."""

from tests.prove.selection import select

SUITE = select("crash", "interrupted sessions", 3.0, ["tests/crash"], "scenarios")
