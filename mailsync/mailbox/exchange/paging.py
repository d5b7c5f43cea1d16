"""When pages have gone on for too long to be believed."""

from dataclasses import dataclass

from mailsync.errors import AnswerBroken
from mailsync.mailbox.exchange.login import VENDOR

MOST_PAGES = 20_000
"""Of one listing: of items these are five millions."""
PATIENCE = 3
"""Pages in a row that tell nothing new."""


@dataclass(slots=True)
class Progress:
    """How far the pages of one listing have led."""

    told: int = 0
    pages: int = 0
    idle: int = 0

    def turn(self, told: int) -> None:
        """Another page will follow; `told`: how many different things are known by now. Raises AnswerBroken where
        pages tell nothing new, or have no end.
        """
        self.pages += 1
        self.idle = 0 if told > self.told else self.idle + 1
        self.told = told
        if self.idle >= PATIENCE or self.pages >= MOST_PAGES:
            raise AnswerBroken(VENDOR, "Exchange's pages don't end", code="PAGING")
