"""pause, resume, remove, reset, takeover, export, erase: the life of a user's sync."""

from typing import Annotated

import typer

from mailsync.cli.commands.arguments import Everybody, Group, Json, Named, User, Yes, config_of


def register(app: typer.Typer) -> None:
    """Adds the commands."""
    app.command("pause")(pause)
    app.command("resume")(resume)
    app.command("remove")(remove)
    app.command("reset")(reset)
    app.command("takeover")(takeover)
    app.command("export")(export)
    app.command("erase")(erase)


def pause(
    context: typer.Context,
    users: Named = None,
    group: Group = None,
    everybody: Everybody = False,
    as_json: Json = False,
) -> None:
    """Stop users' sessions; pairs and cursors are kept."""
    from mailsync.cli.life import pause_users
    from mailsync.cli.selection import Selection

    pause_users(config_of(context), Selection(users or [], group, everybody=everybody), as_json=as_json)


def resume(
    context: typer.Context,
    users: Named = None,
    group: Group = None,
    everybody: Everybody = False,
    as_json: Json = False,
) -> None:
    """Let paused or suspended users' sessions go on."""
    from mailsync.cli.life import resume_users
    from mailsync.cli.selection import Selection

    resume_users(config_of(context), Selection(users or [], group, everybody=everybody), as_json=as_json)


def remove(
    context: typer.Context,
    user: User,
    revert: Annotated[
        bool, typer.Option("--revert", help="Take what came from Salesforce out of the mailbox.")
    ] = False,
    everything: Annotated[
        bool, typer.Option("--all", help="With --revert: also what was born or edited there.")
    ] = False,
    yes: Yes = False,
    as_json: Json = False,
) -> int:
    """Delete a user's sync; both sides keep their contacts."""
    from mailsync.cli.removal import remove_user

    return remove_user(config_of(context), user, revert=revert, everything=everything, sure=yes, as_json=as_json)


def reset(context: typer.Context, user: User, yes: Yes = False, as_json: Json = False) -> int:
    """Forget all pairs and match again."""
    from mailsync.cli.life import reset_user

    return reset_user(config_of(context), user, sure=yes, as_json=as_json)


def takeover(context: typer.Context, user: User, yes: Yes = False, as_json: Json = False) -> int:
    """Make this installation the owner of the folder."""
    from mailsync.cli.life import take_over

    return take_over(config_of(context), user, sure=yes, as_json=as_json)


def export(context: typer.Context, user: User, as_json: Json = False) -> None:  # it is JSON either way
    """Print all that is stored of a user, as JSON."""
    from mailsync.cli.life import export_user

    export_user(config_of(context), user)


def erase(context: typer.Context, user: User, yes: Yes = False, as_json: Json = False) -> int:
    """Erase all that is stored of a user."""
    from mailsync.cli.life import erase_user

    return erase_user(config_of(context), user, sure=yes, as_json=as_json)
