"""What an HTTP answer of Exchange means: response messages in the order of the request's inputs, or an error."""

from collections.abc import Callable
from dataclasses import dataclass

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
from mailsync.line import Reply, read_wait
from mailsync.mailbox.exchange.login import VENDOR
from mailsync.mailbox.exchange.properties import name_tag
from mailsync.mailbox.exchange.soap import Element, M, S, T, local, parse, text_of

NO_ERROR = "NoError"
# Exchange Online has been switching EWS off since 2026-10-01, for good on 2027-04-01; how a blocked tenant answers is
# told nowhere but as 401, 403 and ErrorAccessDenied (vendors/mailbox.md A).
ONLINE = 'a mailbox on Microsoft 365, which no longer takes EWS, is reached with mailbox = "microsoft"'
BUSY = frozenset({"ErrorServerBusy", "ErrorExceededConnectionCount", "ErrorTooManyObjectsOpened"})
DENIED = frozenset({"ErrorAccessDenied", "ErrorImpersonateUserDenied", "ErrorAccountDisabled"})
NO_MAILBOX = frozenset({"ErrorNonExistentMailbox", "ErrorMissingEmailAddress", "ErrorNoPublicFolderServerAvailable"})
FOLDER_GONE = frozenset(
    {
        "ErrorFolderNotFound",
        "ErrorSyncFolderNotFound",
        "ErrorToFolderNotFound",
        "ErrorSavedItemFolderNotFound",
        "ErrorParentFolderNotFound",
    }
)
ITEM_GONE = frozenset({"ErrorItemNotFound"})
STOPPED = frozenset({"ErrorBatchProcessingStopped"})
"""It never came to this input: an earlier one ended the request."""
# The server failed while at it: what was written before, if anything, is not known.
FAILED = STOPPED | frozenset(
    {
        "ErrorInternalServerError",
        "ErrorInternalServerTransientError",
        "ErrorTimeoutExpired",
        "ErrorConnectionFailed",
        "ErrorMailboxStoreUnavailable",
        "ErrorMailboxMoveInProgress",
        "ErrorCrossSiteRequest",
    }
)


@dataclass(frozen=True, slots=True)
class Message:
    """The answer to one input. `code` is NoError, or why it was not carried out; `path` the property at fault, named
    as in the mapping tables. `transient`: worth trying again unchanged.
    """

    code: str
    text: str = ""
    path: str = ""
    element: Element | None = None
    back_off: float | None = None  # seconds
    transient: bool = False

    @property
    def good(self) -> bool:
        """Whether it was carried out."""
        return self.code == NO_ERROR


def read_reply(reply: Reply, operation: str, count: int) -> list[Message]:
    """The messages of an answer, exactly `count`, in order. Raises VendorError and its kinds.

    What only the request as a whole can meet is raised; what one input met is its message.
    """
    if reply.status not in (200, 500):
        raise _as_error(reply)
    if reply.status == 500 and b"Envelope" not in reply.body:
        raise Unreachable(VENDOR, "Exchange failed at the moment", code="500")
    body = parse(reply.body)
    fault = body.find(f"{S}Fault")
    if fault is not None:
        raise as_error(_read_fault(fault))
    found = body.find(f"{M}{operation}Response/{M}ResponseMessages")
    messages = [_read_message(m) for m in found] if found is not None else []
    if len(messages) != count:
        text = f"Exchange answered {len(messages)} of {count} parts of a request"
        raise AnswerBroken(VENDOR, text, code="INCOMPLETE")
    return messages


def _as_error(reply: Reply) -> VendorError:
    """The error of an HTTP status without EWS's own words."""
    code = str(reply.status)
    if reply.status == 401:
        remedy = f"check `username`, `password` and `auth`; {ONLINE}"
        return LoginRefused(VENDOR, "Exchange refused the log-in", code=code, remedy=remedy)
    if reply.status == 403:
        remedy = f"ask the administrator to allow EWS for this mailbox and program; {ONLINE}"
        return PermissionMissing(VENDOR, "Exchange refuses EWS for the mailbox", code=code, remedy=remedy)
    if reply.status in (429, 503):
        after = read_wait(reply.headers)
        return Throttled(VENDOR, "Exchange asks to wait", code=code, after=after)
    if reply.status >= 500:
        return Unreachable(VENDOR, "Exchange is not available at the moment", code=code)
    text = f"there are no Exchange Web Services at this address (HTTP {code})"
    return VendorError(VENDOR, text, code=code, remedy="check `url`; it usually ends in /EWS/Exchange.asmx")


def _read_fault(fault: Element) -> Message:
    """The code is in the detail; faults without one (older servers) have it in faultcode."""
    codes = {local(e): (e.text or "").strip() for e in fault.iter() if local(e) in ("ResponseCode", "faultcode")}
    code = codes.get("ResponseCode") or codes.get("faultcode", "").rpartition(":")[2] or "Fault"
    return Message(code, (fault.findtext("faultstring") or "").strip(), back_off=_read_back_off(fault))


def _read_message(element: Element) -> Message:
    if element.get("ResponseClass") != "Error":
        return Message(NO_ERROR, element=element)
    code = text_of(element, f"{M}ResponseCode") or "Error"
    # Busy servers may say it only as the inner reason (vendors/mailbox.md B7).
    inner = {v.text or "" for v in element.iter(f"{T}Value") if v.get("Name", "").startswith("InnerError")}
    code = next(iter(sorted(inner & BUSY)), code) if code in FAILED else code
    transient = code in FAILED or code in BUSY
    return Message(
        code, text_of(element, f"{M}MessageText"), _read_path(element), element, _read_back_off(element), transient
    )


def _read_back_off(element: Element) -> float | None:
    """Seconds; Exchange gives milliseconds."""
    for value in element.iter(f"{T}Value"):
        if value.get("Name") == "BackOffMilliseconds" and (value.text or "").strip().isdecimal():
            return int((value.text or "").strip()) / 1000
    return None


def _read_path(message: Element) -> str:
    """The property at fault, as a mapping table names it."""
    found = message.find(f"{M}MessageXml")
    for path in found.iter() if found is not None else ():
        match local(path):
            case "FieldURI":
                return path.get("FieldURI", "")
            case "IndexedFieldURI":
                return f"{path.get('FieldURI', '')}:{path.get('FieldIndex', '')}"
            case "ExtendedFieldURI" if path.get("PropertyTag"):
                return name_tag(path.get("PropertyTag", ""))
            case _:
                continue
    return ""


def as_error(message: Message) -> VendorError:
    """The error that a message is where nothing can go on without its input."""
    kind = next((make for codes, make in _KINDS if message.code in codes), None)
    if kind is not None:
        return kind(message)
    text = f"Exchange refused a request: {message.text or message.code}"
    return VendorError(VENDOR, text, code=message.code)


def _busy(message: Message) -> VendorError:
    return Throttled(VENDOR, "Exchange is busy and asks to wait", code=message.code, after=message.back_off)


def _denied(message: Message) -> VendorError:
    remedy = f"ask the administrator to give this log-in access to the mailbox and to EWS; {ONLINE}"
    return PermissionMissing(VENDOR, "Exchange denies access to the mailbox", code=message.code, remedy=remedy)


def _no_mailbox(message: Message) -> VendorError:
    text = "Exchange has no mailbox of that address for this log-in"
    return PermissionMissing(VENDOR, text, code=message.code, remedy="check `address` and `username`")


def _folder_gone(message: Message) -> VendorError:
    return FolderLost(VENDOR, "a folder of the mailbox is not where its id says", code=message.code)


def _invalid_state(message: Message) -> VendorError:
    return CursorInvalid(VENDOR, "Exchange no longer knows how far it was read", code=message.code)


def _failed(message: Message) -> VendorError:
    return Unreachable(VENDOR, "Exchange failed at the moment", code=message.code)


_KINDS: tuple[tuple[frozenset[str], Callable[[Message], VendorError]], ...] = (
    (BUSY, _busy),
    (DENIED, _denied),
    (NO_MAILBOX, _no_mailbox),
    (FOLDER_GONE, _folder_gone),
    (frozenset({"ErrorInvalidSyncStateData"}), _invalid_state),
    (FAILED, _failed),
)
