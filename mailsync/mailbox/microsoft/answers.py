"""What an answer of Graph means: a JSON object, or an error with Microsoft's code and words.

Strict on purpose: a list of changes that is cut and taken for a whole one loses the rest (measure.md §0.1).
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NoReturn, cast

import orjson

from mailsync.errors import (
    AnswerBroken,
    CursorInvalid,
    FolderLost,
    LoginRefused,
    PermissionMissing,
    Throttled,
    Unreachable,
    VendorError,
)
from mailsync.line import read_wait
from mailsync.mailbox.microsoft.login import VENDOR

Json = Mapping[str, Any]

# A 404 of another code, e.g. of a mailbox that moved, says nothing of one item: it must not pass for a deletion (D7).
GONE = frozenset({"ErrorItemNotFound", "ErrorFolderNotFound", "ErrorSyncFolderNotFound"})
# An id of another mailbox, or no id at all: there is no such thing here.
NO_ID = frozenset({"ErrorInvalidIdMalformed", "ErrorInvalidMailboxItemId", "ErrorInvalidId", "RequestBroker--ParseUri"})
FULL = 507
_STATE_LOST = frozenset({"syncstatenotfound", "resyncrequired", "syncstateinvalid", "errorinvalidsyncstatedata"})
_NO_MAILBOX = frozenset(
    {
        "MailboxNotEnabledForRESTAPI",
        "MailboxNotSupportedForRESTAPI",
        "ErrorNonExistentMailbox",
        "ErrorInvalidUser",
        "ResourceNotFound",
        "Request_ResourceNotFound",
    }
)


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer, or one part of a batch's. `code` and `text` are Microsoft's own where it refused."""

    status: int
    body: Json = field(default_factory=dict[str, Any])
    code: str = ""
    text: str = ""
    after: float | None = None  # seconds, of Retry-After

    @property
    def good(self) -> bool:
        """Whether it was carried out."""
        return 200 <= self.status < 300

    @property
    def failed(self) -> bool:
        """Whether Graph failed on the way, so that a write may have been carried out. 507 is a refusal: the mailbox is
        full (GRD concepts/errors).
        """
        return self.status >= 500 and self.status != FULL

    @property
    def absent(self) -> bool:
        """Whether Graph says that there is no such item or folder."""
        return self.code in GONE or (self.status in (400, 404) and self.code in NO_ID)


def read_json(body: bytes) -> Json:
    """The object that a body is. Raises AnswerBroken for anything but one whole JSON object."""
    try:
        return as_object(_parse(body))
    except (ValueError, RecursionError):
        raise AnswerBroken(VENDOR, "Microsoft's answer is cut or garbled", code="NOT_JSON") from None


def _parse(body: bytes) -> object:
    """Escaped halves of surrogate pairs, which are no UTF-8, are read by the slower decoder alone."""
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        return json.loads(body.decode("utf-8"), parse_constant=_refuse_constant)


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(name)


def as_object(found: object) -> Json:
    """A JSON object. Raises AnswerBroken."""
    if not isinstance(found, dict):
        raise AnswerBroken(VENDOR, "Microsoft's answer has another shape than Graph's", code="SHAPE")
    return cast("Json", found)


def as_list(found: object) -> Sequence[Any]:
    """A JSON array. Raises AnswerBroken."""
    if not isinstance(found, list):
        raise AnswerBroken(VENDOR, "Microsoft's answer has another shape than Graph's", code="SHAPE")
    return cast("Sequence[Any]", found)


def as_entries(found: object) -> Sequence[Any]:
    """A JSON array, null being empty. Raises AnswerBroken."""
    return () if found is None else as_list(found)


def as_text(found: object) -> str:
    """A JSON string, null being "". Raises AnswerBroken."""
    if found is None:
        return ""
    if not isinstance(found, str):
        raise AnswerBroken(VENDOR, "Microsoft's answer has another shape than Graph's", code="SHAPE")
    return found


def read_answer(status: int, headers: Mapping[str, str], body: object) -> Answer:
    """An answer of this status, headers (names in lower case) and JSON (None: no body). Raises AnswerBroken."""
    if 200 <= status < 300:
        return Answer(status, {} if body is None else as_object(body))
    error: object = cast("Json", body).get("error") if isinstance(body, dict) else None
    told: Json = cast("Json", error) if isinstance(error, dict) else {}
    code, text = told.get("code"), told.get("message")
    return Answer(
        status,
        {},
        code if isinstance(code, str) else str(status),
        text if isinstance(text, str) else "",
        read_wait(headers),
    )


def as_error(answer: Answer) -> VendorError:
    """The error that an answer is where nothing can go on without it."""
    code = answer.code or str(answer.status)
    if answer.status == 410 or code.lower() in _STATE_LOST:
        return CursorInvalid(VENDOR, "Microsoft no longer knows how far the mailbox was read", code=code)
    if answer.status == 401:
        remedy = "log in again, or fill in a new access token"
        return LoginRefused(VENDOR, "Microsoft refused the log-in", code=code, remedy=remedy)
    if answer.status == 429:
        return Throttled(VENDOR, "Microsoft asks to wait", code=code, after=answer.after)
    if answer.status >= 500:
        return _failed(answer, code)
    if answer.status == 403:
        remedy = "let the log-in have Contacts.ReadWrite, and the mailbox be within the application's reach"
        return PermissionMissing(VENDOR, "Microsoft denies access to the mailbox's contacts", code=code, remedy=remedy)
    if code in _NO_MAILBOX and answer.status == 404:
        remedy = "a mailbox on an Exchange server of one's own is reached with mailbox=exchange"
        text = "this log-in has no mailbox in Exchange Online"
        return PermissionMissing(VENDOR, text, code=code, remedy=remedy)
    if answer.absent:
        return FolderLost(VENDOR, "a folder of the mailbox is not where its id says", code=code)
    return VendorError(VENDOR, f"Microsoft refused a request: {answer.text or code}", code=code)


def _failed(answer: Answer, code: str) -> VendorError:
    if answer.status == 503 and answer.after is not None:
        return Throttled(VENDOR, "Microsoft is busy and asks to wait", code=code, after=answer.after)
    return Unreachable(VENDOR, "Microsoft failed at the moment", code=code)
