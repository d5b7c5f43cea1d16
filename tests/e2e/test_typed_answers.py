"""C7, B12: the value that a person types in place of both sides' values."""

import pytest

from tests.e2e.stage import Stage
from tests.e2e.test_holds import assert_told, dispute, paired, titles


@pytest.fixture
def disputed(synced: Stage) -> Stage:
    return dispute(synced)


@pytest.mark.parametrize(("typed", "updated"), [("From Salesforce", (0, 1)), ("From Outlook", (1, 0)), ("", (1, 1))])
def test_B12_a_typed_value_is_written_where_it_is_another(
    disputed: Stage, typed: str, updated: tuple[int, int]
) -> None:
    disputed.run("reject", "ann", disputed.hold("B12")["hold"], "--value", typed)
    report = disputed.sync()
    assert (report["salesforce"]["updated"], report["mailbox"]["updated"]) == updated
    assert titles(disputed) == (typed or None, typed or None)
    disputed.assert_settled()


@pytest.mark.parametrize("typed", ["A", "From Salesforce and longer"])
def test_B12_L2_a_typed_value_that_reached_one_side_reaches_the_other(synced: Stage, typed: str) -> None:
    """The mailbox refuses once: what was typed is carried on, even where it is what both sides held before."""
    synced.set(conflict="ask")
    record = paired(synced, job_title="A")
    synced.org.update(record, Title="B")
    synced.ann.edit(synced.ann.get("Zoe Quinn"), job_title="C")
    synced.sync("held")
    synced.run("reject", "ann", synced.hold("B12")["hold"], "--value", typed)
    synced.fault(vendor="exchange", operation="UpdateItem", kind="drop_before", times=9)
    synced.sync(None)
    assert titles(synced) == (typed, "C")
    synced.box.sandbox.lift_faults()
    synced.sync(None)
    assert titles(synced) == (typed, typed)
    synced.assert_settled()


def test_B12_C7_a_typed_value_is_bound_to_the_versions_seen(disputed: Stage) -> None:
    disputed.run("reject", "ann", disputed.hold("B12")["hold"], "--value", "Typed")
    disputed.advance(5)
    disputed.org.update(disputed.org.named("Quinn")["Id"], Title="Newer")
    disputed.sync("held")
    assert titles(disputed) == ("Newer", "From Outlook")
    assert disputed.hold("B12")["answer"] == ""
    assert_told(disputed, "B12", 1, "Newer", "From Outlook")


def test_B12_what_can_not_be_typed_is_told_and_nothing_is_answered(disputed: Stage) -> None:
    name = disputed.hold("B12")["hold"]
    disputed.ann.create(disputed.ann.folder, "Dr", "Secret", sensitivity="Private")
    disputed.sync("held")
    other = disputed.hold("A13")["hold"]
    for words in ((other,), (name, other)):
        said = disputed.run("reject", "ann", *words, "--value", "x", code=2)
        assert "rule B12" in said["errors"][0]
    assert {h["answer"] for h in disputed.run("issues", "ann")["holds"]} == {""}
