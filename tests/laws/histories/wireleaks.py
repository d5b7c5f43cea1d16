"""L3 over every byte: what the agent sends and is sent, what it logs, and every file of its installation."""

import logging
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

from mailsync.sandbox.log import Entry
from mailsync.sandbox.server import RunningSandbox
from tests.laws.histories.postal import home_of
from tests.laws.histories.privacy import secrets
from tests.laws.histories.witness import Witness
from tests.laws.histories.world import USER, World


class Heard(logging.Handler):
    """Keeps what is logged, as it would be written."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """A line, with its traceback."""
        self.lines.append(self.format(record))


@contextmanager
def listening() -> Generator[Heard]:
    """Hears all that mailsync logs, as chatty as it gets; the sandbox's own lines left out."""
    heard, logger = Heard(), logging.getLogger("mailsync")
    heard.addFilter(lambda record: not record.name.startswith("mailsync.sandbox"))
    level, passes = logger.level, logger.propagate
    logger.addHandler(heard)
    logger.setLevel(logging.DEBUG)
    logger.propagate = False
    try:
        yield heard
    finally:
        logger.removeHandler(heard)
        logger.setLevel(level)
        logger.propagate = passes


@dataclass
class Leaks:
    """Searches for secrets of personal contacts. What people's own programs send and are sent is skipped."""

    running: RunningSandbox
    stored: Callable[[], Mapping[str, bytes]]  # every byte of the installation
    world: World
    heard: Heard
    witness: Witness = field(init=False)
    readable: set[str] = field(default_factory=set[str])
    read: int = 0  # requests that were searched, or are people's

    def note(self) -> None:
        """Secrets of what carries a mark of ours still may be read: to take that off (A9), or to find it again in
        Deleted Items (B16). So may those of what lies in the folder: personal is what lies outside (A6), and the feed
        of a folder tells all that is in it, what is private or excluded (A13, A23) and has lost its category, too. An
        item tells its display name beside its values: where a program changes one without the other, an earlier name.
        Before the first session that is a folder of that name, which it takes over (A1). Called before each session,
        and after each act.
        """
        post = self.world.post
        known = self.world.store.state(USER).get("folder")
        home = known if known in post.folders else home_of(self.world)
        below = post.below(home) if home else frozenset[str]()
        ours = (i for i in post.items.values() if i.record or i.is_marked or i.folder in below)
        self.readable |= {s for i in ours for s in secrets(repr((i.values, i.display_name)))}

    def renew(self) -> None:
        """At a quiet point: what was ours once, and is no more, is looked after by now (A9), and may not be read any
        more."""
        self.readable.clear()
        self.note()

    def skip(self) -> None:
        """Whatever was sent up to now was people's."""
        self.read = len(self.running.sandbox.log.entries())

    def search(self) -> list[str]:
        """What the agent's requests since the last search, its store and its log now tell of personal contacts."""
        entries = self.running.sandbox.log.entries()[self.read :]
        self.skip()
        found = [f"L3: {s} of a personal contact is {where}" for s, where in self._find(entries)]
        found += [f"L9: {s} was logged" for line in self.heard.lines for s in sorted(secrets(line))]
        self.heard.lines.clear()
        return list(dict.fromkeys(found))

    def _find(self, entries: tuple[Entry, ...]) -> Iterator[tuple[str, str]]:
        exposed = self.witness.exposed
        for entry in entries:
            where = f"{entry.vendor} {entry.call.operation}"
            # What the mailbox may be asked for it may be given back: Graph forgets a name that a PATCH leaves out.
            own = set[str]() if entry.vendor == "salesforce" else self.readable
            for s in sorted(_of_request(entry) - exposed - own):
                yield s, f"sent in {where}"
            for s in sorted(secrets(entry.response.decode("latin-1")) - exposed - self.readable):
                yield s, f"asked for in {where}"
        for name, content in sorted(self.stored().items()) if entries else ():
            for s in sorted(secrets(content.decode("latin-1")) - exposed):
                yield s, f"stored in {name}"


def _of_request(entry: Entry) -> set[str]:
    asked = entry.request
    head = f"{asked.path}?{asked.query} {dict(asked.headers)}"
    return secrets(head) | secrets(asked.body.decode("latin-1"))
