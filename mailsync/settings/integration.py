"""[feed]: whose log-in reads the organisation's shared feed, checked, as values (decision 0028)."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

from mailsync.settings.connections import FeedSettings
from mailsync.settings.secret import Table, find_secret, list_given
from mailsync.settings.shape import FeedShape

_WAYS = ("user", "username", "token", "token_env", "token_file")


def feed_problems(raw: Table, base: Path, environ: Mapping[str, str]) -> list[str]:
    """What is wrong with the section beyond its shape: nobody who reads, or several; one whom the file does not have;
    a user name without the app's key."""
    section = _section(raw, "feed")
    if "feed" not in raw or not isinstance(raw["feed"], dict):
        return []
    ways = [way for way in _WAYS if way in section]
    problems = [find_secret(section, "token", "feed", base, environ)[1]]
    match {way.partition("_")[0] for way in ways}:
        case found if not found:
            problems.append("feed: nobody reads it; give user (one of the file's), username or token")
        case found if len(found) > 1:
            problems.append(f"feed: given several ways ({', '.join(ways)}); keep one")
        case _:
            pass
    if "user" in section and section["user"] not in _section(raw, "users"):
        problems.append("feed.user: there is no such user in the file; give one of [users.…], or username, or token")
    if "username" in section and "private_key_file" not in _section(raw, "salesforce"):
        problems.append("feed.username: needs salesforce.private_key_file, or give user or token instead")
    return [problem for problem in problems if problem]


def feed_settings(shape: FeedShape | None, base: Path, environ: Mapping[str, str]) -> FeedSettings | None:
    """The values of a section without problems; None where there is none, or it is turned off."""
    if shape is None or not shape.enabled:
        return None
    token, _ = find_secret(list_given(shape, "token"), "token", "", base, environ)
    return FeedSettings(shape.user or "", shape.username or "", token, shape.minutes)


def _section(raw: Table, name: str) -> Mapping[str, Any]:
    found = raw.get(name)
    return cast("Mapping[str, Any]", found) if isinstance(found, dict) else {}
