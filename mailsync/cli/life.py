"""`mailsync pause`, `resume`, `reset`, `takeover`, `export`, `erase`: the life of a user's sync (A1, C3, D9, E5)."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from mailsync.bootstrap import agent_of, open_setup, pick_users
from mailsync.cli.failures import DONE, FAILED
from mailsync.cli.output import ask, print_json, say, watched
from mailsync.cli.recording import acts_of
from mailsync.cli.selection import Selection, choose
from mailsync.core.refs import FolderId
from mailsync.ports.activity import BEGUN
from mailsync.session.agent import Keys

PAUSE = {Keys.PAUSED: True}
RESUME = {Keys.PAUSED: False, Keys.SUSPENDED: "", Keys.FAILURES: 0, Keys.REFUSED_LOGINS: 0, Keys.NEXT_RUN: None}


def pause_users(config: Path | None, selection: Selection, *, as_json: bool) -> None:
    """Stops users' sessions; one that is running goes on to its end (E5)."""
    users = _change_state(config, selection, "pause", PAUSE)
    _tell_all(selection, users, "paused", "paused; pairs and cursors are kept", as_json=as_json)


def resume_users(config: Path | None, selection: Selection, *, as_json: bool) -> None:
    """Lets paused or suspended users go on from where they stopped (E5, C3)."""
    users = _change_state(config, selection, "resume", RESUME)
    _tell_all(selection, users, "on", "goes on where it stopped", as_json=as_json)


def _change_state(config: Path | None, selection: Selection, action: str, changed: Mapping[str, Any]) -> Sequence[str]:
    with open_setup(config) as setup:
        users = choose(setup, selection)
        with setup.store.acting() as hand:
            for user in sorted(users):
                hand.save_state(user, changed)
            hand.record(acts_of(action, *users))
    return users


def _tell_all(selection: Selection, users: Sequence[str], state: str, text: str, *, as_json: bool) -> None:
    shapes = [{"user": user, "state": state} for user in users]
    if not as_json:
        say("\n".join(f"{user}: {text}" for user in users))
    elif selection.is_one:
        print_json(shapes[0])
    else:
        print_json({"users": shapes})


def reset_user(config: Path | None, user: str, *, sure: bool, as_json: bool) -> int:
    """Forgets pairs, cursors, holds, issues; the next session matches again, deletes and overwrites nothing (A1)."""
    with open_setup(config) as setup:
        pick_users(setup, [user])
        if not (sure or ask(f"Forget all pairs of {user} and match again?")):
            return FAILED
        with setup.store.acting() as hand:
            hand.forget(user, keep_settings=True)
            hand.record(acts_of("reset", user))
    text = f"{user}: pairs are forgotten; the next session matches again and deletes or overwrites nothing"
    _tell({"user": user, "state": "repairing"}, text, as_json=as_json)
    return DONE


def take_over(config: Path | None, user: str, *, sure: bool, as_json: bool) -> int:
    """Signs the user's folder as this installation's; the next session re-pairs both sides (A1)."""
    with open_setup(config) as setup:
        pick_users(setup, [user])
        if not (sure or ask(f"Make this installation the owner of {user}'s folder? Stop the other one first.")):
            return FAILED
        with watched(user, quiet=as_json) as progress, agent_of(setup, user) as agent:
            progress("signing the folder", 0, 0)
            (act,) = acts_of("takeover", user, status=BEGUN)
            with setup.store.acting() as hand:
                hand.record([act])
            known = setup.store.state(user).get(Keys.FOLDER)
            prepared = agent.mailbox.prepare(FolderId(known) if known else None)
            assert prepared is not None
            agent.mailbox.sign(prepared.folder, setup.store.installation)
            again = {Keys.REPAIRING: True, Keys.MAILBOX_CURSOR: None, Keys.CRM_CURSOR: None}
            with setup.store.acting() as hand:
                hand.save_state(user, {Keys.FOLDER: prepared.folder, **again})
                hand.seal(act, status="done")
    text = f"{user}: the folder belongs to this installation; the next session pairs both sides again"
    _tell({"user": user, "state": "repairing"}, text, as_json=as_json)
    return DONE


def export_user(config: Path | None, user: str) -> None:
    """Prints all that is stored of a user, by table (D9); of log-ins only that they are there."""
    with open_setup(config) as setup:
        pick_users(setup, [user])
        print_json(setup.store.export(user))


def erase_user(config: Path | None, user: str, *, sure: bool, as_json: bool) -> int:
    """Erases all that is stored of a user, history too (D9); both sides keep their contacts."""
    with open_setup(config) as setup:
        pick_users(setup, [user])
        if not (sure or ask(f"Erase all that is stored of {user}, history and settings too?")):
            return FAILED
        setup.store.erase(user, acts_of("erase"))  # of whom is not kept either (D9)
    text = f"{user}: nothing is stored any more; take {user} out of the settings file, or the next session starts anew"
    _tell({"user": user, "state": "erased"}, text, as_json=as_json)
    return DONE


def _tell(shape: dict[str, str], text: str, *, as_json: bool) -> None:
    print_json(shape) if as_json else say(text)
