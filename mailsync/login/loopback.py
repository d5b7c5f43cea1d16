"""The address on this machine to which a vendor sends the browser back (RFC 8252, 7.3): one answer, then it is gone."""

import time
from http.server import BaseHTTPRequestHandler, HTTPServer
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qsl, urlsplit

from mailsync.errors import LoginRefused, SettingsError

PATH = "/callback"
PATIENCE = 300.0  # seconds

_PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><title>mailsync</title>
<body style="font-family:sans-serif;margin:4em auto;max-width:32em"><h1>mailsync</h1><p>{text}</p></body></html>"""
_HEADERS = {
    "Content-Type": "text/html; charset=utf-8",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'",
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
}


class Loopback:
    """Listens on 127.0.0.1 within its context. `redirect` is the address to give to the vendor; Entra knows it as
    http://localhost, on any port but with no path.
    """

    def __init__(self, port: int = 0, host: str = "127.0.0.1", path: str = PATH) -> None:
        """Begins to listen; 0 takes any free port. Raises SettingsError where the port is taken."""
        try:
            self._server = _Server(("127.0.0.1", port), _Handler)
            self._server.path = path or "/"
        except OSError as error:
            raise SettingsError((f"redirect_port: {port} can't be used: {error.strerror}; give another",)) from None
        self.redirect = f"http://{host}:{self._server.server_port}{path}"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._server.server_close()

    def wait(self, vendor: str, state: str, patience: float = PATIENCE) -> dict[str, str]:
        """The parameters that came back with the browser. What carries another `state` is answered and forgotten.
        Raises LoginRefused after `patience` seconds.
        """
        until = time.monotonic() + patience
        self._server.state, self._server.answer = state, None
        while self._server.answer is None:
            self._server.timeout = until - time.monotonic()
            if self._server.timeout <= 0:
                raise LoginRefused(vendor, "nobody logged in in time", code="timeout", remedy="begin anew")
            self._server.handle_request()
        return self._server.answer


class _Server(HTTPServer):
    state = ""
    path = PATH
    answer: dict[str, str] | None = None


class _Handler(BaseHTTPRequestHandler):
    timeout = 10  # seconds for one request: a connection that says nothing holds nobody up

    def do_GET(self) -> None:
        assert isinstance(self.server, _Server)
        parts = urlsplit(self.path)
        answer = dict(parse_qsl(parts.query, keep_blank_values=True))
        if parts.path != self.server.path or answer.get("state") != self.server.state:
            self._say(404, "There is nothing here.")
            return
        self.server.answer = answer
        self._say(
            200, "That did not work; the terminal says why." if "error" in answer else "Done. You may close this."
        )

    def _say(self, status: int, text: str) -> None:
        body = _PAGE.format(text=text).encode()
        self.send_response(status)
        for name, value in _HEADERS.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the parent's name
        """Nothing: the request line holds a code."""
