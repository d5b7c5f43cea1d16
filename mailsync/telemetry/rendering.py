"""The one place that configures logging: structlog renders our lines as JSON or for a console; libraries are told of
without their text, which may hold anything.
"""

import logging
from collections.abc import Mapping, MutableMapping
from enum import Enum
from typing import Any, TextIO

from mailsync.telemetry.lines import LOGGER
from mailsync.telemetry.vocabulary import admit


class Style(Enum):
    """How lines look."""

    OFF = "off"
    CONSOLE = "console"
    JSON = "json"


class Level(Enum):
    """The least important line that is written."""

    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


class _LogHandler(logging.StreamHandler[TextIO]):
    """Ours, to be found again: a process has one log."""


def open_log(style: Style, level: Level, stream: TextIO) -> None:
    """From now on lines go to the stream; a log that was open before is closed. Off: nothing is written."""
    root, ours = logging.getLogger(), logging.getLogger(LOGGER)
    for handler in [h for h in root.handlers if isinstance(h, _LogHandler)]:
        root.removeHandler(handler)
        ours.setLevel(logging.NOTSET)
    if style is Style.OFF:
        return
    handler = _LogHandler(stream)
    handler.setFormatter(_formatter(style, colours=stream.isatty()))
    handler.addFilter(_is_for_operators)
    ours.setLevel(level.name)
    root.addHandler(handler)


def is_open() -> bool:
    """Whether lines are written, so that nothing needs to be told twice."""
    return any(isinstance(h, _LogHandler) for h in logging.getLogger().handlers)


def _is_for_operators(record: logging.LogRecord) -> bool:
    """Our lines, and libraries' from warnings on: below that they tell bytes and addresses."""
    return record.name == LOGGER or record.levelno >= logging.WARNING


def _formatter(style: Style, *, colours: bool) -> logging.Formatter:
    import structlog

    render: Any = (
        structlog.processors.JSONRenderer(ensure_ascii=False)
        if style is Style.JSON
        else structlog.dev.ConsoleRenderer(colors=colours, timestamp_key="time", pad_event_to=20)
    )
    stamp = structlog.processors.TimeStamper(fmt="iso", utc=True, key="time")
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=[_read_record, structlog.stdlib.add_log_level, stamp],
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, render],
    )


def _read_record(_logger: object, _method: str, line: MutableMapping[str, Any]) -> Mapping[str, Any]:
    """The line of a record: ours with its fields; of a library only who told it and where, never what."""
    record: logging.LogRecord = line["_record"]
    kept = {name: line[name] for name in ("_record", "_from_structlog")}
    record.exc_info = record.exc_text = record.stack_info = None  # tracebacks hold values, too
    if record.name == LOGGER:
        return {"event": record.msg, **getattr(record, "fields", {}), **kept}
    place = f"{record.filename}:{record.lineno}"
    return {"event": "library", **admit({"logger": record.name, "place": place}), **kept}
