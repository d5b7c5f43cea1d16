"""check, plan, sync: what talks to the vendors."""

from typing import Annotated

import typer

from mailsync.cli.commands.arguments import Group, InOrganisation, InState, Json, User, Users, config_of


def register(app: typer.Typer) -> None:
    """Adds the commands."""
    app.command("check")(check)
    app.command("plan")(plan)
    app.command("sync")(sync)


def check(context: typer.Context, users: Users = None, as_json: Json = False) -> int:
    """Prove log-in, permissions, field access, folder and view."""
    from mailsync.cli.checks import check_users

    return check_users(config_of(context), users or [], as_json=as_json)


def plan(context: typer.Context, user: User, as_json: Json = False) -> None:
    """Show what the next session would do; write nothing."""
    from mailsync.cli.plans import show_plan

    show_plan(config_of(context), user, as_json=as_json)


def sync(
    context: typer.Context,
    users: Users = None,
    group: Group = None,
    organisation: InOrganisation = None,
    state: InState = None,
    soon: Annotated[
        bool, typer.Option("--soon", help="Let the running service do it, before all others; once a minute.")
    ] = False,
    feed: Annotated[
        bool | None,
        typer.Option(
            "--feed/--no-feed",
            help="Let the shared feed tell who has anything to ask Salesforce. Default: where it is for several users.",
            show_default=False,
        ),
    ] = None,
    as_json: Json = False,
) -> int:
    """Run one session for each user."""
    from mailsync.cli.selection import Selection
    from mailsync.cli.syncing import ask_for_sessions, sync_users

    everybody = not users and group is None
    meant = Selection(users or (), group, everybody, organisation, state)
    if soon:
        return ask_for_sessions(config_of(context), meant, as_json=as_json)
    return sync_users(config_of(context), meant, as_json=as_json, feed=feed)
