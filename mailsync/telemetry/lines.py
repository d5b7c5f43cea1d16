"""Telling a line: an event and its fields, through the standard library's logging. Silent until `open_log`.

The renderer is imported where a log is opened, not here: commands of people start without it.
"""

import logging
import traceback
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from types import MappingProxyType

from mailsync.errors import MailsyncError, VendorError
from mailsync.telemetry.vocabulary import admit

LOGGER = "mailsync"
_LOG = logging.getLogger(LOGGER)
_LOG.addHandler(logging.NullHandler())  # else logging writes warnings to stderr where no log is open

_NOTHING: Mapping[str, object] = MappingProxyType({})
_around: ContextVar[Mapping[str, object]] = ContextVar("around", default=_NOTHING)


def tell(event: str, *, level: int = logging.INFO, **fields: object) -> None:
    """Tells a line. `event` and fields are those of the vocabulary; None is left out."""
    if _LOG.isEnabledFor(level):
        _LOG.log(level, event, extra={"fields": admit({**_around.get(), **fields})})


def tell_error(event: str, error: BaseException, *, level: int = logging.ERROR, **fields: object) -> None:
    """Tells what kind of error it was: never its message, which is for the person concerned."""
    vendor, code = (error.vendor, error.code or None) if isinstance(error, VendorError) else (None, None)
    place = None if isinstance(error, MailsyncError) else place_of(error)
    tell(event, level=level, error=type(error).__name__, vendor=vendor, code=code, place=place, **fields)


def place_of(error: BaseException) -> str | None:
    """Where in the program a bug is, as file and line; None where none of its code was run."""
    frames = [f for f in traceback.extract_tb(error.__traceback__) if "mailsync" in f.filename]
    return f"{frames[-1].filename.rpartition('mailsync')[2].lstrip('/')}:{frames[-1].lineno}" if frames else None


@contextmanager
def bound(**fields: object) -> Generator[None]:
    """Every line told within the context carries these fields."""
    token = _around.set({**_around.get(), **fields})
    try:
        yield
    finally:
        _around.reset(token)
