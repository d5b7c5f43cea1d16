"""`mailsync settings plan` and `import`: a proposal is shown, and carried out: the store and the log of activity in one
transaction, and the file in the same breath."""

import os
from collections.abc import Generator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from mailsync.bootstrap import SystemClock
from mailsync.cli.failures import DONE, FAILED
from mailsync.cli.newfile import Proposal, print_proposal, proposal_json, proposing
from mailsync.cli.output import ask, is_asked, print_json, say
from mailsync.cli.recording import acts_of
from mailsync.errors import SettingsError
from mailsync.ports.activity import Act
from mailsync.settings.document import Difference
from mailsync.telemetry import tell

ACTION = "settings import"
_HEAD = "# Put here by `mailsync settings import`; the file that stood here before lies beside it.\n"


def plan_file(config: Path | None, source: Path, *, settings_only: bool, as_json: bool) -> None:
    """What a file in the place of the present one would change for everybody; nothing is stored, and no file written.
    Raises SettingsError."""
    with proposing(config, source, settings_only=settings_only, quiet=as_json) as proposal:
        if as_json:
            print_json(proposal_json(proposal))
        else:
            print_proposal(proposal)


def import_file(config: Path | None, source: Path, *, settings_only: bool, sure: bool, as_json: bool) -> int:
    """Puts a file in the place of the present one, after showing what it changes (E7). Returns 1 where a person says
    no. Raises SettingsError, and then nothing is stored: also where users would go or move, and nobody said yes."""
    with proposing(config, source, settings_only=settings_only, quiet=as_json) as proposal:
        if not as_json:
            print_proposal(proposal)
        if not proposal.is_empty:
            _check_leaving(proposal, sure=sure)
            if not (sure or ask("Put it in place?")):
                return FAILED
            _save(proposal)
        shape = {**proposal_json(proposal), "saved": not proposal.is_empty}
    if as_json:
        print_json(shape)
    elif shape["saved"]:
        say("it is in place; start `serve` and workers anew: they read users and connections at their start")
    return DONE


def _check_leaving(proposal: Proposal, *, sure: bool) -> None:
    leaving = [*proposal.comings.gone, *proposal.comings.moved]
    if leaving and not sure and not is_asked():
        told = f"users who would have no session any more, or another organisation: {', '.join(leaving)}"
        raise SettingsError((f"{told}; give --yes if that is meant",))


def _save(proposal: Proposal) -> None:
    shifts, now = {s.user: s for s in proposal.shifts}, SystemClock().now()
    with replacing(proposal) as put, proposal.setup.store.acting() as hand:
        for user in sorted(shifts.keys() | proposal.stored.keys()):
            shift = shifts.get(user)
            hand.save_settings(user, proposal.stored.get(user, {}))
            if shift is not None:
                hand.settle(user, shift.state, now)
        hand.record(acts_of_import(proposal))
        put()
    for user, shift in shifts.items():
        tell("settings.changed", user=user, keys=" ".join(sorted(shift.details)))


def acts_of_import(proposal: Proposal) -> list[Act]:
    """An act for each user and each organisation of which something changes, and one for what concerns all."""
    found, shifts = proposal.comings, {s.user: s for s in proposal.shifts}
    words = dict.fromkeys(found.new, "new") | dict.fromkeys(found.gone, "gone") | dict.fromkeys(found.moved, "moved")
    users: dict[str, dict[str, Any]] = {}
    rest: dict[str, dict[str, Any]] = {}
    for user, word in words.items():
        users[user] = {"user": word}
    for difference in proposal.differences:
        whose = users.setdefault(difference.user, {}) if difference.user else _of(rest, difference)
        whose[difference.key] = {"before": difference.before or None, "after": difference.after or None}
    for user in shifts.keys() | proposal.stored.keys():
        stored = {f"set {key}": value for key, value in proposal.stored.get(user, {}).items()}
        users[user] = {**users.get(user, {}), **stored, **(shifts[user].details if user in shifts else {})}
    return [
        *(act for user in sorted(users) for act in acts_of(ACTION, user, **users[user])),
        *(act for name in sorted(rest) for act in acts_of(ACTION, **rest[name])),
    ]


def _of(rest: dict[str, dict[str, Any]], difference: Difference) -> dict[str, Any]:
    named: Mapping[str, Any] = {"organisation": difference.organisation} if difference.organisation else {}
    return rest.setdefault(difference.organisation, dict(named))


@contextmanager
def replacing(proposal: Proposal) -> Generator[Any]:
    """Gives what puts the file in place, as the last thing of the store's transaction; if that fails all the same, the
    former file is put back. It keeps the former one's owner and mode; without one it is the owner's alone. Raises
    SettingsError."""
    import tomli_w

    path = proposal.later.settings.path.resolve()
    new, former = path.with_name(f".{path.name}.new"), path.with_name(f"{path.name}.before")
    text = _HEAD + tomli_w.dumps(dict(proposal.document), multiline_strings=False)
    try:
        had = path.exists()
        if had:
            _write(former, path.read_bytes(), path)
        _write(new, text.encode(), path)
        try:
            yield lambda: new.replace(path)
        except BaseException:
            if not new.exists():
                former.replace(path) if had else path.unlink()
            raise
    except OSError as error:
        raise SettingsError((f"{path}: can't be written: {error.strerror}",)) from None
    finally:
        with suppress(OSError):
            new.unlink(missing_ok=True)


def _write(path: Path, content: bytes, like: Path) -> None:
    """A file with the owner and mode of another one, and nobody else's before it is complete."""
    with suppress(FileNotFoundError):
        path.unlink()
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
        if like.exists():
            told = like.stat()
            if os.geteuid() == 0:
                os.fchown(file.fileno(), told.st_uid, told.st_gid)
            os.fchmod(file.fileno(), told.st_mode & 0o777)
