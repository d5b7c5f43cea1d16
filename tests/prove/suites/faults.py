"""What vendors and our own machine do wrong, each kind a test; servers that lie on purpose."""

from tests.prove.selection import select

PATHS = [
    "tests/contract/mailbox/test_faults.py",
    "tests/contract/mailbox/microsoft/test_faults.py",
    "tests/contract/google/test_faults.py",
    "tests/contract/crm/test_faults.py",
    "tests/contract/test_retry.py",
    "tests/e2e/test_bad_moments.py",
    "tests/e2e/test_bad_edits.py",
    "tests/e2e/test_addresses.py",
    "tests/faults/test_ours.py",
    "tests/faults/test_longer.py",
]
SUITES = (
    select("faults", "faults", 1.0, PATHS, "faults"),
    *(
        select(
            f"faults-{kind}",
            f"fault table beside {kind}",
            3.0,
            ["tests/faults/test_table.py"],
            "rows",
            ["-k", f"{kind}:"],
        )
        for kind in ("exchange", "google", "microsoft")
    ),
    select("hostile", "hostile servers", 0.3, ["tests/security/test_hostile.py"], "lies"),
)
