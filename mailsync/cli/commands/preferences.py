"""set, get, status: a user's settings and state."""

from typing import Annotated

import typer

from mailsync.cli.commands.arguments import Json, SomeUser, User, Yes, config_of


def register(app: typer.Typer) -> None:
    """Adds the commands."""
    app.command("set")(set_keys)
    app.command("get")(get)
    app.command("status")(status)


def set_keys(
    context: typer.Context,
    user: User,
    changes: Annotated[
        list[str],
        typer.Argument(metavar="KEY=VALUE...", help="`KEY=` takes a stored value back.", show_default=False),
    ],
    yes: Yes = False,
    as_json: Json = False,
) -> int:
    """Change a user's settings, after showing the plan of the change."""
    from mailsync.cli.changes import change_settings

    return change_settings(config_of(context), user, changes, as_json=as_json, sure=yes)


def get(context: typer.Context, user: User, as_json: Json = False) -> None:
    """Show each setting, its value and where it comes from."""
    from mailsync.cli.setup import show_settings

    show_settings(config_of(context), user, as_json=as_json)


def status(context: typer.Context, user: SomeUser = None, as_json: Json = False) -> None:
    """Show colour, last and next session, and counts."""
    from mailsync.cli.overview import show_status

    show_status(config_of(context), user, as_json=as_json)
