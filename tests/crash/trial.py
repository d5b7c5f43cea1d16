"""One scenario in one order: run to its end, then cut off at one boundary after another, resumed, and compared."""

import shlex
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from mailsync.ports.mailbox import Capabilities
from tests.crash.boundaries import ORDERS, ordered
from tests.crash.ending import Picture, differences, take_picture
from tests.crash.killing import Words, lose_connection, run_cut
from tests.crash.scene import WRITES, Moment, Scene

IN_DOUBT = 601.0
"""Seconds by which the vendors' clock has moved on when a run is taken up again (B15)."""
MOST_SESSIONS = 3
"""So many sessions may need after a cut until one writes nothing (measure.md I4)."""
ANEW = frozenset({"reset"})
"""Commands that undo what came of them: given again once a session has followed, they ask for it all a second time."""

Prepare = Callable[[Scene], Sequence[Words] | None]


@dataclass(frozen=True)
class Scenario:
    """What people did before, and the command lines that are cut off: those that `prepare` returns, else one session.

    `needs` are the abilities of the mailbox without which there is no such story. With `over` no session follows."""

    name: str
    rules: tuple[str, ...]
    prepare: Prepare
    needs: tuple[str, ...] = ()
    settings: Mapping[str, str] = field(default_factory=dict)
    over: bool = False

    def fits(self, can: Capabilities) -> bool:
        """Whether a kind of mailbox has such a story."""
        return all(getattr(can, ability) for ability in self.needs)


@dataclass(frozen=True)
class Start:
    """A scenario as it stands when its command lines are about to run."""

    scenario: Scenario
    kind: str
    moment: Moment
    commands: tuple[Words, ...]


@dataclass(frozen=True)
class Whole:
    """The run that nothing cut off: its boundaries, and its end.

    `effects` are the points (from 1) at which the world is another than at the point before: every commit, and every
    request that wrote, once carried out; and the first point. Cut at any other point, the world is that of one of them.
    """

    boundaries: tuple[str, ...]
    effects: frozenset[int]
    end: Picture


@dataclass(frozen=True)
class Failure:
    """A point at which the program did not keep its word, and the command that repeats it."""

    scenario: str
    kind: str
    order: str
    point: int
    boundary: str
    told: str
    lag: float = 0.0
    store: str = "sqlite"

    @property
    def again(self) -> str:
        """The command that repeats it."""
        words = ["python", "-m", "tests.crash", self.scenario, "--kind", self.kind, "--order", self.order]
        words += ["--lag", f"{self.lag:g}"] if self.lag else []
        words += ["--store", self.store] if self.store != "sqlite" else []
        return shlex.join([*words, "--point", str(self.point)])

    def __str__(self) -> str:
        where = f"{self.scenario} ({self.kind}, {self.order}), point {self.point}: {self.boundary}"
        return f"{where}\n  {self.again}\n{self.told}"


def begin(scene: Scene, scenario: Scenario) -> Start:
    """Plays a scenario up to its command lines."""
    scene.clear()
    scene.configure(**scenario.settings)
    commands = scenario.prepare(scene)
    scene.begin_lagging()
    scene.leave()
    return Start(scenario, scene.kind, scene.moment(), tuple(commands or [("sync", scene.user)]))


def run_whole(scene: Scene, start: Start, order: str) -> Whole:
    """The run that nothing cuts off. AssertionError where even that does not settle."""
    scene.restore(start.moment)
    cut = run_cut(scene.config, start.commands, order, None)
    assert cut.code == 0 or start.moment.faults, f"{start.scenario.name}: exit {cut.code}\n{cut.output}"
    effects = find_effects(scene, cut.boundaries)
    sessions = resume(scene, (), order, 0 if start.scenario.over else MOST_SESSIONS)
    if not start.scenario.over:
        resume(scene, (), order, 1)  # what is told of once only is told of no more
    assert sessions == 1 or cut.code or start.commands[-1][0] != "sync", "the session after an uncut one writes (L1)"
    return Whole(cut.boundaries, effects, take_picture(scene))


def find_effects(scene: Scene, boundaries: Sequence[str]) -> frozenset[int]:
    """The points of a run that has just ended at which the world is another than at the point before."""
    requests = iter(scene.box.sandbox.log.entries())
    found = {1}
    for point, boundary in enumerate(boundaries, 1):
        if boundary == "after commit":
            found.add(point)
        elif boundary.startswith("after "):
            found |= {point} if WRITES & set(next(requests).call.actions) else set()
    return frozenset(found)


def cut_at(scene: Scene, start: Start, whole: Whole, order: str, point: int) -> Failure | None:
    """The same run cut off at a point, resumed and compared."""
    scene.restore(start.moment)
    boundary = whole.boundaries[point - 1]
    told = ""
    try:
        cut = run_cut(scene.config, start.commands, order, point)
        if not cut.killed or cut.boundaries != whole.boundaries[:point]:
            told = f"  it went another way: exit {cut.code} after {cut.boundaries[-3:]}\n{cut.output}"
        else:
            told = "\n".join(f"  {line}" for line in _compare(scene, start, whole, order, cut.command))
    except AssertionError as error:
        told = f"  {error}"
    if not told:
        return None
    return Failure(start.scenario.name, scene.kind, order, point, boundary, told, scene.lag, scene.shelf.kind)


def strike(scene: Scene, start: Start, whole: Whole, order: str, point: int) -> list[str]:
    """The same run, whose connection to the store's server is lost at a commit; it goes on as it can, and its next
    sessions come to the same end. What is different, in words."""
    assert whole.boundaries[point - 1].endswith(" commit")
    scene.restore(start.moment)
    cut = run_cut(scene.config, start.commands, order, point, lose_connection)
    if cut.killed or cut.boundaries[:point] != whole.boundaries[:point]:
        return [f"it went another way: {cut.boundaries[-3:]}", cut.output]
    if "Traceback" in cut.output or "internal error" in cut.output:
        return [cut.output]
    return _compare(scene, start, whole, order, cut.command)


def _compare(scene: Scene, start: Start, whole: Whole, order: str, command: int) -> list[str]:
    """What is different in the end; as long as something may be told of for a session only, in the next one."""
    again, over = start.commands[command:], start.scenario.over
    if scene.lag:
        again = _hurry(scene, again, order)
    sessions = resume(scene, again, order, 0 if over else MOST_SESSIONS)
    found = differences(whole.end, take_picture(scene))
    while found and not over and sessions < MOST_SESSIONS:
        sessions += resume(scene, (), order, 1)
        found = differences(whole.end, take_picture(scene))
    if found and _answer_again(scene, start):
        resume(scene, (), order, MOST_SESSIONS)
        resume(scene, (), order, 1)
        found = differences(whole.end, take_picture(scene))
    return found


def _hurry(scene: Scene, again: Sequence[Words], order: str) -> Sequence[Words]:
    """Taken up at once, while the lists do not yet tell of what was written before the cut: whatever is not found there
    must not be taken for not done (B15). Ten minutes later it is taken up as everywhere, but for what a second time
    would ask for anew: a reset after a reset and its session forgets the pairs of that session, too, and the history
    tells, rightly, that they were paired once more (A1). Returns what is still to be given then."""
    with ordered(order):
        for words in again or (("sync", scene.user),):
            scene.run(*words, code=0 if words[0] in ANEW else None)
    return [words for words in again if words[0] not in ANEW]


def _answer_again(scene: Scene, start: Start) -> bool:
    """An answer is bound to the versions seen (C7). Where half of what it asks for was written already, it may be asked
    once more: the person answers the same again; whether there was anything to answer."""
    answer, rule = start.commands[0][0], start.commands[0][-1].partition("-")[0]
    if answer not in ("approve", "reject"):
        return False
    asked = [h["hold"] for h in scene.run("issues", scene.user)["holds"] if h["rule"] == rule]
    for hold in asked:
        scene.run(answer, scene.user, hold)
    return bool(asked)


def resume(scene: Scene, commands: Sequence[Words], order: str, most: int) -> int:
    """Ten minutes later: what a person had asked for is asked for again, and at most so many sessions follow until one
    writes nothing (L1); how many those were. AssertionError where a session fails, or none of them comes to rest."""
    scene.advance(IN_DOUBT)
    with ordered(order):
        for words in commands:
            scene.run(*words, code=None)
        for session in range(1, most + 1):
            scene.forget_requests()
            _settle(scene)
            if not scene.writes():
                return session
    if not most:
        return 0
    raise AssertionError(f"session {most} after the cut still writes: {scene.writes()}")


def _settle(scene: Scene) -> None:
    report: Mapping[str, Any] = scene.run("sync", scene.user, code=None)["users"][0]
    assert report["status"] in ("done", "held", "skipped"), report


Choice = Callable[[str, Whole], Sequence[int]]
"""Which points of a run in an order are tried."""


def every(_order: str, whole: Whole) -> Sequence[int]:
    """All of them."""
    return range(1, len(whole.boundaries) + 1)


def telling(_order: str, whole: Whole) -> Sequence[int]:
    """One for each state of the world."""
    return sorted(whole.effects)


def try_scenario(
    scene: Scene, scenario: Scenario, orders: Sequence[str] = ORDERS, choose: Choice = every
) -> Iterator[tuple[str, int, Failure | None]]:
    """Tries the chosen points of a scenario in each order; yields the order, the point and its failure."""
    start = begin(scene, scenario)
    for order in orders:
        whole = run_whole(scene, start, order)
        for point in choose(order, whole):
            yield order, point, cut_at(scene, start, whole, order, point)
