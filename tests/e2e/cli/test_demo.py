"""The demonstration itself, and that it fails when a promise does not hold."""

import pytest

from mailsync.bootstrap import open_setup
from mailsync.cli.demo import show
from mailsync.cli.demo.stage import Stage
from mailsync.session.report import Report
from mailsync.worker.turn import take_turn
from tests.e2e.cli.desk import spawn
from tests.e2e.stage import WRITES

RULES = ("A3", "A6", "A7", "A8", "A9", "A14", "A17", "A18", "B1", "B2", "B5", "B10", "B12", "B13", "B16", "C1", "C7")


def test_the_demonstration_ends_by_itself_and_every_promise_holds() -> None:
    playing = spawn(["demo", "--once"])
    out, err = playing.communicate(timeout=100)
    assert (playing.returncode, err) == (0, ""), out[-3000:]
    assert "0 did not hold" in out
    assert [r for r in (*RULES, "D1", "D4", "D8", "E5", "L1") if f"{r} " not in out and f"{r}:" not in out] == []


def test_L1_a_second_session_after_any_step_of_the_demonstration_writes_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    play, second = Stage.turn, list[tuple[int, list[str]]]()

    def turn_twice(stage: Stage, user: str, *, told: bool = True) -> Report:
        report = play(stage, user, told=told)
        before = len(stage.requests())
        with open_setup(stage.config) as setup:
            take_turn(setup, user)
        written = [r["operation"] for r in stage.requests()[before:] if WRITES & set(r["actions"])]
        second.append((report.session, written))
        return report

    monkeypatch.setattr(Stage, "turn", turn_twice)
    assert show.run_demo(once=True) == 0
    assert len(second) > 20
    assert [step for step in second if step[1]] == []


def test_a_promise_that_does_not_hold_fails_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def forgetful(stage: Stage) -> None:
        """A3: a scene without a session."""
        stage.expect(stage.in_folder(), "A3: the folder is full")

    monkeypatch.setattr(show, "SCENES", (forgetful,))
    assert show.run_demo(once=True) == 1
    assert "✗ A3: the folder is full" in capsys.readouterr().out


def test_a_scene_that_can_not_be_played_fails_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def impossible(stage: Stage) -> None:
        """A8: a contact that is not there."""
        stage.outlook.delete(["Nobody"], "Contacts")

    monkeypatch.setattr(show, "SCENES", (impossible,))
    assert show.run_demo(once=True) == 1
    assert "has no contact Nobody" in capsys.readouterr().out
