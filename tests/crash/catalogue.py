"""The scenarios by name. One is a short function that plays what people did before the cut; see `Scenario`."""

from collections.abc import Callable

from tests.crash.trial import Prepare, Scenario

SCENARIOS: dict[str, Scenario] = {}


def scenario(
    *rules: str, needs: tuple[str, ...] = (), over: bool = False, **settings: str
) -> Callable[[Prepare], Prepare]:
    """Adds the function to the scenarios, under its name. `settings` are those of the file, dots as __; the rest is
    as `Scenario` says."""

    def add(prepare: Prepare) -> Prepare:
        name = prepare.__name__
        assert name not in SCENARIOS, name
        SCENARIOS[name] = Scenario(name, rules, prepare, needs, settings, over)
        return prepare

    return add
