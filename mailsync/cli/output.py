"""What commands print: one JSON document, or tables and lines for a person; progress where someone watches."""

import json
import re
import sys
import threading
from collections.abc import Callable, Generator, Iterable, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from mailsync.errors import SettingsError

Progress = Callable[[str, int, int], None]

UNHURRIED = 1.0
"""Seconds after which progress is shown (contract.md)."""


WIDTH = 160
"""Columns of a table where no terminal says how many there are."""


# Names and an organisation's messages may hold what terminals obey (escape sequences, C1 controls), what turns the
# text around it (bidirectional overrides and isolates), and halves of characters that no stream can write.
_UNSHOWABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")


def showable(text: str) -> str:
    """The text with a sign in the place of each character that a terminal would obey instead of showing."""
    return _UNSHOWABLE.sub("\ufffd", text)


def print_json(document: Any) -> None:
    """One JSON document, UTF-8, and nothing else on stdout; what a terminal would obey is escaped, nothing is lost."""
    text = json.dumps(document, ensure_ascii=False, indent=2)
    sys.stdout.write(_UNSHOWABLE.sub(lambda found: f"\\u{ord(found[0]):04x}", text) + "\n")


def say(text: str = "") -> None:
    """One line for a person. What was typed by people is never taken for markup, nor for a terminal's commands."""
    sys.stdout.write(f"{showable(text)}\n")


def warn(text: str) -> None:
    """One line on stderr."""
    sys.stderr.write(f"mailsync: {showable(text)}\n")


def write_or_print(text: str, target: Path | None) -> None:
    """A document for a file, as UTF-8 into the file, or as it is on stdout where none is given. Raises SettingsError
    where the file can't be written."""
    if target is None:
        sys.stdout.write(text)
        return
    try:
        target.write_text(text, encoding="utf-8")
    except OSError as error:
        raise SettingsError((f"{target}: can't be written: {error.strerror}",)) from None
    say(f"{target} is written")


def print_table(columns: Sequence[str], rows: Iterable[Sequence[object]], title: str = "") -> None:
    """A table as wide as it must be where nobody watches, as wide as the terminal where someone does."""
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(title=title or None, title_justify="left", box=box.SIMPLE_HEAD, pad_edge=False)
    for column in columns:
        table.add_column(column, overflow="fold")
    for row in rows:
        table.add_row(*(Text("" if cell is None else showable(str(cell))) for cell in row))
    Console(soft_wrap=not sys.stdout.isatty(), width=None if sys.stdout.isatty() else WIDTH).print(table)


@contextmanager
def watched(what: str, *, quiet: bool = False) -> Generator[Progress]:
    """Progress on stderr for whatever takes longer than a second; silent where no terminal is there, or `quiet`."""
    if quiet or not sys.stderr.isatty():
        yield lambda _what, _done, _all: None
        return
    with _bar(what) as progress:
        yield progress


@contextmanager
def _bar(what: str) -> Generator[Progress]:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = (SpinnerColumn(), TextColumn("{task.description}", markup=False), BarColumn(), MofNCompleteColumn())
    bar = Progress(*columns, TimeElapsedColumn(), console=Console(stderr=True), transient=True)
    task = bar.add_task(what, total=None)
    delayed = threading.Timer(UNHURRIED, bar.start)
    delayed.start()
    try:
        yield lambda stage, done, total: bar.update(
            task, description=f"{what}: {stage}", completed=done, total=total or None
        )
    finally:
        delayed.cancel()
        bar.stop()


def is_asked() -> bool:
    """Whether there is somebody who can be asked."""
    return sys.stdin.isatty()


def ask(question: str) -> bool:
    """Asks a person y/N. Where stdin is no terminal nobody is asked and the answer is yes (contract.md, `set`)."""
    if not is_asked():
        return True
    sys.stderr.write(f"{question} [y/N] ")
    sys.stderr.flush()
    return sys.stdin.readline().strip().casefold() in ("y", "yes")
