"""issues, approve, reject, retry, why, history, undo: what a person is told and may answer."""

from typing import Annotated

import typer

from mailsync.cli.commands.arguments import Contact, Holds, Json, SomeContact, SomeUser, User, Yes, config_of


def register(app: typer.Typer) -> None:
    """Adds the commands."""
    app.command("issues")(issues)
    app.command("approve")(approve)
    app.command("reject")(reject)
    app.command("retry")(retry)
    app.command("why")(why)
    app.command("history")(history)
    app.command("undo")(undo)


def issues(context: typer.Context, user: SomeUser = None, as_json: Json = False) -> None:
    """List open issues, and the holds that wait for an answer."""
    from mailsync.cli.questions import show_issues

    show_issues(config_of(context), user, as_json=as_json)


def approve(context: typer.Context, user: User, holds: Holds, as_json: Json = False) -> None:
    """Approve holds; the next session carries them out."""
    from mailsync.cli.questions import answer_holds

    answer_holds(config_of(context), user, holds, "approve", as_json=as_json)


def reject(
    context: typer.Context,
    user: User,
    holds: Holds,
    value: Annotated[
        str | None,
        typer.Option("--value", metavar="TEXT", help="Both sides get this text (B12).", show_default=False),
    ] = None,
    as_json: Json = False,
) -> None:
    """Reject holds."""
    from mailsync.cli.questions import answer_holds

    answer_holds(config_of(context), user, holds, "reject", typed=value, as_json=as_json)


def retry(context: typer.Context, user: User, contact: SomeContact = None, as_json: Json = False) -> None:
    """Try what was refused again in the next session."""
    from mailsync.cli.questions import retry_parked

    retry_parked(config_of(context), user, contact, as_json=as_json)


def why(
    context: typer.Context,
    user: User,
    contact: Contact,
    field: Annotated[str | None, typer.Argument(metavar="[FIELD]", show_default=False)] = None,
    as_json: Json = False,
) -> None:
    """Explain where a contact's values come from."""
    from mailsync.cli.inquiry import show_why

    show_why(config_of(context), user, contact, field, as_json=as_json)


def history(
    context: typer.Context,
    user: User,
    contact: SomeContact = None,
    session: Annotated[int | None, typer.Option(help="One session's entries only.", show_default=False)] = None,
    as_json: Json = False,
) -> None:
    """Show what was written, with the values before."""
    from mailsync.cli.inquiry import show_history

    show_history(config_of(context), user, contact, session, as_json=as_json)


def undo(
    context: typer.Context,
    user: User,
    session: Annotated[int, typer.Argument(metavar="SESSION", help="Its number, as `history` shows it.")],
    contact: SomeContact = None,
    delete: Annotated[
        bool, typer.Option("--delete", help="Delete in Salesforce what the session created there.")
    ] = False,
    yes: Yes = False,
    as_json: Json = False,
) -> int:
    """Take back what a session wrote; later edits stay."""
    from mailsync.cli.undo import Wanted, undo_session

    wanted = Wanted(user, session, contact, delete=delete)
    return undo_session(config_of(context), wanted, sure=yes, as_json=as_json)
