"""L9: what a log line can say at all. Lines are told in the program's own words, or not at all."""

import ast
import io
import json
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import cast

import pytest

from mailsync.errors import Throttled
from mailsync.telemetry import bound, tell, tell_error
from mailsync.telemetry.rendering import Level, Style, open_log
from mailsync.telemetry.requests import KINDS, OTHER, Ledger
from mailsync.telemetry.vocabulary import EVENTS, FIELDS, WITHHELD, admit

ROOT = Path(__file__).parents[3] / "mailsync"


def told() -> Iterator[tuple[str, ast.Call]]:
    """Every call that tells a line, with where it stands."""
    for path in sorted(ROOT.rglob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        tells = "mailsync.telemetry" in path.read_text(encoding="utf-8") or path.parent.name == "telemetry"
        for node in ast.walk(tree):
            named = node.func.id if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) else ""
            if tells and named in ("tell", "tell_error"):
                yield f"{path.name}:{node.lineno}", cast("ast.Call", node)


def test_L9_every_line_of_the_program_is_of_the_vocabulary() -> None:
    events = set[str]()
    for place, call in told():
        first = call.args[0]
        if isinstance(first, ast.Name) and place.startswith("lines.py"):
            continue  # tell_error hands its event on
        assert isinstance(first, ast.Constant), place
        events.add(str(first.value))
        fields = {k.arg for k in call.keywords if k.arg} - {"level"}
        assert fields <= set(FIELDS), place
    assert events == set(EVENTS)


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    stream = io.StringIO()
    open_log(Style.JSON, Level.DEBUG, stream)
    yield stream
    open_log(Style.OFF, Level.DEBUG, stream)


def lines(log: io.StringIO) -> list[dict[str, object]]:
    return [json.loads(line) for line in log.getvalue().splitlines()]


def test_a_line_carries_what_is_bound_around_it(log: io.StringIO) -> None:
    with bound(user="ann", session=7):
        tell("session.begun")
    tell("serve.stopped")
    first, second = lines(log)
    assert (first["event"], first["user"], first["session"], first["level"]) == ("session.begun", "ann", 7, "info")
    assert "user" not in second
    assert str(first["time"]).endswith("Z")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("code", "Jane Doe is no field"),
        ("code", "jane@x.example"),
        ("place", "Jane Doe"),
        ("session", "7 for Jane"),
        ("status", "Done for Jane"),
        ("vendor", "Jane"),
        ("keys", "block=jane@x.example"),
        ("why", "Jane"),
        ("seconds", object()),
    ],
)
def test_L9_a_value_of_another_shape_is_withheld(field: str, value: object) -> None:
    assert admit({field: value}) == {field: WITHHELD}


def test_L9_a_field_that_is_in_no_list_is_left_out() -> None:
    assert admit({"name": "Jane Doe", "email": "jane@x.example", "user": "ann", "late": None}) == {"user": "ann"}


def test_L9_an_error_is_told_by_kind_and_code_never_by_its_words(log: io.StringIO) -> None:
    tell_error("request.repeated", Throttled("exchange", "Jane Doe has too many", code="ErrorServerBusy"), wait=2.0)
    try:
        raise ValueError("Jane Doe")
    except ValueError as error:
        tell_error("session.failed", error)
    assert "Jane" not in log.getvalue()
    first, second = lines(log)
    assert (first["error"], first["vendor"], first["code"]) == ("Throttled", "exchange", "ErrorServerBusy")
    assert second["error"] == "ValueError"


def test_L9_of_a_library_only_who_told_something_and_where(log: io.StringIO) -> None:
    library = logging.getLogger("urllib3.connectionpool")
    library.setLevel(logging.DEBUG)
    library.debug("GET /jane")
    try:
        raise ValueError("Jane Doe")
    except ValueError:
        library.warning("Connection for %s lost", "Jane", exc_info=True, stack_info=True)
    library.setLevel(logging.NOTSET)
    (line,) = lines(log)
    assert (line["event"], line["logger"], line["level"]) == ("library", "urllib3.connectionpool", "warning")
    assert "Jane" not in log.getvalue()


def test_a_log_that_is_opened_anew_or_closed_leaves_none_behind() -> None:
    first, second = io.StringIO(), io.StringIO()
    open_log(Style.JSON, Level.INFO, first)
    open_log(Style.CONSOLE, Level.WARNING, second)
    tell("serve.stopped")
    tell("store.restored", level=logging.WARNING)
    open_log(Style.OFF, Level.INFO, second)
    tell("store.restored", level=logging.WARNING)
    assert first.getvalue() == ""
    assert second.getvalue().count("store.restored") == 1
    assert "serve.stopped" not in second.getvalue()


def test_answers_are_counted_by_vendor_and_code_and_never_by_more_than_so_many() -> None:
    ledger = Ledger()
    for n in range(KINDS + 50):
        ledger.count(ledger.answered, "google", f"E{n}")
    ledger.count(ledger.answered, "google", "Jane Doe")
    assert len(ledger.answered) == KINDS + 1
    assert ledger.answered["google", OTHER] == 51
