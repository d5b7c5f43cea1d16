"""A line to a vendor's HTTP server: certificates loaded once, whole answers within limits, and what a lost one means.

No redirects, no proxies or passwords from the environment, nothing repeated (measure.md §0.8): whether to ask again is
for whoever asked to decide.
"""
# pyright: reportUnknownMemberType=false

import re
import ssl
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import cache
from typing import Any

import certifi
import requests
from requests.adapters import HTTPAdapter
from urllib3.exceptions import NewConnectionError

from mailsync.errors import AnswerBroken, CertificateRefused, OutcomeUnknown, SettingsError, Unreachable

LARGEST = 64 * 1024 * 1024
"""Bytes of one answer, decompressed."""
PIECE = 64 * 1024
TLS, CONNECT, LOST = "TLS", "CONNECT", "LOST"
"""Codes of errors: a certificate that is not trusted; nobody reached; sent, and no whole answer."""


@dataclass(frozen=True, slots=True)
class Peer:
    """Who is at the other end. `vendor`: for errors; `name`: for a person; `remedy`: where nobody can be reached;
    `timeouts`: seconds to connect, and between two pieces of an answer; `longest`: seconds for a whole answer, however
    slowly it drips; `garbled`: the code of an answer that can't be read.
    """

    vendor: str
    name: str
    remedy: str = "check `url` and the network"
    timeouts: tuple[float, float] = (10.0, 120.0)
    longest: float = 300.0
    garbled: str = "GARBLED"


@dataclass(frozen=True, slots=True)
class Reply:
    """One HTTP answer, whole; header names in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class TrustedAdapter(HTTPAdapter):
    """Certificates loaded once for all connections: each would read them anew (20 to 30 ms of CPU, measure.md §0.7)."""

    def __init__(self, ca: str | None, setting: str) -> None:
        """`ca`: a PEM file, or certifi's; `setting`: the key that a message names. Raises SettingsError."""
        self._context = _certificates(ca, setting)
        super().__init__(max_retries=0)

    def init_poolmanager(self, *args: Any, **options: Any) -> None:
        super().init_poolmanager(*args, **options, ssl_context=self._context)

    def cert_verify(self, conn: Any, url: str, verify: bool | str, cert: Any) -> None:
        conn.cert_reqs = "CERT_REQUIRED"  # by the context, which has the certificates already


@cache
def _certificates(ca: str | None, setting: str) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=ca or certifi.where())
    except OSError:
        raise SettingsError((f"{setting}: {ca} can't be read; give a PEM file with the server's CA",)) from None


def open_session(ca: str | None, setting: str) -> requests.Session:
    """A session that trusts `ca` (a PEM file, or certifi's) and takes nothing from the environment, which would win
    otherwise: REQUESTS_CA_BUNDLE, proxies, .netrc. Sends nothing. Raises SettingsError, naming `setting`."""
    session = requests.Session()
    session.trust_env = False
    session.mount("https://", TrustedAdapter(ca, setting))
    return session


def receive(peer: Peer, send: Callable[[], requests.Response]) -> Reply:
    """The whole answer to a request that `send` sends once (streamed). Raises Unreachable if it certainly did not reach
    the vendor, OutcomeUnknown if it was sent and no whole answer came back, AnswerBroken for one that is too long."""
    try:
        response = send()
        try:
            body = read_whole(peer, response)
        finally:
            response.close()
    except requests.RequestException as error:
        raise judge_loss(peer, error) from None
    return Reply(response.status_code, {k.lower(): v for k, v in response.headers.items()}, body)


def read_whole(peer: Peer, response: requests.Response) -> bytes:
    """The whole body within time and size. Raises AnswerBroken, OutcomeUnknown, and what requests raises."""
    pieces: list[bytes] = []
    size, until = 0, time.monotonic() + peer.longest
    for piece in response.iter_content(PIECE):
        size += len(piece)
        if size > LARGEST:
            raise AnswerBroken(peer.vendor, f"{peer.name}'s answer is too long to be believed", code="TOO_LONG")
        if time.monotonic() > until:
            raise OutcomeUnknown(peer.vendor, f"{peer.name}'s answer takes too long", code="TOO_SLOW")
        pieces.append(piece)
    return b"".join(pieces)


def judge_loss(peer: Peer, error: requests.RequestException) -> Unreachable | OutcomeUnknown | AnswerBroken:
    """Whether the request can have reached the vendor: not before a connection, and its TLS, stand."""
    if isinstance(error, requests.exceptions.ContentDecodingError):
        return AnswerBroken(peer.vendor, f"{peer.name}'s answer can't be decompressed", code=peer.garbled)
    if isinstance(error, requests.exceptions.SSLError):
        remedy = "check that `url` names the server as its certificate does, or set `ca` to the file of the CA"
        return CertificateRefused(peer.vendor, f"{peer.name}'s certificate is not trusted", code=TLS, remedy=remedy)
    cause: object = error.args[0] if error.args else None
    refused = isinstance(getattr(cause, "reason", cause), NewConnectionError)
    if refused or isinstance(error, requests.exceptions.ConnectTimeout | requests.exceptions.InvalidURL):
        return Unreachable(peer.vendor, f"{peer.name} can't be reached", code=CONNECT, remedy=peer.remedy)
    return OutcomeUnknown(peer.vendor, f"{peer.name} did not answer", code=LOST)


def read_wait(headers: Mapping[str, str]) -> float | None:
    """Seconds of a Retry-After header (names in lower case), given as a number or as a date, held against the answer's
    own Date; None where it is absent or no such thing."""
    asked = headers.get("retry-after", "").strip()
    if re.fullmatch(r"\d{1,9}", asked):
        return float(asked)
    then, now = read_date(asked), read_date(headers.get("date", ""))
    return max(0.0, (then - now).total_seconds()) if then and now else None


def read_date(text: str) -> datetime | None:
    """An HTTP date, aware and UTC; None for anything else."""
    try:
        moment = parsedate_to_datetime(text)
        return moment.replace(tzinfo=moment.tzinfo or UTC).astimezone(UTC)
    except (ValueError, TypeError, OverflowError):  # a zone may lead out of the calendar
        return None
