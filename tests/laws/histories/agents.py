"""What people tell the agent: settings, answers, pauses, resets; and what time does."""

from datetime import timedelta

from mailsync.cli.changes import consequences
from mailsync.core.refs import FolderId
from mailsync.session.agent import Keys
from tests.laws.histories.people import BACK, Act, pick
from tests.laws.histories.world import USER, World

CHOICES: dict[str, tuple[str, ...]] = {
    "direction": ("both", "both", "up", "down"),
    "auto_removal": ("not-allowed", "allowed"),
    "conflict": ("salesforce", "mailbox", "ask"),
    "on_leave_scope": ("remove", "freeze", "keep"),
    "company_change": ("suggest", "relink", "ignore"),
    "several": ("hold", "most_recent", "oldest"),
    "view": ("mine", "all", f"view:{BACK.id}"),
    "last_name_fallback": ("issue", "given", "company"),
    "auto_create_account": ("off", "on"),
    "guard.count": ("10", "1"),
}
KEYS = tuple(CHOICES)


def set_key(world: World, n: int, m: int, k: int) -> None:
    """As `mailsync set` does; the plan is shown in two of three cases (E7)."""
    key = KEYS[n % len(KEYS)]
    value = pick(CHOICES[key], m).replace(BACK.id, world.view)
    before = world.settings
    world.store.save_settings(USER, {key: value})
    after = world.settings
    world.store.save_state(USER, consequences(before, after, shown=k % 3 != 0))
    if before != after:
        world.store.make_due(USER, world.clock.now())
    world.tell(f"    set {key}={value}")


def answer(world: World, n: int, m: int, k: int) -> None:
    """One hold, or all."""
    holds = world.store.holds(USER)
    for hold in holds if k % 3 == 0 else [pick(holds, n)] if holds else []:
        said = "approve" if m % 2 else "reject"
        world.store.answer(USER, hold.name, said)
        world.tell(f"    {said} {hold.name}: {hold.rule}, {len(hold.members)} members")


def retry(world: World, n: int, m: int, k: int) -> None:
    world.tell(f"    retry: {world.store.make_due(USER, world.clock.now())}")


def pause(world: World, n: int, m: int, k: int) -> None:
    world.store.save_state(USER, {Keys.PAUSED: True})
    world.tell("    paused")


def resume(world: World, n: int = 0, m: int = 0, k: int = 0) -> None:
    cleared = {Keys.PAUSED: False, Keys.SUSPENDED: "", Keys.FAILURES: 0, Keys.REFUSED_LOGINS: 0, Keys.NEXT_RUN: None}
    world.store.save_state(USER, cleared)
    world.tell("    resumed")


def reset(world: World, n: int, m: int, k: int) -> None:
    world.store.forget(USER, keep_settings=True)
    world.tell("    reset")


def take_over(world: World, n: int, m: int, k: int) -> None:
    mailbox = world.open_mailbox()
    known = world.store.state(USER).get(Keys.FOLDER)
    prepared = mailbox.prepare(FolderId(known) if known else None)
    assert prepared is not None
    mailbox.sign(prepared.folder, world.store.installation)
    mailbox.close()
    again = {Keys.REPAIRING: True, Keys.MAILBOX_CURSOR: None, Keys.CRM_CURSOR: None}
    world.store.save_state(USER, {Keys.FOLDER: prepared.folder, **again})
    world.tell("    takeover")


def wait(world: World, n: int, m: int, k: int) -> None:
    seconds = (5, 61, 300, 1800, 7200, 86_400, 3 * 86_400, 16 * 86_400)[min(n % 8, m % 8)]
    world.clock.advance(seconds)
    world.org.settle()
    world.tell(f"    {seconds} s later")


def skew_clock(world: World, n: int, m: int, k: int) -> None:
    """Our own clock is wrong by up to ten minutes."""
    world.clock.skew = timedelta(seconds=(n % 1200) - 600)
    world.tell(f"    our clock is off by {world.clock.skew}")


ACTS: dict[str, tuple[Act, int]] = {
    "set_key": (set_key, 7),
    "answer": (answer, 9),
    "retry": (retry, 1),
    "pause": (pause, 1),
    "resume": (resume, 2),
    "reset": (reset, 1),
    "take_over": (take_over, 1),
    "wait": (wait, 8),
    "skew_clock": (skew_clock, 1),
}
