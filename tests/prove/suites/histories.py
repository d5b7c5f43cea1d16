"""Generated histories (tests/laws/histories): the same laws in memory, on both stores, over HTTP with each kind."""

import time
from collections.abc import Callable
from functools import partial

from tests.laws.histories.engines import many, play_in_memory, play_on_store, shelves
from tests.laws.histories.play import Played
from tests.laws.histories.wire import wire
from tests.laws.histories.wirekinds import KINDS
from tests.prove.suite import Failure, Figure, Figures, Share, Suite
from tests.services.postgres import stores_on

MOST_FAILURES = 20
TWICE = 20
"""Every so manieth history is played once more: the same seed gives the same one."""


def _run(world: str, playing: Callable[[int], Played], share: Share) -> Figures:
    tried = held = sessions = acts = again = same = 0
    failures: list[Failure] = []
    for seed in share.seeds():
        played = playing(seed)
        tried, sessions, acts = tried + 1, sessions + played.sessions, acts + played.acts
        held += not played.wrong
        repeat = f"python -m tests.laws.histories {world.format(seed=seed)} --shrink"
        failures += [Failure(f"seed {seed}: {w}", repeat) for w in played.wrong]
        if seed % TWICE == 0 and not world.startswith(
            "http"
        ):  # over HTTP time is real time, and no stamp the same twice
            again += 1
            same += playing(seed).digest == played.digest
        if len(failures) >= MOST_FAILURES:
            break
    rows = (
        Figure("histories", tried, held),
        Figure("their sessions", sessions, sessions),
        Figure("their acts of people and vendors", acts, acts),
    )
    rows = (*rows, Figure("played twice alike", again, same)) if again else rows
    return Figures(rows, tuple(failures), time.monotonic() - share.begun)


def _in_memory(share: Share) -> Figures:
    with many():
        return _run("memory {seed}", play_in_memory, share)


def _on_store(store: str, share: Share) -> Figures:
    with stores_on(store), shelves() as kept, many():
        return _run(f"{store} {{seed}}", lambda seed: play_on_store(seed, None, kept), share)


def _over_http(kind: str, share: Share) -> Figures:
    with wire(kind) as running:
        return _run(f"http {{seed}} --kind {kind}", running.play, share)


SUITES = [
    Suite("histories-memory", "histories in memory", 6.0, _in_memory, parts=2),
    Suite("histories-sqlite", "histories on SQLite", 2.0, partial(_on_store, "sqlite"), parts=2),
    Suite("histories-postgresql", "histories on PostgreSQL", 2.0, partial(_on_store, "postgresql"), parts=2),
    *(
        Suite(f"histories-{kind}", f"histories over HTTP, {kind}", 1.5, partial(_over_http, kind), parts=2)
        for kind in KINDS
    ),
]
