"""Makes a failing script short: leaves out whatever it still fails without."""

from collections.abc import Callable
from dataclasses import replace

from tests.laws.histories.script import Script


def shrink(script: Script, fails: Callable[[Script], bool], most: int = 2000) -> Script:
    """A script that fails still, and no longer does with any one of its steps or troubles left out (within so many
    trials)."""
    trials = 0

    def tries(shorter: Script) -> bool:
        nonlocal trials
        trials += 1
        return trials <= most and fails(shorter)

    size = max(1, len(script) // 2)
    while size:
        start = 0
        while start < len(script):
            shorter = script[:start] + script[start + size :]
            if shorter and tries(shorter):
                script = shorter
            else:
                start += size
        size //= 2
    return _calm(script, tries)


def _calm(script: Script, tries: Callable[[Script], bool]) -> Script:
    for number, step in enumerate(script):
        for trouble in step.troubles:
            rest = tuple(t for t in script[number].troubles if t != trouble)
            calmer = (*script[:number], replace(step, troubles=rest), *script[number + 1 :])
            if tries(calmer):
                script = calmer
    return script
