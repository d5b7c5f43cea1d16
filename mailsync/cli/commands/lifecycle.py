"""pause, resume, remove, reset, takeover, export, erase: the life of a user's sync."""

from collections.abc import Callable
from typing import Annotated, Literal

import typer

from mailsync.cli.commands.arguments import (
    Everybody,
    Group,
    InOrganisation,
    InState,
    Json,
    Named,
    PlanOnly,
    User,
    Yes,
    config_of,
)

Change = Literal["pause", "resume", "reset"]
"""What can be done to many users at once."""


def register(app: typer.Typer) -> None:
    """Adds the commands."""
    app.command("pause")(_of_many("pause", "Stop users' sessions; pairs and cursors are kept."))
    app.command("resume")(_of_many("resume", "Let paused or suspended users' sessions go on."))
    app.command("remove")(remove)
    app.command("reset")(_of_many("reset", "Forget all pairs and match again."))
    app.command("takeover")(takeover)
    app.command("export")(export)
    app.command("erase")(erase)


def _of_many(change: Change, about: str) -> Callable[..., int]:
    """A command that does the same to each of the users meant."""

    def command(
        context: typer.Context,
        users: Named = None,
        group: Group = None,
        organisation: InOrganisation = None,
        state: InState = None,
        everybody: Everybody = False,
        plan: PlanOnly = False,
        yes: Yes = False,
        as_json: Json = False,
    ) -> int:
        from mailsync.cli.life import change_users
        from mailsync.cli.selection import Selection

        meant = Selection(users or (), group, everybody, organisation, state)
        return change_users(config_of(context), meant, change, plan=plan, sure=yes, as_json=as_json)

    command.__doc__ = about
    return command


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
