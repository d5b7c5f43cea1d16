"""Who changed what: every command that changes something adds to the activity log (`mailsync activity`)."""

import getpass
import os
from pathlib import Path
from typing import Any, cast

from mailsync.bootstrap import SystemClock, open_setup
from mailsync.cli.output import print_json, print_table
from mailsync.errors import SettingsError
from mailsync.ports.activity import Act


def acts_of(action: str, *users: str, **details: Any) -> list[Act]:
    """An act of whoever runs the command, once for each user that it is about. Details are JSON values, never values
    of contacts. It is stored with what it changes (`SqlStore.acting`)."""
    now, actor = SystemClock().now(), name_actor()
    return [Act(now, actor, action, user, details) for user in users or ("",)]


def name_actor() -> str:
    """The account that runs the command; behind sudo, whose it is."""
    try:
        account = getpass.getuser()
    except (KeyError, OSError):  # an account without a name, as in containers
        account = f"uid {os.getuid()}"
    behind = os.environ.get("SUDO_USER", "")
    return f"{behind} as {account}" if behind and behind != account else account


def show_activity(config: Path | None, user: str | None, action: str | None, limit: int, *, as_json: bool) -> None:
    """Prints what people did, the latest first. Raises SettingsError."""
    if limit < 1:
        raise SettingsError(("--limit: give a whole number from 1 on",))
    with open_setup(config) as setup:
        acts = setup.store.activity.latest(limit, user=user or "", action=action or "")
    if as_json:
        print_json({"activity": [act_json(act) for act in acts]})
        return
    rows = [(f"{a.time:%Y-%m-%d %H:%M:%S}Z", a.actor, a.action, a.user, _lines(a)) for a in acts]
    print_table(("time", "who", "did", "user", "what"), rows)


def act_json(act: Act) -> dict[str, Any]:
    """An act as JSON."""
    return {
        "time": act.time.isoformat(),
        "actor": act.actor,
        "action": act.action,
        "user": act.user or None,
        "details": dict(act.details),
    }


def _lines(act: Act) -> str:
    return "; ".join(f"{name}: {_shown(value)}" for name, value in act.details.items())


def _shown(value: object) -> str:
    if value is None:
        return "as in the file"
    if isinstance(value, dict):
        change = cast("dict[str, object]", value)
        return f"{_shown(change.get('before'))} → {_shown(change.get('after'))}"
    if isinstance(value, list):
        return ", ".join(map(str, cast("list[object]", value)))
    return str(value)
