"""What can go wrong, as one tree, and what a session does about it.

MailsyncError                 every expected failure; its message is for a person, its remedy says what to do
├── SettingsError             settings are wrong: all problems at once (exit 2)
├── StoreError                our own database: locked, full, not upgraded, key file missing
│   ├── LockHeld              a live session of this user is running: this one is skipped
│   └── FenceLost             another session of this user has begun: this one must write nothing more
├── EngineError               the queue that hands users to workers can't be used
├── FolderTaken               the folder carries another installation's mark, or an unknown generation (A1)
├── OrganisationChanged       the user's pairs are of another Salesforce organisation than the file leads to
└── VendorError               a vendor (salesforce, exchange …) did not do what was asked
    ├── Unreachable           no connection or no answer in time; nothing was carried out or only read
    │   └── CertificateRefused  the server's certificate is not to be trusted: nothing was sent, asking again is no use
    ├── OutcomeUnknown        a write was sent and its answer is lost: it may or may not have been carried out (B15)
    ├── Throttled             asked to wait; `after` seconds when the vendor says how long
    ├── LoginRefused          password or token refused (C3)
    ├── PermissionMissing     logged in, but not allowed to do this
    ├── BudgetSpent           the organisation's daily calls are used up (C4)
    ├── CursorInvalid         a sync state, watermark or locator is no longer valid: read everything once
    ├── FolderLost            the folder is not where its id says
    ├── ViewBroken            the list view is deleted, unreadable or of another object (A16)
    └── AnswerBroken          an answer that is cut, garbled or not this vendor's: nothing of it may be believed

What a vendor says of a single record or item is not an exception but an outcome (ports.py).
"""

from enum import Enum


class MailsyncError(Exception):
    """An expected failure. `str()` is a sentence for a person; `remedy` says what to do about it."""

    def __init__(self, message: str, remedy: str = "") -> None:
        super().__init__(message)
        self.remedy = remedy


class SettingsError(MailsyncError):
    """Settings that can't be used. `problems` holds a line for each, naming the key and the remedy."""

    def __init__(self, problems: tuple[str, ...]) -> None:
        super().__init__("; ".join(problems))
        self.problems = problems


class StoreError(MailsyncError):
    """Our own database or key file can't be used."""


class LockHeld(StoreError):
    """A live session of this user holds the lock."""


class FenceLost(StoreError):
    """A newer session holds this user's fence; nothing more may be written by the older one."""


class EngineError(MailsyncError):
    """The queue of users can't be used."""


class FolderTaken(MailsyncError):
    """The folder belongs to another installation (A1)."""


class OrganisationChanged(MailsyncError):
    """The pairs are of another Salesforce organisation; those of this one must not be taken for them."""


class VendorError(MailsyncError):
    """A vendor did not do what was asked. `code` is the vendor's own, for logs and issues."""

    def __init__(self, vendor: str, message: str, *, code: str = "", remedy: str = "") -> None:
        super().__init__(message, remedy)
        self.vendor = vendor
        self.code = code


class Unreachable(VendorError):
    """No connection or no answer; nothing was changed."""


class CertificateRefused(Unreachable):
    """The server could not prove who it is: no log-in and nothing else was sent to it."""


class OutcomeUnknown(VendorError):
    """A write was sent and its answer lost."""


class Throttled(VendorError):
    """The vendor asks to wait; `after` is in seconds, None when it does not say."""

    def __init__(self, vendor: str, message: str, *, code: str = "", after: float | None = None) -> None:
        super().__init__(vendor, message, code=code)
        self.after = after


class LoginRefused(VendorError):
    """Password or token refused."""


class PermissionMissing(VendorError):
    """Logged in, but not allowed."""


class BudgetSpent(VendorError):
    """The organisation's daily API calls are used up."""


class CursorInvalid(VendorError):
    """A stored cursor is no longer valid."""


class FolderLost(VendorError):
    """The folder is not where its id says."""


class ViewBroken(VendorError):
    """The list view can't be used."""


class AnswerBroken(VendorError):
    """An answer that must not be believed."""


class Disposition(Enum):
    """What a session does about an error."""

    RETRY = "retry"  # the same request again, after a wait
    PAUSE = "pause"  # end this session politely; the next one comes later than usual
    SKIP = "skip"  # this user can't run now: needs log-in, is taken by another, or is misconfigured
    HALT = "halt"  # end this session as failed; cursors stay as they were
    BUG = "bug"  # not expected by anyone


def dispose(error: BaseException) -> Disposition:
    """Classifies an error: pure, so that every loop treats it alike."""
    match error:
        case Unreachable() | Throttled():
            return Disposition.RETRY
        case BudgetSpent():
            return Disposition.PAUSE
        case LoginRefused() | FolderTaken() | OrganisationChanged() | SettingsError():
            return Disposition.SKIP
        case MailsyncError():
            return Disposition.HALT
        case _:
            return Disposition.BUG
