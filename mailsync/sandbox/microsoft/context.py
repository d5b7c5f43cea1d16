"""What a request to Graph is carried out with: the mailbox, the time, how ids are told, and the request itself."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import orjson

from mailsync.sandbox.exchange.records import Mailbox
from mailsync.sandbox.exchange.values import write_time
from mailsync.sandbox.microsoft.errors import Failed
from mailsync.sandbox.microsoft.settings import Settings
from mailsync.sandbox.vendor import Answer, Request

JSON: Final = {
    "content-type": "application/json;odata.metadata=minimal;odata.streaming=true;IEEE754Compatible=false;charset=utf-8"
}


@dataclass(frozen=True, slots=True)
class Context:
    """`root` is where the API lies (`http://HOST/v1.0`), `person` the caller's path in it (`me`, `users/ID`).

    `parts` are the values of the path's variable segments, in their order.
    """

    box: Mailbox
    now: datetime
    settings: Settings
    request: Request
    root: str
    person: str
    user_id: str
    parts: tuple[str, ...]
    preferences: Mapping[str, str]

    @property
    def immutable(self) -> bool:
        """Whether ids are told in the form that survives moves."""
        return self.preferences.get("idtype", "").lower() == "immutableid"

    def link(self, rest: str) -> str:
        """The address of a resource of this person."""
        return f"{self.root}/{self.person}/{rest}"

    def metadata(self, rest: str) -> str:
        """An @odata.context."""
        return f"{self.root}/$metadata#users('{self.user_id}')/{rest}"


def read_preferences(request: Request) -> dict[str, str]:
    """The preferences of a request's Prefer header by their names in lower case, values without quotation marks."""
    found: dict[str, str] = {}
    for text in request.headers.get("prefer", "").replace("\n", ",").replace(";", ",").split(","):
        name, _, value = text.strip().partition("=")
        if name:
            found.setdefault(name.strip().lower(), value.strip().strip('"'))
    return found


def read_page_size(context: Context, default: int, most: int) -> int:
    """The page size that a request prefers. Raises Failed for what is no number."""
    text = context.preferences.get("odata.maxpagesize", "")
    if not text:
        return default
    if not text.isdecimal() or int(text) < 1:
        raise Failed("ErrorInvalidRequest", "Your request can't be completed. The odata.maxpagesize is invalid.")
    return min(int(text), most)


def answer_json(content: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Answer:
    """A JSON answer."""
    return Answer(status, orjson.dumps(content), {**JSON, **(headers or {})})


def write_stamp(moment: datetime) -> str:
    """A time as Graph tells it."""
    return write_time(moment)
