"""[feed]: whose log-in reads the organisation's shared feed, checked, as values (decision 0028)."""

from collections.abc import Collection, Mapping
from pathlib import Path

from mailsync.settings.connections import FeedSettings
from mailsync.settings.secret import find_secret, list_given
from mailsync.settings.shape import FeedShape
from mailsync.settings.tables import Table, subtable

_WAYS = ("user", "username", "token", "token_env", "token_file")


def feed_problems(place: str, home: Table, users: Collection[str], base: Path, environ: Mapping[str, str]) -> list[str]:
    """What is wrong with the section at `place` beyond its shape: nobody who reads, or several; one whom the
    organisation does not have; a user name without the app's key. `home` is the organisation's table, or the file."""
    section, prefix = subtable(home, "feed"), place.removesuffix("feed")
    if not isinstance(home.get("feed"), dict):
        return []
    ways = [way for way in _WAYS if way in section]
    problems = [find_secret(section, "token", place, base, environ)[1]]
    match {way.partition("_")[0] for way in ways}:
        case found if not found:
            problems.append(f"{place}: nobody reads it; give user (one of the file's), username or token")
        case found if len(found) > 1:
            problems.append(f"{place}: given several ways ({', '.join(ways)}); keep one")
        case _:
            pass
    if "user" in section and section["user"] not in users:
        whose = "file" if place == "feed" else "organisation"
        told = f"{place}.user: there is no such user in the {whose}; give one of [users.…], or username, or token"
        problems.append(told)
    if "username" in section and "private_key_file" not in subtable(home, "salesforce"):
        told = f"{place}.username: needs {prefix}salesforce.private_key_file, or give user or token instead"
        problems.append(told)
    return [problem for problem in problems if problem]


def feed_settings(shape: FeedShape | None, base: Path, environ: Mapping[str, str]) -> FeedSettings | None:
    """The values of a section without problems; None where there is none, or it is turned off."""
    if shape is None or not shape.enabled:
        return None
    token, _ = find_secret(list_given(shape, "token"), "token", "", base, environ)
    return FeedSettings(shape.user or "", shape.username or "", token, shape.minutes)
