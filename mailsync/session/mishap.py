"""Failures in words: what a person is told of an error, without a traceback and without personal values (L9)."""

from mailsync.errors import MailsyncError
from mailsync.telemetry import place_of


def sentence(error: MailsyncError) -> str:
    """An expected failure with its remedy."""
    return f"{error}. {error.remedy}" if error.remedy else str(error)


def describe_bug(error: BaseException) -> str:
    """An unexpected error by its kind and place. Its message stays out: it may hold personal values."""
    place = place_of(error) or "unknown"
    return f"internal error {type(error).__name__} at {place}: please report this line; nothing is lost, run it again"
