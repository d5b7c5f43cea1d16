"""Plans that are what the session does, and undos that stay undone, over every scenario of tests/crash."""

from tests.prove.selection import select

SUITE = select("foreseen", "plans and undos", 1.0, ["tests/e2e/test_foreseen.py"], "scenes")
