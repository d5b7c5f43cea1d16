"""Every scene, command and log-in of tests/e2e with its store on PostgreSQL; the company of many workers beside it."""

from tests.prove.selection import select

SUITE = select(
    "scenes-postgresql",
    "scenes on PostgreSQL",
    4.0,
    ["tests/e2e"],
    "scenes",
    [
        *("--ignore", "tests/e2e/sandbox"),  # keeps no store
        *("--ignore", "tests/e2e/test_foreseen.py"),  # a suite of its own
        *("--ignore", "tests/e2e/test_backup.py"),  # names its stores itself
    ],
    ["--store", "postgresql"],
)
