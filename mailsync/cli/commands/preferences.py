"""set, get, status: a user's settings and state."""

from typing import Annotated

import typer

from mailsync.cli.commands.arguments import (
    Everybody,
    Group,
    InOrganisation,
    InState,
    Json,
    PlanOnly,
    SettingsOnly,
    SomeUser,
    User,
    Yes,
    config_of,
)
from mailsync.errors import SettingsError


def register(app: typer.Typer) -> None:
    """Adds the commands."""
    app.command("set")(set_keys)
    app.command("get")(get)
    app.command("status")(status)


def set_keys(
    context: typer.Context,
    words: Annotated[
        list[str],
        typer.Argument(metavar="[USER]... KEY=VALUE...", help="`KEY=` takes a stored value back.", show_default=False),
    ],
    group: Group = None,
    organisation: InOrganisation = None,
    state: InState = None,
    everybody: Everybody = False,
    plan: PlanOnly = False,
    settings_only: SettingsOnly = False,
    yes: Yes = False,
    as_json: Json = False,
) -> int:
    """Change users' settings, after showing the plan of the change."""
    from mailsync.cli.bulk import set_for_many
    from mailsync.cli.changes import change_settings
    from mailsync.cli.selection import Selection

    first = next((at for at, word in enumerate(words) if "=" in word), len(words))  # no user's name has one in it
    users, changes = words[:first], words[first:]
    meant, config = Selection(users, group, everybody, organisation, state), config_of(context)
    if not changes:
        raise SettingsError(("give at least one KEY=VALUE; `mailsync set --help` shows how",))
    if meant.is_one and not plan and not settings_only:
        return change_settings(config, users[0], changes, as_json=as_json, sure=yes)
    shown = {"plan": plan, "settings_only": settings_only, "sure": yes, "as_json": as_json}
    return set_for_many(config, meant, changes, **shown)


def get(context: typer.Context, user: User, as_json: Json = False) -> None:
    """Show each setting, its value and where it comes from."""
    from mailsync.cli.setup import show_settings

    show_settings(config_of(context), user, as_json=as_json)


def status(context: typer.Context, user: SomeUser = None, as_json: Json = False) -> None:
    """Show colour, last and next session, and counts."""
    from mailsync.cli.overview import show_status

    show_status(config_of(context), user, as_json=as_json)
