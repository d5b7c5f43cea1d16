"""Failures in words: what a person is told of an error, without a traceback and without personal values (L9)."""

import traceback

from mailsync.errors import MailsyncError


def sentence(error: MailsyncError) -> str:
    """An expected failure with its remedy."""
    return f"{error}. {error.remedy}" if error.remedy else str(error)


def describe_bug(error: BaseException) -> str:
    """An unexpected error by its kind and place. Its message stays out: it may hold personal values."""
    frames = [f for f in traceback.extract_tb(error.__traceback__) if "mailsync" in f.filename]
    place = f"{frames[-1].filename.rpartition('mailsync')[2].lstrip('/')}:{frames[-1].lineno}" if frames else "unknown"
    return f"internal error {type(error).__name__} at {place}: please report this line; nothing is lost, run it again"
