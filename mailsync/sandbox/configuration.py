"""The mailsync.toml that a sandbox writes for the people of its world."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from mailsync.sandbox.vendor import Refused

_MARK = "# Written by `mailsync sandbox`; written anew when it starts."


def render_configuration(url: str, world: Mapping[str, Any], ca: Path | None = None) -> str:
    """The TOML for everybody in the world whose mailbox is on a vendor that is built.

    `url` is where the sandbox answers, `ca` the file of its authority where that is https; the log-ins are the fixed
    ones of docs/sandbox.md.
    """
    trusted = [] if ca is None else [f"ca = {_quote(str(ca.absolute()))}"]
    lines = [
        _MARK,
        '# store = "mailsync.db"   # beside this file unless said otherwise',
        "[salesforce]",
        f"url = {_quote(url)}      # plain http is accepted for loopback addresses only",
        'api_version = "68.0"',
        *trusted,
    ]
    told: set[str] = set()
    for vendor, render in _USERS.items():
        for mailbox in world.get(vendor, {}).get("mailboxes", []):
            if mailbox["user"] not in told:
                lines += [*render(url, mailbox["user"], mailbox["address"]), *trusted]
            told.add(mailbox["user"])
    return "\n".join(lines) + "\n"


def write_configuration(path: Path, text: str) -> None:
    """Writes the file. Raises Refused where it can't be written, or holds a configuration that a person wrote."""
    _write_own("config-out", path, text)


def write_authority(path: Path, pem: str) -> None:
    """Writes the certificate that clients are to trust, by the rules of `write_configuration`. Raises Refused."""
    _write_own("ca-out", path, f"{_MARK}\n{pem}")


def _write_own(option: str, path: Path, text: str) -> None:
    try:
        present = path.read_text(encoding="utf-8") if path.exists() else ""
        if present.strip() and not present.startswith(_MARK):
            raise Refused(f"{option} {path}: there is a file of somebody's own; give another path or move it away")
        path.write_text(text, encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "holds something else than text"
        raise Refused(f"{option} {path}: {reason}; give a path that can be written") from None


def _render_user(user: str, address: str, mailbox: str) -> list[str]:
    """A user's section, as far as it is the same whatever keeps the mailbox, and the beginning of the mailbox's own."""
    key = _quote(user) if not user.isidentifier() or not user.isascii() else user
    return [
        f"[users.{key}]",
        f"salesforce_token = {_quote(f'sandbox-{user}')}   # fixed bearer",
        f'mailbox = "{mailbox}"',
        f"address = {_quote(address)}",
        f"[users.{key}.{mailbox}]",
    ]


def _render_exchange_user(url: str, user: str, address: str) -> list[str]:
    return [
        *_render_user(user, address, "exchange"),
        f"url = {_quote(f'{url}/EWS/Exchange.asmx')}",
        f"username = {_quote(address)}",
        'password = "sandbox"',
        'auth = "basic"',
    ]


def _render_google_user(url: str, user: str, address: str) -> list[str]:
    return _render_token_user(url, user, address, "google")


def _render_microsoft_user(url: str, user: str, address: str) -> list[str]:
    return _render_token_user(url, user, address, "microsoft")


def _render_token_user(url: str, user: str, address: str, mailbox: str) -> list[str]:
    token = _quote(f"sandbox-{user}")
    return [*_render_user(user, address, mailbox), f"url = {_quote(url)}", f"token = {token}   # fixed bearer"]


def _quote(text: str) -> str:
    """A TOML basic string: JSON's escapes are among TOML's, once surrogate pairs are kept out of it."""
    return json.dumps(text, ensure_ascii=False)


_Render = Callable[[str, str, str], list[str]]
_USERS: Mapping[str, _Render] = {
    "exchange": _render_exchange_user,
    "google": _render_google_user,
    "microsoft": _render_microsoft_user,
}
