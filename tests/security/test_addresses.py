"""Where log-ins are sent: only to https, or to http on this machine; addresses that hide what they are are refused."""

from pathlib import Path

import pytest

from mailsync.errors import SettingsError
from mailsync.settings import load_settings

ELSEWHERE = (
    "",
    " ",
    "https://",
    "http://",
    "//mail.example.com/EWS",
    "mail.example.com",
    "mail.example.com:443",
    "/etc/passwd",
    "file:///etc/passwd",
    "file://localhost/etc/passwd",
    "ftp://mail.example.com/",
    "gopher://127.0.0.1:70/_x",
    "dict://127.0.0.1:11211/",
    "ldap://127.0.0.1/",
    "data:text/plain,x",
    "javascript:alert(1)",
    "unix:///run/docker.sock",
    "http+unix://%2Frun%2Fdocker.sock/",
    "jar:https://mail.example.com!/",
    "ws://mail.example.com/",
    "HTTP://MAIL.EXAMPLE.COM/EWS",
    "http://mail.example.com/EWS",
    "http://169.254.169.254/latest/meta-data/",
    "http://[fd00:ec2::254]/latest/",
    "http://metadata.google.internal/",
    "http://10.0.0.1/",
    "http://172.16.0.1/",
    "http://192.168.0.1/",
    "http://100.64.0.1/",
    "http://0.0.0.0/",
    "http://0/",
    "http://127.1/",
    "http://2130706433/",
    "http://0x7f000001/",
    "http://0177.0.0.1/",
    "http://127.0.0.1.example.com/",
    "http://localhost.example.com/",
    "http://localhost@mail.example.com/",
    "http://127.0.0.1@mail.example.com/",
    "http://mail.example.com#@127.0.0.1/",
    "http://mail.example.com?@127.0.0.1/",
    "http://mail.example.com\\@127.0.0.1/",
    "http://[::ffff:10.0.0.1]/",
    "http://[::]/",
    "http://[::1",
    "http://[fe80::1%25eth0]/",
    "http://LOCALHOST.:80@evil.example/",
    "https://user@mail.example.com/EWS",
    "https://user:secret@mail.example.com/EWS",
    "https://:secret@mail.example.com/EWS",
    "https://mail.example.com/EWS?token=x",
    "https://mail.example.com/EWS#part",
    "https://mail.example.com:99999/",
    "https://mail.example.com:port/",
    "https://mail example.com/",
    "https://mail.example.com/E WS",
    "https://mail.example.com/\tEWS",
    "https://mail.example.com/\nHost: evil.example",
    "https:///EWS/Exchange.asmx",
    "https:mail.example.com",
    "https://[::1",
)
assert len(ELSEWHERE) >= 60


def write_file(folder: Path, salesforce: str, exchange: str) -> Path:
    def quoted(text: str) -> str:
        return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\t", "\\t").replace("\n", "\\n") + '"'

    path = folder / "mailsync.toml"
    path.write_text(
        f'[salesforce]\nurl = {quoted(salesforce)}\n[users.ann]\nsalesforce_token = "t"\nmailbox = "exchange"\n'
        f'address = "ann@acme.example"\n[users.ann.exchange]\nurl = {quoted(exchange)}\nusername = "ann"\n'
        'password = "p"\n'
    )
    return path


@pytest.mark.parametrize("url", ELSEWHERE)
def test_no_log_in_goes_to_such_an_address(tmp_path: Path, url: str) -> None:
    good = "https://mail.example.com/EWS/Exchange.asmx"
    for place, salesforce, exchange in (("salesforce.url", url, good), ("users.ann.exchange.url", good[:24], url)):
        path = write_file(tmp_path, salesforce, exchange)
        with pytest.raises(SettingsError) as caught:
            load_settings(path, {})
        assert [p for p in caught.value.problems if p.startswith(place)], caught.value.problems
        assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    "url", ["https://mail.example.com/EWS/Exchange.asmx", "http://127.0.0.1:8025/EWS", "http://localhost/"]
)
def test_https_and_this_machine_are_taken(tmp_path: Path, url: str) -> None:
    load_settings(write_file(tmp_path, "https://acme.my.salesforce.com", url), {})
