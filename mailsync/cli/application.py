"""The application `mailsync`: its commands, its one global option, and the exit codes 0, 1 and 2."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from mailsync.cli.commands import administration, answers, lifecycle, operation, preferences, sessions
from mailsync.cli.failures import tell_failure
from mailsync.cli.garbage import collect_less
from mailsync.telemetry.rendering import Level, Style, open_log

CONFIG_HELP = "Settings file; default: $MAILSYNC_CONFIG, then ./mailsync.toml."
LOG_HELP = "Structured log on stderr, without personal values."


class Application(TyperGroup):
    """The commands together with the exit codes: whoever runs them, no exception gets past this point."""

    def main(self, args: Sequence[str] | None = None, *_: Any, standalone_mode: bool = True, **options: Any) -> int:
        """Runs one command line (default: this process's). Leaves with the exit code, or returns it where
        `standalone_mode` is off: 0 (done), 1 (a session or check failed), 2 (usage or settings wrong)."""
        arguments = list(sys.argv[1:] if args is None else args)
        try:
            code = super().main(arguments, prog_name="mailsync", standalone_mode=False) or 0
            sys.stdout.flush()
        except BaseException as error:  # noqa: BLE001 - the last line of defence: no traceback reaches a person
            code = tell_failure(error, as_json="--json" in arguments)
        if standalone_mode:
            sys.exit(code)
        return code


def build() -> typer.Typer:
    """The application with all its commands, in the order in which a newcomer needs them."""
    made = typer.Typer(
        name="mailsync",
        cls=Application,
        help="Keeps a mailbox's contacts and Salesforce in step, both ways, by rules that can be read.",
        no_args_is_help=True,
        add_completion=False,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
    )
    made.callback()(_remember_config)
    for register in (operation, sessions, preferences, answers, lifecycle, administration):
        register.register(made)
    return made


def _remember_config(
    context: typer.Context,
    config: Annotated[Path | None, typer.Option("--config", metavar="FILE", help=CONFIG_HELP)] = None,
    log: Annotated[Style, typer.Option("--log", envvar="MAILSYNC_LOG", help=LOG_HELP)] = Style.OFF,
    log_level: Annotated[
        Level, typer.Option("--log-level", envvar="MAILSYNC_LOG_LEVEL", help="The least important line written.")
    ] = Level.INFO,
) -> None:
    context.obj = config
    open_log(log, log_level, sys.stderr)


app = build()


def main() -> None:
    """The entry point: runs the command of this process and leaves with its exit code."""
    collect_less()
    app()


def run(arguments: Sequence[str]) -> int:
    """Runs one command line in this process and returns its exit code."""
    return app(list(arguments), standalone_mode=False)
