"""What happens in a history, drawn from its seed alone: acts with the numbers that pick what they are done to, sessions
with what goes wrong in them, and quiet points. Nothing in it depends on the world, so that any part can be left out.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from random import Random

from tests.laws.histories import agents, aimed, people, postal
from tests.laws.histories.people import Act

ACTS: Mapping[str, tuple[Act, int]] = people.ACTS | postal.ACTS | agents.ACTS | aimed.ACTS
NAMES = tuple(ACTS)
WEIGHTS = tuple(weight for _, weight in ACTS.values())
DURING = tuple(n for n in (*people.ACTS, *postal.ACTS, *aimed.ACTS, "answer", "set_key") if n != "replay_feed")
"""What may happen in the middle of a session, too."""
TROUBLES = ("kill before", "kill after", "unreachable", "throttled", "login", "broken", "lost", "cut", "late")
TROUBLE_WEIGHTS = (4, 4, 2, 1, 1, 2, 5, 3, 2)
MOST_CALLS = 16
SESSION, QUIET = "session", "quiet"


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that happens: an act by its name, a session, or a quiet point. `troubles`: at which call of a session
    what goes wrong, or (`act …`) what somebody else does."""

    name: str
    numbers: tuple[int, int, int] = (0, 0, 0)
    troubles: tuple[tuple[int, str], ...] = ()

    def __str__(self) -> str:
        told = f" {' '.join(map(str, self.numbers))}" if any(self.numbers) else ""
        wrong = f" [{', '.join(f'{at}: {kind}' for at, kind in self.troubles)}]" if self.troubles else ""
        return f"{self.name}{told}{wrong}"


Script = tuple[Step, ...]


def draw(seed: int) -> Script:
    """The script of a seed."""
    random = Random(f"script {seed}")
    calm, busy = random.random() < 0.25, random.randint(1, 5)
    steps = [_act(random, name) for name in random.choices(OPENING, k=random.randint(0, 9))]
    steps += [_act(random, "set_key") for _ in range(random.choice((0, 0, 1, 2, 3)))]
    for number in range(random.randint(7, 11)):
        steps.append(Step(SESSION, troubles=() if calm else _draw_troubles(random)))
        steps += [_draw_act(random) for _ in range(random.randint(0, busy))]
        if number % 4 == 3:
            steps.append(Step(QUIET))
    return (*steps, Step(QUIET))


OPENING = ("add_record", "add_record", "add_personal", "add_marked", "add_account", "edit_record", "add_namesake")


def _numbers(random: Random) -> tuple[int, int, int]:
    return random.randrange(1000), random.randrange(1000), random.randrange(1000)


def _act(random: Random, name: str) -> Step:
    return Step(name, _numbers(random))


def _draw_act(random: Random) -> Step:
    return _act(random, random.choices(NAMES, WEIGHTS)[0])


def _draw_troubles(random: Random) -> tuple[tuple[int, str], ...]:
    found: dict[int, str] = {}
    while random.random() < 0.4:
        at = random.randint(1, MOST_CALLS)
        if random.random() < 0.35:
            found[at] = " ".join(["act", random.choice(DURING), *map(str, _numbers(random))])
        else:
            found[at] = random.choices(TROUBLES, TROUBLE_WEIGHTS)[0]
    return tuple(sorted(found.items()))


STEP = re.compile(r"(\w+)((?: \d+)*)(?: \[(.*)\])?")


def parse(text: str) -> Script:
    """A script out of its steps' texts, joined by "; "."""
    return tuple(_parse_step(part) for part in text.split("; "))


def _parse_step(text: str) -> Step:
    found = STEP.fullmatch(text)
    assert found is not None, text
    name, numbers, troubles = found.groups(default="")
    assert name in (*ACTS, SESSION, QUIET), name
    three = tuple(map(int, numbers.split())) or (0, 0, 0)
    wrong = [part.partition(": ") for part in troubles.split(", ")] if troubles else []
    return Step(name, (three[0], three[1], three[2]), tuple((int(at), kind) for at, _, kind in wrong))
