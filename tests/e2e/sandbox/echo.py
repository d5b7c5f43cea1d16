"""A vendor as small as can be: it keeps the texts posted to it. The frame is tested with it, apart from any vendor."""

from collections.abc import Mapping
from typing import Any

from mailsync.sandbox.vendor import Answer, Call, Clock, Refused, Request

_ACTIONS = {"GET": ("read",), "POST": ("create",), "DELETE": ("delete",)}
TEXT = {"Content-Type": "text/plain; charset=utf-8"}


class Echo:
    """POST /echo/… keeps the body, GET lists them line by line; 401 without an Authorization header on /echo/secret."""

    name = "echo"

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.texts: list[str] = []

    def serves(self, path: str) -> bool:
        return path.startswith("/echo")

    def classify(self, request: Request) -> Call:
        return Call(
            {"GET": "list", "POST": "keep"}.get(request.method, "unknown"), _ACTIONS.get(request.method, ("other",))
        )

    def answer(self, request: Request) -> Answer:
        if request.path == "/echo/secret" and "authorization" not in request.headers:
            return Answer(401, b"who?", {"WWW-Authenticate": "Basic"})
        if request.path == "/echo/broken":
            raise LookupError("a bug")
        if request.path == "/echo/connection":
            return Answer(200, str(request.connection).encode(), TEXT)
        if request.method == "POST":
            self.texts.append(request.body.decode())
            return Answer(201, f"kept {len(self.texts)}".encode(), TEXT)
        if request.method == "DELETE":
            self.texts.clear()
            return Answer(204)
        return Answer(200, "\n".join(self.texts).encode(), TEXT)

    def fault(self, kind: str, request: Request, details: Mapping[str, Any]) -> Answer | None:
        if kind != "throttle":
            return None
        self.texts.append("throttled")
        return Answer(429, b"slow down", {"Retry-After": str(int(details.get("wait", 1)))})

    def load(self, world: Mapping[str, Any]) -> None:
        texts: object = world.get("texts", [])
        if not isinstance(texts, list):
            raise Refused("echo.texts: give a list of texts")
        self.texts = [str(text) for text in texts]

    def dump(self) -> dict[str, Any]:
        return {"texts": list(self.texts)}

    def act(self, user: str, op: str, details: Mapping[str, Any]) -> dict[str, Any] | None:
        if op != "say":
            return None
        if "text" not in details:
            raise Refused("text: say what is said")
        self.texts.append(f"{user}: {details['text']}")
        return {"count": len(self.texts)}
