"""docs/decisions: each has a number of its own, the same in its name and its title; links to them lead somewhere."""

import re
from collections import Counter
from pathlib import Path

import pytest

DOCS = Path(__file__).parents[2] / "docs"
DECISIONS = sorted((DOCS / "decisions").glob("*.md"))
LINK = re.compile(r"\]\((?:decisions/)?(\d{4}-[\w-]+\.md)")


def test_a_number_names_one_decision() -> None:
    counted = Counter(page.name[:4] for page in DECISIONS)
    assert [number for number, count in counted.items() if count > 1] == []


@pytest.mark.parametrize("page", DECISIONS, ids=lambda page: page.stem)
def test_the_title_begins_with_the_number(page: Path) -> None:
    assert page.read_text().startswith(f"# {page.name[:4]} ")


@pytest.mark.parametrize("page", [*DOCS.glob("*.md"), *DECISIONS], ids=lambda page: page.stem)
def test_links_to_decisions_lead_somewhere(page: Path) -> None:
    names = {p.name for p in DECISIONS}
    assert [name for name in LINK.findall(page.read_text()) if name not in names] == []
