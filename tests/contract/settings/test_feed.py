"""[feed]: one log-in that reads for all, given in one way, or a problem that says what to do (decision 0028)."""

from pathlib import Path

import pytest

from mailsync.errors import SettingsError
from mailsync.settings import FeedSettings, Settings, load_settings

FILE = """
[salesforce]
url = "https://acme.my.salesforce.com"
{app}
[users.ann]
mailbox = "google"
address = "ann@acme.example"
[users.ann.google]
token = "x"
{feed}
"""
APP = 'client_id = "app"\nprivate_key_file = "app.pem"\n'


def load(tmp_path: Path, feed: str, app: str = "", **environ: str) -> Settings:
    (tmp_path / "app.pem").touch()
    path = tmp_path / "mailsync.toml"
    path.write_text(FILE.format(app=app, feed=feed))
    return load_settings(path, environ)


@pytest.mark.parametrize(
    ("feed", "expected"),
    [
        ("", None),
        ('[feed]\nuser = "ann"', FeedSettings(user="ann")),
        ('[feed]\nusername = "i@acme.example"\nminutes = 5', FeedSettings(username="i@acme.example", minutes=5)),
        ('[feed]\ntoken = "t0ken"', FeedSettings(token="t0ken")),
        ('[feed]\ntoken_env = "FEED"', FeedSettings(token="from outside")),
        ('[feed]\ntoken = "t0ken"\nenabled = false', None),
    ],
)
def test_one_way_in_turns_it_on(tmp_path: Path, feed: str, expected: FeedSettings | None) -> None:
    found = load(tmp_path, feed, APP, FEED="from outside").organisations[""].feed
    assert found == expected
    assert "t0ken" not in repr(found)


@pytest.mark.parametrize(
    ("feed", "problem"),
    [
        ("[feed]", "feed: nobody reads it"),
        ('[feed]\nuser = "ann"\ntoken = "t0ken"', "feed: given several ways (user, token)"),
        ('[feed]\nuser = "bob"', "feed.user: there is no such user in the file"),
        ('[feed]\nusername = "i@acme.example"', "feed.username: needs salesforce.private_key_file"),
        ('[feed]\ntoken = "t0ken"\ntoken_env = "FEED"', "feed.token: given 2 times"),
        ('[feed]\ntoken_env = "NONE"', "feed.token_env: the environment has no variable NONE"),
        ('[feed]\ntoken = "t0ken"\nminutes = 0', "feed.minutes:"),
        ('[feed]\ntoken = "t0ken"\nminute = 3', "feed.minute: there is no such key; did you mean minutes?"),
        ("feed = 3", "feed: write it as a table"),
    ],
)
def test_what_is_wrong_is_said(tmp_path: Path, feed: str, problem: str) -> None:
    if not feed.startswith("["):  # a key of the whole file stands at its top
        (tmp_path / "mailsync.toml").write_text(feed + FILE.format(app="", feed=""))
        with pytest.raises(SettingsError) as raised:
            load_settings(tmp_path / "mailsync.toml", {})
    else:
        with pytest.raises(SettingsError) as raised:
            load(tmp_path, feed)
    assert [p for p in raised.value.problems if p.startswith(problem)], raised.value.problems
    assert "t0ken" not in str(raised.value)
