"""Scenes: pause and resume, and two sides that agree (E5, L1)."""

from mailsync.cli.demo.stage import USER, Stage
from mailsync.cli.life import change_users
from mailsync.cli.output import print_table
from mailsync.cli.selection import Selection


def pause_and_resume(stage: Stage) -> None:
    """E5: paused, nothing happens; resumed, it goes on from there."""
    stage.says("Ann pauses the sync, and changes a number in Salesforce meanwhile.")
    change_users(stage.config, Selection([USER]), "pause", plan=False, sure=True, as_json=False)
    stage.ann.edit("Priya Ramaswamy", {"MobilePhone": "+1 919 555 0119"})
    report = stage.sync()
    stage.expect(report.status == "skipped", "E5: the session is skipped")
    stage.says("She resumes.")
    change_users(stage.config, Selection([USER]), "resume", plan=False, sure=True, as_json=False)
    stage.sync()
    stage.expect(stage.item("Priya Ramaswamy").get("MobilePhone") == "+1 919 555 0119", "E5: it went on from there")


def agree(stage: Stage) -> None:
    """L1: two sides that agree: nothing is written, and four requests are all that it costs."""
    stage.sync()
    stage.says("Nobody does anything. One more session:")
    stage.clear_requests()
    report = stage.sync()
    log = [r for r in stage.requests() if r["status"] != 401]
    print_table(("vendor", "operation", "what it does", "bytes"), [_row(r) for r in log])
    wrote = [r for r in log if {"create", "update", "delete", "move"} & set(r["actions"])]
    stage.expect(not wrote, "L1: nothing was written on either side")
    stage.expect(report.requests == (1, 3), "1 request to Salesforce and 3 to Exchange were enough")


def _row(request: dict[str, object]) -> tuple[object, ...]:
    sizes = request["sizes"]
    assert isinstance(sizes, dict)
    actions = request["actions"]
    assert isinstance(actions, list)
    return request["vendor"], request["operation"], ", ".join(map(str, actions)), sizes["response"]  # pyright: ignore[reportUnknownVariableType,reportUnknownArgumentType] - JSON
