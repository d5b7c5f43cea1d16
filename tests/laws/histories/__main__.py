"""Repeats a history: `python -m tests.laws.histories memory|sqlite|postgresql|http SEED [--kind KIND] [--shrink]`.

Prints its trace and what did not hold; exit 1 if anything did not. `--shrink` leaves out whatever it fails without.
"""

import argparse
import sys
from collections.abc import Callable, Generator
from contextlib import contextmanager
from functools import partial

from tests.laws.histories.engines import many, play_in_memory, play_on_store, shelves
from tests.laws.histories.play import Played
from tests.laws.histories.script import Script, draw
from tests.laws.histories.shrink import shrink
from tests.laws.histories.wire import wire
from tests.laws.histories.wirekinds import KINDS
from tests.services.postgres import STORES, stores_on

Playing = Callable[[int, Script | None], Played]


@contextmanager
def engine(world: str, kind: str) -> Generator[Playing]:
    """What plays histories in such a world; over HTTP with such a mailbox."""
    if world == "memory":
        yield play_in_memory
        return
    if world == "http":
        with wire(kind) as running:
            yield running.play
        return
    with stores_on(world), shelves() as kept:
        yield partial(play_on_store, kept=kept)


def main() -> int:
    """Exit 0 = it held."""
    parser = argparse.ArgumentParser(prog="python -m tests.laws.histories", description=__doc__)
    parser.add_argument("world", choices=["memory", *STORES, "http"])
    parser.add_argument("seed", type=int)
    parser.add_argument("--kind", choices=sorted(KINDS), default="exchange", help="the mailbox over HTTP")
    parser.add_argument("--shrink", action="store_true")
    asked = parser.parse_args()
    with engine(asked.world, asked.kind) as play, many():
        script = draw(asked.seed)
        played = play(asked.seed, script)
        if asked.shrink and played.wrong:
            script = shorten(asked.seed, script, played, play)
            played = play(asked.seed, script)
    print("\n".join(played.trace))
    print("\n".join(["", *(f"WRONG {w}" for w in played.wrong), f"digest {played.digest}"]))
    if asked.shrink:
        print(f"script {'; '.join(map(str, script))}")
    return 1 if played.wrong else 0


def shorten(seed: int, script: Script, played: Played, play: Playing) -> Script:
    """The script without what it breaks the same law without."""
    law = played.wrong[0].partition(":")[0]
    return shrink(script, lambda shorter: any(w.startswith(law) for w in play(seed, shorter).wrong))


if __name__ == "__main__":
    sys.exit(main())
