"""mailsync.toml: found, read whole, every problem at once, and no secret in any of them."""

import tomllib
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mailsync.errors import SettingsError
from mailsync.sandbox.configuration import render_configuration
from mailsync.settings import (
    ExchangeConnection,
    GoogleApp,
    GoogleConnection,
    MailboxConnection,
    MicrosoftApp,
    MicrosoftConnection,
    Organisation,
    SalesforceApp,
    SalesforceConnection,
    Settings,
    UserConnection,
    load_settings,
    locate_file,
    resolve,
    show,
    template,
)

SECRET = "hunter2-5Aep861"
GOOD = f"""
[defaults]
direction = "up"
contacts = true
block = ["spam.example", "x@y.example"]
guard = {{ count = 5 }}
"guard.percent" = 20

[salesforce]
url = "https://acme.my.salesforce.com/"
ca = "sf.pem"

[users.ann]
salesforce_token = "{SECRET}"
mailbox = "exchange"
address = "ann@acme.example"
settings = {{ view = "all", conflict.Title = "ask" }}
[users.ann.exchange]
url = "https://mail.acme.example/EWS/Exchange.asmx"
username = "ACME\\\\ann"
password = "{SECRET}"
auth = "ntlm"
"""


def _write(folder: Path, text: str) -> Path:
    path = folder / "mailsync.toml"
    path.write_text(text, encoding="utf-8")
    return path


def _problems(folder: Path, text: str, environ: dict[str, str] | None = None) -> tuple[str, ...]:
    with pytest.raises(SettingsError) as caught:
        load_settings(_write(folder, text), environ or {})
    assert SECRET not in str(caught.value)
    return caught.value.problems


def test_the_file_is_found(tmp_path: Path) -> None:
    assert locate_file(None, {}, tmp_path) == tmp_path / "mailsync.toml"
    assert locate_file(None, {"MAILSYNC_CONFIG": "a.toml"}, tmp_path) == tmp_path / "a.toml"
    assert locate_file("/b.toml", {"MAILSYNC_CONFIG": "a.toml"}, tmp_path) == Path("/b.toml")


def test_a_whole_file_becomes_values(tmp_path: Path) -> None:
    (tmp_path / "sf.pem").touch()
    path = _write(tmp_path, "\ufeff" + GOOD)  # some editors write a byte order mark
    loaded = load_settings(path, {})
    exchange = ExchangeConnection("https://mail.acme.example/EWS/Exchange.asmx", "ACME\\ann", SECRET, "ntlm")
    own = {"view": "all", "conflict.Title": "ask"}
    salesforce = SalesforceConnection("https://acme.my.salesforce.com", "68.0", tmp_path / "sf.pem")
    defaults = {
        "direction": "up",
        "contacts": "on",
        "block": "spam.example,x@y.example",
        "guard.count": "5",
        "guard.percent": "20",
    }
    assert loaded == Settings(
        path,
        str(tmp_path / "mailsync.db"),
        tmp_path / "mailsync.key",
        {"": Organisation("", salesforce, defaults=defaults)},
        {"ann": UserConnection("ann", SECRET, "ann@acme.example", exchange, own, mailboxes={"exchange": exchange})},
        defaults,
    )
    assert SECRET not in repr(loaded)
    typed, _ = resolve(loaded.defaults, loaded.users["ann"].settings, {})
    assert (typed.guard_count, typed.guard_percent, typed.view) == (5, 20, "all")
    assert typed.block == {"spam.example", "x@y.example"}


def test_secrets_come_from_the_environment_or_a_file(tmp_path: Path) -> None:
    (tmp_path / "sf.pem").touch()
    (tmp_path / "pw").write_text(f"{SECRET}\n")
    text = GOOD.replace(f'salesforce_token = "{SECRET}"', 'salesforce_token_env = "ANN_TOKEN"')
    text = text.replace(f'password = "{SECRET}"', 'password_file = "pw"')
    ann = load_settings(_write(tmp_path, text), {"ANN_TOKEN": "from-env"}).users["ann"]
    assert isinstance(ann.mailbox, ExchangeConnection)
    assert (ann.salesforce_token, ann.mailbox.password) == ("from-env", SECRET)
    (tmp_path / "pw").unlink()
    assert _problems(tmp_path, text) == (
        "users.ann.salesforce_token_env: the environment has no variable ANN_TOKEN; set it",
        f"users.ann.exchange.password_file: the file {tmp_path / 'pw'} can't be read: No such file or directory",
    )


HEAD, _, _EXCHANGE = GOOD.partition("[users.ann.exchange]")


def _of_kind(kind: str, *sections: str) -> str:
    return HEAD.replace('mailbox = "exchange"', f'mailbox = "{kind}"') + "\n".join(sections)


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("google", GoogleConnection(SECRET)),
        ("microsoft", MicrosoftConnection(SECRET)),
    ],
)
def test_a_mailbox_of_google_or_microsoft_takes_a_token(tmp_path: Path, kind: str, expected: MailboxConnection) -> None:
    (tmp_path / "sf.pem").touch()
    (tmp_path / "token").write_text(f"{SECRET}\n")
    text = _of_kind(kind, f"[users.ann.{kind}]", 'token_file = "token"')
    loaded = load_settings(_write(tmp_path, text), {})
    assert loaded.users["ann"].mailbox == expected
    assert SECRET not in repr(loaded)
    text = _of_kind(kind, f"[users.ann.{kind}]", f'token = "{SECRET}"', 'url = "http://127.0.0.1:1/"', 'ca = "sf.pem"')
    own = load_settings(_write(tmp_path, text), {}).users["ann"].mailbox
    assert own == replace(expected, url="http://127.0.0.1:1", ca=tmp_path / "sf.pem")


@pytest.mark.parametrize("kind", ["exchange", "google", "microsoft"])
def test_a_mailbox_takes_the_section_of_its_kind_and_others_to_move_to(tmp_path: Path, kind: str) -> None:
    (tmp_path / "sf.pem").touch()
    assert _problems(tmp_path, _of_kind(kind)) == (f"users.ann.{kind}: missing; add [users.ann.{kind}]",)
    sections = {
        "exchange": f'[users.ann.exchange]\nurl = "https://a.example"\nusername = "a"\npassword = "{SECRET}"',
        "google": f'[users.ann.google]\ntoken = "{SECRET}"',
        "microsoft": f'[users.ann.microsoft]\ntoken = "{SECRET}"',
    }
    loaded = load_settings(_write(tmp_path, _of_kind(kind, *sections.values())), {}).users["ann"]
    assert list(loaded.mailboxes) == ["exchange", "google", "microsoft"]
    assert loaded.mailbox == loaded.mailboxes[kind]


def test_a_section_of_google_or_microsoft_is_checked_like_the_others(tmp_path: Path) -> None:
    (tmp_path / "sf.pem").touch()
    text = _of_kind("google", "[users.ann.google]", 'url = "https://a.example/v1"', 'tokn = "x"', 'ca = "none.pem"')
    places = {p.partition(": ")[0]: p.partition(": ")[2] for p in _problems(tmp_path, text)}
    assert set(places) == {f"users.ann.google.{k}" for k in ("url", "tokn", "ca")}
    assert "did you mean token?" in places["users.ann.google.tokn"]


def test_a_log_in_that_the_file_does_not_hold_is_no_problem(tmp_path: Path) -> None:
    """It is what `connect` stored; whether there is one is seen when it is needed."""
    (tmp_path / "sf.pem").touch()
    text = "\n".join(line for line in GOOD.splitlines() if SECRET not in line)
    ann = load_settings(_write(tmp_path, text), {}).users["ann"]
    assert isinstance(ann.mailbox, ExchangeConnection)
    assert (ann.salesforce_token, ann.mailbox.password) == ("", "")


def test_the_applications_that_people_log_in_through(tmp_path: Path) -> None:
    for name in ("sf.pem", "key.pem", "key.json", "cert.pem"):
        (tmp_path / name).touch()
    apps = f"""
client_id = "app"
client_secret_env = "SECRET"
login_url = "https://login.salesforce.com"
private_key_file = "key.pem"
redirect_port = 0
[google]
client_id = "desk"
client_secret = "{SECRET}"
service_account_file = "key.json"
[microsoft]
client_id = "entra"
tenant = "acme.example"
certificate_file = "cert.pem"
"""
    text = GOOD.replace('ca = "sf.pem"\n', f'ca = "sf.pem"{apps}')
    loaded = load_settings(_write(tmp_path, text), {"SECRET": SECRET})
    assert loaded.organisations[""].salesforce.app == SalesforceApp(
        "app", SECRET, "https://login.salesforce.com", 0, tmp_path / "key.pem"
    )
    assert loaded.organisation_of("ann").google == GoogleApp("desk", SECRET, tmp_path / "key.json")
    assert loaded.organisation_of("ann").microsoft == MicrosoftApp(
        "entra", "acme.example", certificate_file=tmp_path / "cert.pem"
    )
    assert SECRET not in repr(loaded)
    for name in ("key.pem", "key.json", "cert.pem"):
        (tmp_path / name).unlink()
    assert {p.partition(":")[0] for p in _problems(tmp_path, text)} == {
        "salesforce.client_secret_env",
        "salesforce.private_key_file",
        "google.service_account_file",
        "microsoft.certificate_file",
    }
    lonely = GOOD.replace('ca = "sf.pem"\n', 'ca = "sf.pem"\nclient_secret = "x"\n')
    assert _problems(tmp_path, lonely) == ("salesforce.client_secret: belongs to an app; give its client_id too",)


def test_store_and_key_may_lie_elsewhere(tmp_path: Path) -> None:
    (tmp_path / "sf.pem").touch()
    loaded = load_settings(_write(tmp_path, 'store = "/var/lib/m.db"\nkey_file = "keys/k"\n' + GOOD), {})
    assert (loaded.store, loaded.key_file) == ("/var/lib/m.db", tmp_path / "keys/k")
    loaded = load_settings(_write(tmp_path, 'store = "sqlite:////var/lib/m.db"\n' + GOOD), {})
    assert loaded.store == "sqlite:////var/lib/m.db"


def test_every_problem_is_named_at_once_with_its_key(tmp_path: Path) -> None:
    problems = _problems(
        tmp_path,
        f"""
stroe = "x"
[defaults]
direction = "sideways"
[salesforce]
url = "http://acme.example"
api_version = "latest"
ca = "none.pem"
[users."a b"]
salesforce_token = "{SECRET}"
salesforce_token_env = "X"
mailbox = "gmail"
adress = "ann@acme.example"
settings = {{ viwe = "all" }}
[users."a b".exchange]
url = "https://{SECRET}:x@mail.example/"
username = ""
password = ["{SECRET}"]
""",
    )
    places = {p.partition(": ")[0]: p.partition(": ")[2] for p in problems}
    assert set(places) == {
        "stroe",
        "defaults.direction",
        "salesforce.url",
        "salesforce.api_version",
        "salesforce.ca",
        "users.a b",
        "users.a b.salesforce_token",
        "users.a b.mailbox",
        "users.a b.adress",
        "users.a b.address",
        "users.a b.settings.viwe",
        "users.a b.exchange.url",
        "users.a b.exchange.username",
        "users.a b.exchange.password",
    }
    assert "did you mean store?" in places["stroe"]
    assert "did you mean address?" in places["users.a b.adress"]
    assert "did you mean view?" in places["users.a b.settings.viwe"]
    assert "loopback" in places["salesforce.url"]
    assert "keep one" in places["users.a b.salesforce_token"]
    assert places["users.a b.mailbox"] == "give 'exchange', 'google' or 'microsoft'"
    assert "in quotes" in places["users.a b.exchange.password"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[salesforce]\nurl = "https://x', "line 2, column"),
        ("a = 1\na = 2\n", "line 2, column"),
        ("[salesforce\n", "line 1, column 12"),
        ("x = ", "line 1, column 5 (the file's end)"),
        (f'password = "{SECRET}" {SECRET}\n', "line 1, column"),
        (f'{SECRET} = 1\n[x]\n"{SECRET}" = "a"\n"{SECRET}" = "b"\n', "line 4, column"),
    ],
)
def test_broken_toml_is_shown_by_line_and_column(tmp_path: Path, text: str, said: str) -> None:
    (problem,) = _problems(tmp_path, text)
    assert "this is no TOML" in problem
    assert said in problem


def test_files_that_can_not_be_read_are_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="mailsync init"):
        load_settings(tmp_path / "none.toml", {})
    with pytest.raises(SettingsError, match="can't be read"):
        load_settings(tmp_path, {})
    (tmp_path / "latin.toml").write_bytes("# Köln".encode("latin-1"))
    with pytest.raises(SettingsError, match="save it as UTF-8"):
        load_settings(tmp_path / "latin.toml", {})


@pytest.mark.parametrize(
    ("url", "fine"),
    [
        ("https://acme.my.salesforce.com", True),
        ("https://acme.my.salesforce.com:8443/", True),
        ("http://127.0.0.1:8025", True),
        ("http://127.8.0.1", True),
        ("http://[::1]:8025", True),
        ("http://localhost:1", True),
        ("http://localhost.evil.example", False),
        ("http://127.0.0.1.evil.example", False),
        ("http://2130706433", False),
        ("http://0177.0.0.1", False),
        ("http://169.254.169.254", False),
        ("http://10.0.0.1", False),
        ("http://[::ffff:10.0.0.1]", False),
        ("file:///etc/passwd", False),
        ("ftp://acme.example", False),
        ("acme.my.salesforce.com", False),
        ("https://", False),
        ("https://user@acme.example", False),
        ("http://127.0.0.1@evil.example", False),
        ("https://acme.example/?x=1", False),
        ("https://acme.example/#x", False),
        ("https://acme.example/path", False),
        ("https://acme.example:port", False),
        ("https://[bad", False),
        ("https://ac me.example", False),
        ("", False),
    ],
)
def test_only_https_or_loopback_is_an_address(tmp_path: Path, url: str, fine: bool) -> None:
    (tmp_path / "sf.pem").touch()
    text = GOOD.replace("https://acme.my.salesforce.com/", url)
    if fine:
        assert load_settings(_write(tmp_path, text), {}).organisations[""].salesforce.url == url.rstrip("/")
    else:
        assert [p.partition(":")[0] for p in _problems(tmp_path, text)] == ["salesforce.url"]


@pytest.mark.parametrize(
    ("text", "places"),
    [
        ("", {"salesforce"}),
        ("salesforce = 3\nusers = []\ndefaults = 1\n", {"salesforce", "users", "defaults"}),
        ("[salesforce]\nurl = 3\n", {"salesforce.url"}),
        ('[salesforce]\nurl = "https://a.example"\n[users]\nann = 1\n', {"users.ann"}),
        (
            '[salesforce]\nurl = "https://a.example"\n[users.ann]\n',
            {"users.ann.mailbox", "users.ann.address"},
        ),
    ],
)
def test_wrong_shapes_are_problems_too(tmp_path: Path, text: str, places: set[str]) -> None:
    assert {p.partition(":")[0] for p in _problems(tmp_path, text)} == places


TOML = st.recursive(
    st.booleans() | st.integers(-9, 9) | st.sampled_from(["", "x", "exchange", "google", "https://a.example", "up"]),
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(
            st.sampled_from(
                [
                    "users",
                    "ann",
                    "salesforce",
                    "url",
                    "exchange",
                    "defaults",
                    "direction",
                    "settings",
                    "ca",
                    "password",
                    "mailbox",
                    "google",
                    "token",
                ]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


def _toml(value: object) -> str:
    match value:
        case bool():
            return str(value).lower()
        case dict():
            return "{" + ", ".join(f"{k} = {_toml(v)}" for k, v in value.items()) + "}"
        case list():
            return "[" + ", ".join(map(_toml, value)) + "]"
        case str():
            return f'"{value}"'
        case _:
            return str(value)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.dictionaries(st.sampled_from(["users", "salesforce", "defaults", "store", "odd"]), TOML, max_size=4))
def test_no_file_is_answered_with_anything_but_problems(tmp_path: Path, content: dict[str, object]) -> None:
    text = "\n".join(f"{key} = {_toml(value)}" for key, value in content.items())
    assert tomllib.loads(text) == content
    try:
        loaded = load_settings(_write(tmp_path, text), {})
    except SettingsError as error:
        loaded, problems = None, error.problems
    else:
        problems = (loaded.organisations[""].salesforce.url,)
    assert all(problems)
    assert loaded is None or loaded.organisations[""].salesforce.url.startswith("https://")


def test_the_template_says_what_to_fill_in(tmp_path: Path) -> None:
    problems = _problems(tmp_path, template())
    assert {p.partition(": ")[0] for p in problems} == {
        "salesforce.url",
        "users.ann.address",
        "users.ann.exchange.url",
        "users.ann.exchange.username",
    }
    assert all("fill" in p for p in problems), problems


def test_a_filled_template_with_every_remark_taken_off_is_the_defaults(tmp_path: Path) -> None:
    text = template()
    for empty, filled in (
        ('address = ""', 'address = "a@b.example"'),
        ('url = ""', 'url = "https://a.example"'),
        ('= ""', '= "x"'),
    ):
        text = text.replace(empty, filled)
    (tmp_path / "salesforce.pem").touch()
    (tmp_path / "exchange.pem").touch()
    (tmp_path / "app.pem").touch()
    lines = [line[2:] if line.startswith("# ") and " = " in line else line for line in text.splitlines()]
    loaded = load_settings(_write(tmp_path, "\n".join(lines)), {})
    assert loaded.users["ann"].settings == {"view": "all"}
    typed, origins = resolve(loaded.defaults, {}, {})
    plain, unset = resolve({}, {}, {})
    shown = {s.key: s.value for s in show(typed, origins)}
    assert {k: v for k, v in shown.items() if k in {s.key for s in show(plain, unset)}} == {
        s.key: s.value for s in show(plain, unset)
    }
    assert all(origins[key] == "file" for key in origins)
    assert max(map(len, template().splitlines())) <= 160


def test_the_sandboxs_own_configuration_is_one(tmp_path: Path) -> None:
    world = {"exchange": {"mailboxes": [{"user": "ann", "address": "ann@acme.example"}]}}
    path = _write(tmp_path, render_configuration("http://127.0.0.1:8025", world))
    loaded = load_settings(path, {})
    assert loaded.organisations[""].salesforce == SalesforceConnection("http://127.0.0.1:8025", "68.0")
    assert loaded.users["ann"].salesforce_token == "sandbox-ann"
    exchange = loaded.users["ann"].mailbox
    assert isinstance(exchange, ExchangeConnection)
    assert exchange.url == "http://127.0.0.1:8025/EWS/Exchange.asmx"
