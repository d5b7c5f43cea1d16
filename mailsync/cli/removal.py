"""`mailsync remove`: the end of a user's sync, and on request of what it brought into the mailbox (E6)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

from mailsync.bootstrap import Setup, agent_of, open_setup, pick_users
from mailsync.cli.failures import DONE, FAILED
from mailsync.cli.output import ask, print_json, print_table, say, watched
from mailsync.cli.recording import acts_of
from mailsync.core.changes import Item, Sensitivity
from mailsync.core.divergence import differs
from mailsync.core.pair import Pair
from mailsync.core.person import Flow, display_name
from mailsync.core.policy import CATEGORY, ERROR_CATEGORY, Policy
from mailsync.core.refs import FolderId, ItemId, Side
from mailsync.ports.activity import BEGUN, Act
from mailsync.ports.mailbox import ItemEdit
from mailsync.ports.outcomes import Written
from mailsync.session.agent import Agent, Keys

AT_ONCE = 100
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Sorted:
    """The mailbox items of a user's pairs: those that only came from Salesforce, and those with the user's own work."""

    brought: tuple[Item, ...] = ()
    own: tuple[tuple[Item, str], ...] = ()  # with the reason: born there, or edited or made private there
    hidden: int = 0  # how many the mailbox would not show

    def __add__(self, other: "Sorted") -> "Sorted":
        return Sorted((*self.brought, *other.brought), (*self.own, *other.own), self.hidden + other.hidden)


def remove_user(config: Path | None, user: str, *, revert: bool, everything: bool, sure: bool, as_json: bool) -> int:
    """Forgets the user's sync; with `revert` items go to Deleted Items first. Returns 1 where a person says no, or
    where an item could not be removed (then nothing is forgotten). Raises SettingsError, VendorError."""
    removed = left = 0
    kept: Sequence[tuple[Item, str]] = ()
    with open_setup(config) as setup:
        pick_users(setup, [user])
        if not revert and not (sure or ask(f"End the sync of {user}? Both sides keep their contacts.")):
            return FAILED
        (act,) = acts_of("remove", user, reverted=0, status=BEGUN)
        if revert:
            found = _look_over(setup, user, quiet=as_json)
            kept = () if everything else found.own
            going = (*found.brought, *(i for i, _ in found.own)) if everything else found.brought
            if not as_json:
                _print_own(found.own, everything=everything)
            if not (sure or ask(f"Move {len(going)} contacts to Deleted Items and end the sync of {user}?")):
                return FAILED
            with setup.store.acting() as hand:
                hand.stop(user, act.time)
                hand.record([act])
            removed, left = _revert(setup, user, going, quiet=as_json)
            left += found.hidden
        _end(setup, act, removed, left, announced=revert)
    _tell(user, removed, left, kept, as_json=as_json)
    return FAILED if left else DONE


def _end(setup: Setup, act: Act, removed: int, left: int, *, announced: bool) -> None:
    """Forgets the sync, unless an item is left, and says in the log how it ended."""
    with setup.store.acting() as hand:
        if not left:
            hand.forget(act.user, keep_settings=False)
            # The settings file still names the user: without this the next session would begin anew.
            hand.save_settings(act.user, {"contacts": "off"})
        if not announced:
            hand.record([act])
        hand.seal(act, status="failed" if left else "done", reverted=removed)


def _tell(user: str, removed: int, left: int, kept: Sequence[tuple[Item, str]], *, as_json: bool) -> None:
    if as_json:
        listed = [{"item_id": i.id, "salesforce_id": i.record, "reason": why} for i, why in kept]
        print_json({"user": user, "removed": removed, "not_removed": left, "kept": listed, "forgotten": not left})
        return
    if removed:
        say(f"{removed} contacts are in Deleted Items")
    if left:
        say(f"{left} contacts were changed meanwhile or could not be read or removed; no session runs: do it again")
    else:
        again = f"take {user} out of the settings file, or start anew with: mailsync set {user} contacts=on"
        say(f"the sync of {user} is over and forgotten; {again}")


def _look_over(setup: Setup, user: str, *, quiet: bool) -> Sorted:
    found = Sorted()
    pairs = [p for p in setup.store.pairs(user) if p.item]
    with watched(user, quiet=quiet) as progress, agent_of(setup, user) as agent:
        policy = agent.policy(agent.crm.limits())
        if known := setup.store.state(user).get(Keys.FOLDER):
            # Renamed, it is found by its id alone (A4), and what lies in it would look as if it had left.
            agent.mailbox.prepare(FolderId(known), create=False)
        for part in _parts(pairs):
            items = agent.mailbox.read([p.item for p in part if p.item])
            found += sort_items([(p, items[p.item]) for p in part if p.item and p.item in items], policy)
            found += Sorted(hidden=len(part) - len(items))
            progress("reading the mailbox", len(found.brought) + len(found.own), len(pairs))
    return found


def sort_items(pairs: Sequence[tuple[Pair, Item | None]], policy: Policy) -> Sorted:
    """Which items only came from Salesforce; pure. An item that left the folder is personal and is not touched (A6)."""
    present = [(p, i) for p, i in pairs if i is not None and i.inside]
    reasons = [(i, _why_own(p, i, policy)) for p, i in present]
    return Sorted(tuple(i for i, why in reasons if not why), tuple((i, why) for i, why in reasons if why))


def _why_own(pair: Pair, item: Item, policy: Policy) -> str:
    if pair.origin is not Side.CRM or not pair.made_item:
        return "born in the mailbox"
    if item.sensitivity is not Sensitivity.NORMAL:
        return "made private in the mailbox"  # A13: that is its person's work, as an edit is
    known = [f for f in policy.fields if f.flow is not Flow.OFF and f.name in item.values]
    edited = pair.edited or any(differs(f, item.values[f.name], pair.mailbox.values, policy) for f in known)
    return "edited in the mailbox" if edited else ""


def _print_own(own: Sequence[tuple[Item, str]], *, everything: bool) -> None:
    if own:
        say("these go too:" if everything else "these are kept; with --all they go too:")
        print_table(
            ("contact", "Salesforce id", "because"), [(display_name(i.values), i.record, why) for i, why in own]
        )


def _revert(setup: Setup, user: str, going: Sequence[Item], *, quiet: bool) -> tuple[int, int]:
    """Takes the marks off and moves to Deleted Items; returns how many went, and how many did not."""
    removed = left = 0
    with watched(user, quiet=quiet) as progress, agent_of(setup, user) as agent:
        for part in _parts(going):
            done = _discard(agent, part)
            removed, left = removed + done, left + len(part) - done
            progress("moving to Deleted Items", removed, len(going))
    return removed, left


def _discard(agent: Agent, items: Sequence[Item]) -> int:
    edits = [replace(_unmarked(i), categories=tuple(c for c in i.categories if not _is_ours(c))) for i in items]
    written = zip(items, agent.mailbox.update(edits), strict=True)
    ready = [ItemId(o.id) for _, o in written if isinstance(o, Written)]
    return sum(isinstance(o, Written) for o in agent.mailbox.remove(ready)) if ready else 0


def _unmarked(item: Item) -> ItemEdit:
    return ItemEdit(item.id, item.version, record="")


def _is_ours(category: str) -> bool:
    return category.casefold() == CATEGORY.casefold() or category.startswith(ERROR_CATEGORY)


def _parts(values: Sequence[T]) -> Iterator[Sequence[T]]:
    for start in range(0, len(values), AT_ONCE):
        yield values[start : start + AT_ONCE]
