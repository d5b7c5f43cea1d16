"""The application `mailsync`: its commands, its one global option, and the exit codes 0, 1 and 2."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from mailsync.cli.commands import answers, lifecycle, operation, preferences, sessions
from mailsync.cli.failures import tell_failure

CONFIG_HELP = "Settings file; default: $MAILSYNC_CONFIG, then ./mailsync.toml."


def main() -> None:
    """The entry point: runs the command of this process and leaves with its exit code."""
    sys.exit(run(sys.argv[1:]))


def run(arguments: Sequence[str]) -> int:
    """Runs one command line. Returns 0 (done), 1 (a session or check failed) or 2 (usage or settings wrong)."""
    try:
        return build()(list(arguments), prog_name="mailsync", standalone_mode=False) or 0
    except BaseException as error:  # noqa: BLE001 - the last line of defence: no traceback reaches a person
        return tell_failure(error, as_json="--json" in arguments)


def build() -> typer.Typer:
    """The application with all its commands, in the order in which a newcomer needs them."""
    app = typer.Typer(
        name="mailsync",
        help="Keeps a mailbox's contacts and Salesforce in step, both ways, by rules that can be read.",
        no_args_is_help=True,
        add_completion=False,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
    )
    app.callback()(_remember_config)
    for register in (operation, sessions, preferences, answers, lifecycle):
        register.register(app)
    return app


def _remember_config(
    context: typer.Context,
    config: Annotated[Path | None, typer.Option("--config", metavar="FILE", help=CONFIG_HELP)] = None,
) -> None:
    context.obj = config
