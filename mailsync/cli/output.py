"""What commands print: one JSON document, or tables and lines for a person; progress where someone watches."""

import json
import sys
import threading
from collections.abc import Callable, Generator, Iterable, Sequence
from contextlib import contextmanager
from typing import Any

Progress = Callable[[str, int, int], None]

UNHURRIED = 1.0
"""Seconds after which progress is shown (contract.md)."""


WIDTH = 160
"""Columns of a table where no terminal says how many there are."""


def print_json(document: Any) -> None:
    """One JSON document, UTF-8, and nothing else on stdout."""
    sys.stdout.write(json.dumps(document, ensure_ascii=False, indent=2) + "\n")


def say(text: str = "") -> None:
    """One line for a person. What was typed by people is never taken for markup."""
    sys.stdout.write(f"{text}\n")


def warn(text: str) -> None:
    """One line on stderr."""
    sys.stderr.write(f"mailsync: {text}\n")


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
        table.add_row(*(Text("" if cell is None else str(cell)) for cell in row))
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


def ask(question: str) -> bool:
    """Asks a person y/N. Where stdin is no terminal nobody is asked and the answer is yes (contract.md, `set`)."""
    if not sys.stdin.isatty():
        return True
    sys.stderr.write(f"{question} [y/N] ")
    sys.stderr.flush()
    return sys.stdin.readline().strip().casefold() in ("y", "yes")
