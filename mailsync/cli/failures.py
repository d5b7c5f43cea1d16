"""What a person is told when a command can't go on: sentences with a remedy, never a traceback."""

import os
import sys

import typer

from mailsync.cli.output import print_json, warn
from mailsync.errors import MailsyncError, SettingsError
from mailsync.worker.mishap import describe_bug, sentence

DONE, FAILED, WRONG = 0, 1, 2
"""The exit codes (contract.md)."""


def tell_failure(error: BaseException, *, as_json: bool) -> int:
    """Prints what is wrong, one problem a line, to stderr; with `as_json` one document to stdout too. Returns the
    exit code. SystemExit passes."""
    match error:
        case SystemExit():
            raise error
        case SettingsError():
            return _print(list(error.problems), WRONG, as_json=as_json)
        case MailsyncError():
            return _print([sentence(error)], FAILED, as_json=as_json)
        case typer.TyperException():
            return _print([usage(error)], WRONG, as_json=as_json)
        case BrokenPipeError():
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # or the interpreter complains at its end
            return FAILED
        case KeyboardInterrupt() | typer.Abort():
            return _print(
                ["stopped before it was done; what had been carried out is recorded"], FAILED, as_json=as_json
            )
        case _:
            return _print([describe_bug(error)], FAILED, as_json=as_json)


def usage(error: typer.TyperException) -> str:
    """What is wrong with a command line, and where its help is."""
    context = getattr(error, "ctx", None)
    path = context.command_path if context is not None else "mailsync"
    message = error.format_message().rstrip(".")
    return f"{message}. Help: {path} --help"


def _print(problems: list[str], code: int, *, as_json: bool) -> int:
    for problem in problems:
        warn(problem)
    if as_json:
        print_json({"errors": problems})
    return code
