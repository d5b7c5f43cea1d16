"""What vendors and our own machine do wrong, each kind a test."""

from tests.prove.selection import select

PATHS = [
    "tests/contract/mailbox/test_faults.py",
    "tests/contract/crm/test_faults.py",
    "tests/contract/test_retry.py",
    "tests/e2e/test_bad_moments.py",
    "tests/e2e/test_bad_edits.py",
    "tests/e2e/test_addresses.py",
    "tests/faults/test_ours.py",
    "tests/faults/test_longer.py",
    "tests/faults/test_table.py",
]
SUITE = select("faults", "faults", 2.0, PATHS, "faults")
