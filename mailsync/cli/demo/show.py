"""`mailsync demo`: the rules one after another, each with what people do, a real session, and what became of it."""

import os
import shutil
import signal
import sys
import tempfile
import threading
from collections.abc import Callable
from pathlib import Path

from mailsync.cli.demo import colleagues, editing, ending, leaving, opening
from mailsync.cli.demo.outlook import Unexpected
from mailsync.cli.demo.stage import USER, Stage, open_stage
from mailsync.cli.failures import DONE, FAILED
from mailsync.cli.output import say
from mailsync.errors import MailsyncError, SettingsError
from mailsync.sandbox.configuration import render_configuration
from mailsync.sandbox.log import COPY
from mailsync.sandbox.server import running_sandbox
from mailsync.sandbox.vendor import Refused
from mailsync.worker.mishap import sentence

SCENES: tuple[Callable[[Stage], None], ...] = (
    opening.first_sync,
    opening.mark_newcomers,
    opening.mend_error,
    opening.restore_category,
    editing.edit_both,
    editing.settle_conflict,
    editing.cut_value,
    editing.answer_hold,
    editing.merge_records,
    leaving.leave_kept,
    leaving.leave_deleted,
    leaving.delete_in_salesforce,
    leaving.brake_many,
    leaving.leave_scope,
    leaving.lose_folder,
    ending.pause_and_resume,
    ending.agree,
    colleagues.gmail_first,
    colleagues.gmail_label,
    colleagues.gmail_lost_label,
    colleagues.office_first,
    colleagues.office_delete,
    colleagues.all_idle,
)


def run_demo(*, once: bool, port: int = 0) -> int:
    """Plays all scenes. Returns 1 if a promise of the rules did not hold, else 0. Without `once` everything stays up
    until Ctrl-C. Raises SettingsError for a port in use."""
    try:
        with running_sandbox("acme", port) as box, tempfile.TemporaryDirectory(prefix="mailsync-demo-") as place:
            if os.environ.get(COPY):
                box.sandbox.log.copy_to(Path(os.environ[COPY]))
            config = Path(place) / "mailsync.toml"
            config.write_text(render_configuration(box.url, box.sandbox.dump()), encoding="utf-8")
            code = play(open_stage(box.url, config))
            if not once:
                _stay(box.url, config)
            return code
    except Refused as error:
        raise SettingsError((str(error),)) from None


def play(stage: Stage) -> int:
    """Plays the scenes; one that fails does not stop the others."""
    for number, scene in enumerate(SCENES, 1):
        say(f"\n{number}. {_title(scene)}")
        say("─" * min(100, shutil.get_terminal_size((100, 20)).columns))
        try:
            scene(stage)
        except (Unexpected, MailsyncError) as error:
            stage.expect(False, sentence(error) if isinstance(error, MailsyncError) else str(error))
        sys.stdout.flush()
    say(f"\n{stage.checked} promises of the rules were checked, {len(stage.failures)} did not hold.")
    for failure in stage.failures:
        say(f"  ✗ {failure}")
    return FAILED if stage.failures else DONE


def _title(scene: Callable[[Stage], None]) -> str:
    return " ".join((scene.__doc__ or scene.__name__).split())


def _stay(url: str, config: Path) -> None:
    """Keeps everything up until SIGINT or SIGTERM, and says how to play."""
    command = f"{sys.executable} -m mailsync --config {config}"
    say(f"""
Everything stays up. In another terminal:
  {command} status
  {command} sync {USER}
  {command} plan {USER}
  {command} issues {USER}
  {command} history {USER}
  {command} why {USER} priya.ramaswamy@umbrella.example
  {command} set {USER} view=all
The same for bob (Gmail) and cem (Office 365).
Exchange: {url}/EWS/Exchange.asmx, {USER}@acme.example, password sandbox (Basic or NTLM)
Gmail: {url}/v1/, Authorization: Bearer sandbox-bob – Graph: {url}/v1.0/, Authorization: Bearer sandbox-cem
Salesforce: {url}/services/data/v68.0/, Authorization: Bearer sandbox-{USER}
What was asked of all: {url}/sandbox/requests – what they hold: {url}/sandbox/world
Ctrl-C ends it.""")
    sys.stdout.flush()
    stopped = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda _number, _frame: stopped.set())
    stopped.wait()
