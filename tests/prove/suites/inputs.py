"""Nasty values through both directions."""

from tests.prove.selection import select

PATHS = [
    "tests/faults/test_inputs.py",
    "tests/faults/test_parsers.py",
    "tests/e2e/test_bad_input.py",
    "tests/e2e/test_bad_values.py",
]
SUITE = select("inputs", "bad inputs", 1.0, PATHS, "inputs")
