"""How large a run is: as asked for (issue 7), or small, to see that all of it works."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Size:
    """Numbers of contacts, users and rounds."""

    few: int = 1_000
    usual: int = 10_000
    many: int = 50_000
    first: int = 100_000
    accounts: int = 1_000  # distinct mailboxes of one worker
    sessions: int = 10_000  # in all of them
    organisations: int = 100_000  # Accounts of the organisation
    companies: int = 1_000
    pairs: int = 1_000_000  # of the planner at the most
    rounds: int = 5


FULL = Size()
SMALL = Size(50, 200, 400, 1_500, 20, 60, 2_000, 50, 20_000, 3)
