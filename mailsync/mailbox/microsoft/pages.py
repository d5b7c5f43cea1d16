"""Collections read to their ends: pages of several at once, each round one request."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from mailsync.errors import AnswerBroken
from mailsync.mailbox.microsoft.answers import Answer, Json, as_error, as_list, as_object
from mailsync.mailbox.microsoft.channel import Channel, Part
from mailsync.mailbox.microsoft.login import VENDOR

PAGE = 500
"""Entries that a page of a change feed is asked to have at most."""

PREFER_PAGE = f"odata.maxpagesize={PAGE}"

_MOST = 20_000  # pages of one collection
_PATIENCE = 20  # pages in a row that tell nothing


@dataclass(slots=True)
class Pages:
    """One collection, read to its end. `delta` is the path that goes on from there, "" where it is no change feed;
    `refused` is Graph's answer where it would not go on.
    """

    values: list[Json] = field(default_factory=list[Json])
    delta: str = ""
    refused: Answer | None = None
    passed: set[str] = field(default_factory=set[str])
    idle: int = 0

    def check(self) -> "Pages":
        """Itself. Raises the error of a refusal."""
        if self.refused is not None:
            raise as_error(self.refused)
        return self


def read_pages(
    channel: Channel, starts: Mapping[str, Part], single: Mapping[str, Part] | None = None
) -> tuple[dict[str, Pages], dict[str, Answer]]:
    """The collections that begin with these requests, and the answers to single requests that ride in the first round.
    A round of one part is a plain request. Raises AnswerBroken where links lead in a circle; VendorError.
    """
    alone = dict(single or {})
    found = {name: Pages() for name in starts}
    waiting = dict(starts)
    told: dict[str, Answer] = {}
    while waiting or alone:
        names, lone = list(waiting), list(alone)
        parts = [*waiting.values(), *alone.values()]
        answers = [channel.ask(parts[0])] if len(parts) == 1 else channel.batch(parts)
        told |= dict(zip(lone, answers[len(names) :], strict=True))
        following = {n: _take(channel, found[n], waiting[n], a) for n, a in zip(names, answers, strict=False)}
        waiting = {n: part for n, part in following.items() if part is not None}
        alone = {}
    return found, told


def _take(channel: Channel, pages: Pages, asked: Part, answer: Answer) -> Part | None:
    """Adds a page; the request for the next one, None where that was the last."""
    if not answer.good:
        pages.refused = answer
        return None
    values = [as_object(v) for v in as_list(answer.body.get("value"))]
    pages.values += values
    pages.idle = 0 if values else pages.idle + 1
    following, delta = answer.body.get("@odata.nextLink"), answer.body.get("@odata.deltaLink")
    if isinstance(following, str):
        path = channel.relative(following)
        if path in pages.passed or len(pages.passed) >= _MOST or pages.idle >= _PATIENCE or delta is not None:
            raise AnswerBroken(VENDOR, "Microsoft's pages don't end", code="PAGING")
        pages.passed.add(path)
        return Part("GET", path, prefer=asked.prefer)
    if isinstance(delta, str):
        pages.delta = channel.relative(delta)
    elif asked.prefer == PREFER_PAGE:
        raise AnswerBroken(VENDOR, "Microsoft's changes have no end", code="INCOMPLETE")
    return None
