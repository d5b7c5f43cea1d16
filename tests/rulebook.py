"""docs/rules.md and the tests: which test proves which rule, read from the names of the tests.

`python -m tests.rulebook` writes the Tests column, and the decision table of docs/architecture.md, anew;
tests/docs/test_rules.py fails while they are not up to date.
"""

import ast
import re
from collections import defaultdict
from pathlib import Path

from mailsync.core.decision import table

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "rules.md"
ARCHITECTURE = ROOT / "docs" / "architecture.md"
CITED = re.compile(r"(?<![A-Za-z0-9])([A-GL]\d{1,2})(?![0-9])")


def cited_rules(name: str) -> set[str]:
    """The rules that a test's name cites: test_A8_category_restored, test_B2_B3_…"""
    return set(CITED.findall(name.replace("_", " ")))


def citations() -> dict[str, dict[str, int]]:
    """For every rule, how many tests cite it in each file (path below tests/)."""
    found: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for path in sorted((ROOT / "tests").rglob("test_*.py")):
        tree = ast.parse(path.read_text())
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_"):
                for rule in cited_rules(node.name):
                    found[rule][path.relative_to(ROOT / "tests").as_posix()] += 1
    return found


def rows(text: str) -> list[list[str]]:
    """The cells of the page's table rows whose first cell is a rule number."""
    lines = [line.strip().strip("|").split("|") for line in text.splitlines() if line.startswith("|")]
    cells = [[c.strip() for c in line] for line in lines]
    return [row for row in cells if re.fullmatch(r"[A-GL]\d+", row[0])]


def rendered(text: str) -> str:
    """The page with its Tests column as the tests are now."""
    found = citations()

    def render(match: re.Match[str]) -> str:
        rule = match.group(1)
        tests = ", ".join(f"{path} ({n})" for path, n in sorted(found.get(rule, {}).items())) or "–"
        return f"| {rule} | {match.group(2).strip()} | {match.group(3).strip()} | {tests} |"

    return re.sub(r"^\| ([A-GL]\d+) \|([^|\n]*)\|([^|\n]*)\|[^|\n]*\|$", render, text, flags=re.MULTILINE)


def with_table(text: str) -> str:
    """The architecture page with the decision table as the code has it."""
    begin, end = "<!-- decision table -->\n", "<!-- end of decision table -->"
    head, _, rest = text.partition(begin)
    return f"{head}{begin}{table()}\n{end}{rest.partition(end)[2]}"


if __name__ == "__main__":
    PAGE.write_text(rendered(PAGE.read_text()))
    ARCHITECTURE.write_text(with_table(ARCHITECTURE.read_text()))
