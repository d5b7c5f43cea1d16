"""docs/cli.md says what there is: every command, every key, nothing else."""

import re
from pathlib import Path
from typing import Any

from typer.main import get_command

from mailsync.cli import app
from mailsync.settings import KEYS

PAGE = Path(__file__).parents[3] / "docs" / "cli.md"


def render_keys() -> str:
    """The table of keys as it belongs into the page."""
    rows = [
        f"| `{k.name}` | {k.kind.allowed.replace('|', chr(92) + '|')} | {k.default or '–'} | {k.about} | {k.rule} |"
        for k in KEYS
    ]
    return "\n".join(["| key | takes | default | decides | rule |", "|---|---|---|---|---|", *rows])


def test_the_page_has_the_table_of_keys() -> None:
    found = re.search(r"<!-- keys:[^>]*-->\n(.*)<!-- /keys -->", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    assert found is not None
    assert found[1].strip() == render_keys()


def names(command: Any, path: str = "") -> set[str]:
    below = getattr(command, "commands", None)
    if below is None:
        return {path.strip()}
    return {name for key, each in below.items() for name in names(each, f"{path} {key}")}


def test_the_page_has_every_command() -> None:
    page = PAGE.read_text(encoding="utf-8")
    table = page[page.index("## Commands") : page.index("`CONTACT` is")]
    first_cells = "\n".join(line.split(" | ")[0] for line in table.splitlines())
    documented = set(
        re.findall(r"`([a-z]+(?: upgrade| rotate| move| backup| list| export| plan| import)?)[ `]", first_cells)
    )
    assert documented == names(get_command(app))


def test_every_option_of_the_program_is_on_the_page() -> None:
    page = PAGE.read_text(encoding="utf-8")

    def options(command: Any) -> set[str]:
        mine = {o for p in command.params for o in p.opts if o.startswith("--")}
        return mine.union(*(options(c) for c in getattr(command, "commands", {}).values()))

    assert {o for o in options(get_command(app)) - {"--help"} if o not in page} == set()
