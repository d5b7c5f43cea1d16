"""L6: in whatever order the feeds tell of changes, and answers name what was read, the plan is the same."""

from collections.abc import Iterator, Mapping
from dataclasses import fields, replace
from random import Random
from typing import Any

from mailsync.core.actions import Plan
from mailsync.core.changes import CrmChanges, MailboxChanges
from mailsync.errors import MailsyncError
from mailsync.session.run import preview
from tests.fakes.crm import FakeCrm
from tests.fakes.mailbox import FakeMailbox
from tests.laws.histories.world import MAILBOX_LIMITS, World

READS = frozenset({"changes", "read", "fates", "candidates", "find", "find_keys", "own_creates"})


class Mixed:
    """A port that tells the same, in another order."""

    def __init__(self, inner: Any, random: Random) -> None:
        self._inner = inner
        self._random = random

    def __getattr__(self, name: str) -> Any:
        inner = getattr(self._inner, name)
        if name not in READS:
            return inner
        return lambda *args, **more: mix(inner(*args, **more), self._random)


def mix(answer: Any, random: Random) -> Any:
    """The same answer, its lists and tables in another order."""
    match answer:
        case CrmChanges() | MailboxChanges():
            parts = {f.name: getattr(answer, f.name) for f in fields(answer)}
            return replace(answer, **{n: mix(p, random) for n, p in parts.items() if isinstance(p, tuple | Mapping)})
        case tuple() | list():
            return type(answer)(random.sample(answer, len(answer)))
        case Mapping():
            return dict(random.sample(list(answer.items()), len(answer)))
        case _:
            return answer


def disorder(world: World, seed: int) -> Iterator[str]:
    """What the next session would do otherwise if it were told of the same in another order. Writes nothing."""
    told = plan_of(world, None)
    for number in (1, 2):
        other = plan_of(world, Random(f"order {seed} {number}"))
        if told != other:
            yield f"L6: in another order {sorted(told - other)} would be {sorted(other - told)}"


def plan_of(world: World, random: Random | None) -> set[str]:
    """All that a session would do, ask and say; or why it would not."""
    mailbox = FakeMailbox(world.post, MAILBOX_LIMITS)
    mailbox.replay = world.replay
    crm = FakeCrm(world.org)
    given = (Mixed(crm, random), Mixed(mailbox, random)) if random else (crm, mailbox)
    try:
        plan = preview(world.agent_of(*given, world.store, Random(0)))
    except MailsyncError as error:
        return {f"{type(error).__name__}: {error}"}
    return set(_lines(plan))


def _lines(plan: Plan) -> Iterator[str]:
    kinds = (plan.actions, plan.issues, plan.parked, plan.notes, plan.looked_at)
    everything = [str(thing) for things in kinds for thing in things]
    everything += [str(replace(h, members=tuple(sorted(h.members, key=str)))) for h in plan.holds]
    yield from (f"{thing} {everything[:n].count(thing)}" for n, thing in enumerate(everything))
