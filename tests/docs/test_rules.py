"""docs/rules.md says the truth: rules, places and tests exist."""

from tests.rulebook import ARCHITECTURE, PAGE, ROOT, citations, rendered, rows, with_table


def test_every_place_that_decides_a_rule_exists():
    missing = [
        (row[0], place)
        for row in rows(PAGE.read_text())
        for place in (p.strip() for p in row[2].split(","))
        if not (ROOT / "mailsync" / place).exists()
    ]
    assert missing == []


def test_every_listed_rule_has_a_test_that_cites_it():
    found = citations()
    assert [row[0] for row in rows(PAGE.read_text()) if row[0] not in found] == []


def test_the_tests_column_is_up_to_date():
    assert PAGE.read_text() == rendered(PAGE.read_text()), "run: python -m tests.rulebook"


def test_the_decision_table_is_printed_from_the_code():
    assert ARCHITECTURE.read_text() == with_table(ARCHITECTURE.read_text()), "run: python -m tests.rulebook"
