"""docs/operations.md says what the log tells: every event and field, nothing else."""

import re
from collections.abc import Mapping
from pathlib import Path

from mailsync.telemetry.vocabulary import EVENTS, FIELDS

PAGE = Path(__file__).parents[2] / "docs" / "operations.md"


def render(column: str, meanings: Mapping[str, str]) -> str:
    """A table as it belongs into the page."""
    return "\n".join([f"| {column} | says |", "|---|---|", *(f"| `{k}` | {v} |" for k, v in meanings.items())])


TABLES = {
    "events": render("event", EVENTS),
    "fields": render("field", {name: meaning for name, (_, meaning) in FIELDS.items()}),
}


def write_tables(text: str) -> str:
    """The page with its tables as they should be."""
    for name, table in TABLES.items():
        between = re.compile(rf"(<!-- {name}:[^>]*-->\n).*?(<!-- /{name} -->)", re.DOTALL)
        text = between.sub(lambda found, table=table: f"{found[1]}{table}\n{found[2]}", text)
    return text


def test_the_page_has_the_tables_of_the_vocabulary() -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert text == write_tables(text)


if __name__ == "__main__":
    PAGE.write_text(write_tables(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
