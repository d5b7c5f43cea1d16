"""How the cost of something grows with its size, as a ratio within one run: never seconds, which are the machine's."""

from collections.abc import Callable
from time import process_time


def growth(small: Callable[[], object], large: Callable[[], object], rounds: int = 5) -> float:
    """How many times the processor time of `small` `large` takes: the least of each, measured in turns."""
    spent: dict[bool, list[float]] = {False: [], True: []}
    for _ in range(rounds):
        for is_large, work in ((False, small), (True, large)):
            began = process_time()
            work()
            spent[is_large].append(process_time() - began)
    return min(spent[True]) / max(min(spent[False]), 1e-6)
