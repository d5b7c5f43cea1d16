"""`mailsync pause`, `resume`, `reset`, `takeover`, `export`, `erase`: the life of a user's sync (A1, C3, D9, E5)."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from mailsync.bootstrap import Setup, agent_of, open_setup, pick_users
from mailsync.cli.failures import DONE, FAILED
from mailsync.cli.output import ask, print_json, print_table, say, watched
from mailsync.cli.recording import acts_of
from mailsync.cli.selection import Selection, choose, state_of
from mailsync.core.refs import FolderId
from mailsync.ports.activity import BEGUN
from mailsync.session.agent import Keys

if TYPE_CHECKING:
    from mailsync.store.hand import Hand

PAUSE = {Keys.PAUSED: True}
RESUME = {Keys.PAUSED: False, Keys.SUSPENDED: "", Keys.FAILURES: 0, Keys.REFUSED_LOGINS: 0, Keys.NEXT_RUN: None}


@dataclass(frozen=True, slots=True)
class _Change:
    """What is done to each user of a selection, the state that follows, and how it is told."""

    apply: "Callable[[Hand, str], None]"
    after: str
    told: str
    asks: bool = False


CHANGES: Mapping[str, _Change] = {
    "pause": _Change(lambda hand, user: hand.save_state(user, PAUSE), "paused", "paused; pairs and cursors are kept"),
    "resume": _Change(lambda hand, user: hand.save_state(user, RESUME), "on", "goes on where it stopped"),
    "reset": _Change(
        lambda hand, user: hand.forget(user, keep_settings=True),
        "repairing",
        "pairs are forgotten; the next session matches again and deletes or overwrites nothing",
        asks=True,
    ),
}
"""E5, C3, A1. A session that runs goes on to its end where its user is paused, and writes no more after a reset."""


def change_users(config: Path | None, selection: Selection, name: str, *, plan: bool, sure: bool, as_json: bool) -> int:
    """Pauses, resumes or resets users: all of them or, where something is in the way, none. With `plan` it only tells
    who they are. Returns 1 where a person says no. Raises SettingsError, StoreError."""
    change = CHANGES[name]
    with open_setup(config) as setup:
        users = choose(setup, selection)
        if plan:
            _show_plan(setup, users, change, as_json=as_json)
            return DONE
        whose = users[0] if len(users) == 1 else f"{len(users)} users"
        if change.asks and not (sure or ask(f"Forget all pairs of {whose} and match again?")):
            return FAILED
        with setup.store.acting() as hand:
            for user in sorted(users):
                change.apply(hand, user)
            hand.record(acts_of(name, *users))
    _tell_all(selection, users, change, as_json=as_json)
    return DONE


def _show_plan(setup: Setup, users: Sequence[str], change: _Change, *, as_json: bool) -> None:
    """Each user's state, and the one that would follow; nothing is stored."""
    rows = [(user, state_of(setup, user), change.after, setup.store.count(user)) for user in users]
    if as_json:
        print_json({"users": [{"user": u, "state": now, "after": then, "pairs": n} for u, now, then, n in rows]})
    else:
        print_table(("user", "is", "would be", "pairs"), rows)
        say(f"{len(users)} users; nothing is changed")


def _tell_all(selection: Selection, users: Sequence[str], change: _Change, *, as_json: bool) -> None:
    shapes = [{"user": user, "state": change.after} for user in users]
    if not as_json:
        say("\n".join(f"{user}: {change.told}" for user in users))
        if len(users) > 1:
            say(f"{len(users)} users")
    elif selection.is_one:
        print_json(shapes[0])
    else:
        print_json({"users": shapes})


def take_over(config: Path | None, user: str, *, sure: bool, as_json: bool) -> int:
    """Signs the user's folder as this installation's; the next session re-pairs both sides (A1)."""
    with open_setup(config) as setup:
        pick_users(setup, [user])
        if not (sure or ask(f"Make this installation the owner of {user}'s folder? Stop the other one first.")):
            return FAILED
        with watched(user, quiet=as_json) as progress, agent_of(setup, user) as agent:
            progress("signing the folder", 0, 0)
            (act,) = acts_of("takeover", user, status=BEGUN)
            again = {Keys.REPAIRING: True, Keys.MAILBOX_CURSOR: None, Keys.CRM_CURSOR: None}
            with setup.store.acting() as hand:
                hand.save_state(user, again)  # first: once the folder is signed the next session would trust the pairs
                hand.record([act])
            known = setup.store.state(user).get(Keys.FOLDER)
            prepared = agent.mailbox.prepare(FolderId(known) if known else None)
            assert prepared is not None
            agent.mailbox.sign(prepared.folder, setup.store.installation)
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
