"""Nasty values through both directions."""

from tests.prove.selection import select

SUITE = select("inputs", "bad inputs", 1.0, ["tests/e2e/test_bad_input.py", "tests/e2e/test_bad_values.py"], "inputs")
