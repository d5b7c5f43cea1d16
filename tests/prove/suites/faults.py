"""What vendors and our own machine do wrong, each kind a test."""

from tests.prove.selection import select

PATHS = [
    "tests/contract/mailbox/test_faults.py",
    "tests/contract/crm/test_faults.py",
    "tests/contract/test_retry.py",
    "tests/e2e/test_bad_moments.py",
    "tests/e2e/test_bad_edits.py",
]
SUITE = select("faults", "faults", 1.0, PATHS, "faults")
