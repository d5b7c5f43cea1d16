"""How much of an answer to a log-in request is read: a token is some kilobytes, however large a server makes it."""

import io
import time
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3 import HTTPResponse

LARGEST = 1024 * 1024
"""Bytes of one answer, decompressed."""
LONGEST = 60.0
"""Seconds for a whole answer, however slowly it drips."""
_PIECE = 16 * 1024
_OF_THE_WAY = frozenset({"content-encoding", "content-length", "transfer-encoding"})


class Unmeasured(requests.RequestException):
    """An answer that is larger, or takes longer, than any that belongs to a log-in. Nothing of it is believed."""


class Measured(HTTPAdapter):
    """Reads each answer whole, as far as these limits allow. Raises Unmeasured."""

    def send(self, request: requests.PreparedRequest, *args: Any, **options: Any) -> requests.Response:
        """The answer, its body in memory."""
        response = super().send(request, *args, **{**options, "stream": True})
        try:
            content = _read(response)
        finally:
            response.close()
        headers = {name: text for name, text in response.headers.items() if name.lower() not in _OF_THE_WAY}
        whole = HTTPResponse(
            io.BytesIO(content), headers, response.status_code, reason=response.reason, preload_content=False
        )
        return self.build_response(request, whole)


def _read(response: requests.Response) -> bytes:
    content = bytearray()
    until = time.monotonic() + LONGEST
    for piece in response.iter_content(_PIECE):
        content += piece
        if len(content) > LARGEST:
            raise Unmeasured("the answer to a log-in request is too long to be believed")
        if time.monotonic() > until:
            raise Unmeasured("the answer to a log-in request takes too long")
    return bytes(content)


def measure(session: requests.Session) -> None:
    """Lets a session read no answer beyond these limits."""
    for scheme in ("https://", "http://"):
        session.mount(scheme, Measured())
