"""What a session works with: one user's ports, settings and state."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from mailsync.core.person import Limits
from mailsync.core.policy import Policy
from mailsync.ports.clock import Clock
from mailsync.ports.crm import Crm, Scope
from mailsync.ports.feeds import Feeds
from mailsync.ports.mailbox import Mailbox
from mailsync.ports.scheduler import Scheduler
from mailsync.ports.store import Store
from mailsync.session.threads import THREADS


@dataclass(frozen=True, slots=True)
class Shared:
    """An organisation's feed, as a user's session takes it: no older than `oldest`, and not while `is_awaited`
    (decision 0028)."""

    feeds: Feeds
    organisation: str
    oldest: timedelta
    is_awaited: Callable[[], bool]


@dataclass(frozen=True, slots=True)
class Agent:
    """One user's agent. `policy` makes the policy from what Salesforce says of its fields."""

    user: str
    crm: Crm
    mailbox: Mailbox
    store: Store
    clock: Clock
    scope: Scope
    policy: Callable[[Limits], Policy]
    enabled: bool = True  # contacts=on (A15)
    budget_calls: int = 1000  # C4
    budget_percent: int = 10  # C4
    scheduler: Scheduler = THREADS
    shared: Shared | None = None  # the organisation's feed, where there is one that this session goes by
    at_most: int = 10_000  # records that a first session reads at once; rounds of half as many where there are more
    organisation: str = ""  # the host of its Salesforce organisation; "": not known to be any in particular


class Keys:
    """The names under which a user's state is kept."""

    FOLDER = "folder"  # the mailbox folder's id
    MAILBOX_CURSOR = "mailbox_cursor"
    MAILBOX_READ = "mailbox_read"  # when the session began whose feed the cursor ends, ISO
    CRM_CURSOR = "crm_cursor"
    SCOPE = "scope"  # the view that the cursor belongs to
    FEED = "feed"  # [epoch, number]: up to where the shared feed was looked at
    SWEPT = "swept"  # when the ids were last swept, ISO
    REPAIRING = "repairing"  # A1
    EDITED = "edited"  # while re-pairing: records whose items a reset knew to be edited (E6)
    THEIRS = "theirs"  # while re-pairing: records whose items a reset knew to be a person's (A14, A19, E6)
    REFILL = "refill"  # A3: the folder was made again, and not every item is back yet
    LISTING_FAULT = "listing_fault"  # A3: the last listing was implausible
    HOLD_DELETIONS = "hold_deletions"  # D2
    SCOPE_APPROVED = "scope_approved"  # D8
    ALL_DUE = "all_due"  # never stored, only assumed: all that is parked is tried again (E7, B8)
    PAUSED = "paused"  # E5
    FAILURES = "failures"  # failed sessions in a row (C3)
    REFUSED_LOGINS = "refused_logins"  # in a row (C3)
    SUSPENDED = "suspended"  # "", needs_login, failing (C3)
    SLOWED = "slowed"  # step of the interval's growth (C4)
    NEXT_RUN = "next_run"  # ISO
    ORGANISATION = "organisation"  # the id of the Salesforce organisation whose records the pairs are of
    ORGANISATION_AT = "organisation_at"  # the host at which that id was last seen
    COUNTED = "counted"  # [session, pairs in scope at its end]: counted anew where another session came between
    STARTED = "started"  # the first session is complete
