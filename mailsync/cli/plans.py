"""`mailsync plan`: the next session's plan, action by action; nothing is written anywhere."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mailsync.bootstrap import agent_of, open_setup, pick_users
from mailsync.cli.output import print_json, print_table, say, watched
from mailsync.core.actions import Plan
from mailsync.session.report import plan_json
from mailsync.session.run import preview


def show_plan(config: Path | None, user: str, *, as_json: bool) -> None:
    """Prints the plan. Raises SettingsError, VendorError."""
    with open_setup(config) as setup:
        pick_users(setup, [user])
        with watched(user, quiet=as_json) as progress, agent_of(setup, user) as agent:
            progress("reading both sides", 0, 0)
            plan = preview(agent)
    if as_json:
        print_json(plan_json(plan))
    else:
        print_plan(plan)


def print_plan(plan: Plan) -> None:
    """A plan for a person."""
    shape = plan_json(plan)
    if shape["actions"]:
        columns = ("rule", "side", "kind", "record", "item", "fields", "reason")
        print_table(columns, [action_row(a) for a in shape["actions"]])
    else:
        say("Both sides agree: the next session writes nothing.")
    if shape["holds"]:
        rows = [(h["hold"], h["rule"], h["count"], h["question"]) for h in shape["holds"]]
        print_table(("hold", "rule", "contacts", "question"), rows)
    for issue in shape["issues"]:
        say(f"{issue['rule']} {issue['code']} {issue['field']}: {issue['message']}")
    for note in shape["notes"]:
        say(note)


def action_row(action: Mapping[str, Any]) -> tuple[str, ...]:
    """An action as a row of a table."""
    fields = "; ".join(f"{n}: {_shown(v)}" for n, v in action["fields"].items() if _shown(v))
    item = action["item_id"] or ""
    kept = (
        action["rule"],
        action["side"],
        action["kind"],
        action["salesforce_id"] or "",
        f"…{item[-9:]}" if item else "",
    )
    return (*kept, fields, action["reason"])


def _shown(value: object) -> str:
    if isinstance(value, Mapping):
        return f"{value['before'] or '–'} → {value['after'] or '–'}"
    return str(value).replace("\n", ", ")
