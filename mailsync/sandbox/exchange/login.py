"""Who a request is from: Basic credentials of the request itself, or NTLM, which authenticates its connection.

NTLM is accepted by pyspnego. It takes the passwords from a file that the environment names, so both exist for the time
of one step only, in a private temporary place.
"""

import base64
import binascii
import os
import tempfile
from collections import OrderedDict
from collections.abc import Collection, Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, TypeVar

import spnego
from spnego.exceptions import SpnegoError

from mailsync.sandbox.vendor import Answer, Request

T = TypeVar("T")

DOMAIN: Final = "acme.example"
PASSWORD: Final = "sandbox"
CHALLENGE: Final = {"www-authenticate": f'NTLM\nBasic realm="{DOMAIN}"'}
# Under which domains NTLM knows the people: none, the organisation's two names, and the one that challenges name.
NTLM_DOMAINS: Final = ("", "ACME", DOMAIN.upper(), "WORKSTATION")
USER_FILE: Final = "NTLM_USER_FILE"  # pyspnego's and gss-ntlmssp's name
NEGOTIATE: Final = 1  # type of the first message of a handshake (MS-NLMP 2.2.1.1)
REMEMBERED: Final = 4096  # connections; the oldest are forgotten, as nobody tells when one ends


class Gate:
    """The log-ins of all connections. The people's names are given anew with each request, as worlds change."""

    def __init__(self) -> None:
        self._handshakes: OrderedDict[int, spnego.ContextProxy] = OrderedDict()
        self._users: OrderedDict[int, str] = OrderedDict()

    def admit(self, request: Request, people: Collection[str]) -> str | Answer:
        """The user's name, or the 401 to answer with: both challenges, or the next message of an NTLM handshake."""
        scheme, _, credentials = request.headers.get("authorization", "").partition(" ")
        if not scheme:
            return self._users.get(request.connection) or Answer(401, b"", CHALLENGE)
        if scheme.lower() == "ntlm":
            return self._shake_hands(request.connection, _decode(credentials), people)
        user = _read_basic(credentials) if scheme.lower() == "basic" else ""
        return user if user in people else Answer(401, b"", CHALLENGE)

    def is_knocking(self, request: Request) -> bool:
        """Whether the request can only be answered with a challenge: no log-in yet, or the first half of one."""
        scheme, _, credentials = request.headers.get("authorization", "").partition(" ")
        if not scheme:
            return request.connection not in self._users
        return scheme.lower() == "ntlm" and _get_type(_decode(credentials)) == NEGOTIATE

    def forget(self, connection: int) -> None:
        """Ends what NTLM has made of a connection."""
        self._users.pop(connection, None)
        self._handshakes.pop(connection, None)

    def _shake_hands(self, connection: int, token: bytes, people: Collection[str]) -> str | Answer:
        waiting = self._handshakes.get(connection)
        self.forget(connection)
        try:
            with _user_file(people):
                if _get_type(token) == NEGOTIATE:
                    context = spnego.server(protocol="ntlm", options=spnego.NegotiateOptions.use_ntlm)
                    reply = context.step(token) or b""
                    _remember(self._handshakes, connection, context)
                    return Answer(401, b"", {"www-authenticate": f"NTLM {base64.b64encode(reply).decode()}"})
                if waiting is None:
                    return Answer(401, b"", CHALLENGE)
                waiting.step(token)
        except (SpnegoError, ValueError, IndexError, KeyError):  # pyspnego unpacks garbage as far as it goes
            return Answer(401, b"", CHALLENGE)
        user = get_user_name(waiting.client_principal or "")
        if not waiting.complete or user not in people:
            return Answer(401, b"", CHALLENGE)
        _remember(self._users, connection, user)
        return user


def get_user_name(login: str) -> str:
    """The user in DOMAIN\\user, \\user@domain (exchangelib's) or user@domain; '' for another organisation's address."""
    user, _, domain = login.rpartition("\\")[2].lower().partition("@")
    return user if domain in ("", DOMAIN) else ""


def _remember(kept: OrderedDict[int, T], connection: int, new: T) -> None:
    kept[connection] = new
    while len(kept) > REMEMBERED:
        kept.popitem(last=False)


@contextmanager
def _user_file(people: Collection[str]) -> Generator[None]:
    """pyspnego's credential store of the people, for as long as the context lasts."""
    lines = [f"{domain}:{user}:{PASSWORD}" for user in people for domain in NTLM_DOMAINS]
    lines += [f":{user}@{DOMAIN}:{PASSWORD}" for user in people]
    before = os.environ.get(USER_FILE)
    with tempfile.TemporaryDirectory(prefix="mailsync-sandbox-") as place:
        path = Path(place, "people")
        path.write_text("\n".join(lines), "utf-8")
        os.environ[USER_FILE] = str(path)
        try:
            yield
        finally:
            if before is None:
                del os.environ[USER_FILE]
            else:
                os.environ[USER_FILE] = before


def _decode(text: str) -> bytes:
    try:
        return base64.b64decode(text.strip(), validate=True)
    except (binascii.Error, ValueError):
        return b""


def _get_type(token: bytes) -> int:
    return int.from_bytes(token[8:12], "little") if token.startswith(b"NTLMSSP\0") else 0


def _read_basic(credentials: str) -> str:
    """The user of Basic credentials with the right password, else ''."""
    login, _, password = _decode(credentials).decode("utf-8", "replace").partition(":")
    return get_user_name(login) if password == PASSWORD else ""
