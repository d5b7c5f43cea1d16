"""What a log line may say: a closed list of events and of fields, each field with the shape of its values (L9).

Names, addresses, numbers, texts of contacts and messages of vendors have no field, so no line can carry them.
"""

import re
from collections.abc import Mapping

EVENTS: Mapping[str, str] = {
    "dispatch.failed": "due users could not be given out; it is tried again",
    "feed.failed": "the shared feed could not be read; users ask Salesforce themselves, and it is tried again",
    "feed.read": "what was touched in the organisation since the last reading, and in the overlap with it",
    "http.started": "the listener for health and metrics answers on this port",
    "login.renewed": "an access token was renewed",
    "request.answered": "a vendor answered a request, or did not (code)",
    "request.repeated": "a request is sent again after a wait",
    "serve.started": "the scheduler of this process runs",
    "serve.stopped": "it has stopped",
    "session.begun": "a session has its user's lock",
    "session.ended": "a session is over; what it did",
    "session.failed": "what ended it: the kind of error, the vendor's code, for a bug its place",
    "session.passed": "a user's session was not begun",
    "settings.changed": "these keys of a user were changed",
    "store.restored": "the database is a restored or copied one: everybody is matched again (A1)",
    "store.upgraded": "the database was brought to another revision",
    "user.suspended": "a user's sessions stop until somebody resumes them (C3)",
    "turn.failed": "what became of a user's turn could not be stored",
    "witness.unwritable": "the file beside the database can't be written: a restored backup will not be noticed (A1)",
    "worker.started": "this process runs sessions that others give out",
    "worker.stopped": "it has stopped; how many sessions did not end in time",
}
"""Every event there is, and what it means to an operator."""

_NUMBER = re.compile(r"-?[0-9]{1,15}(?:\.[0-9]{1,6})?")
_WORD = re.compile(r"[a-z][a-z_-]{0,31}")
_CODE = re.compile(r"[A-Za-z][A-Za-z0-9_.:-]{0,63}|[1-5][0-9]{2}")
_USER = re.compile(r"[^\s=/\\\x00-\x1f-][^\s=/\\\x00-\x1f]{0,127}")

FIELDS: Mapping[str, tuple[re.Pattern[str], str]] = {
    "after": (re.compile(r"[0-9a-z]{0,12}"), "revision of the database"),
    "attempt": (_NUMBER, "which one of a request"),
    "before": (re.compile(r"[0-9a-z]{0,12}"), "revision of the database"),
    "candidates": (_NUMBER, "records that were touched"),
    "code": (_CODE, "a vendor's error code, an HTTP status, or CONNECT, LOST, TLS …"),
    "created": (_NUMBER, "contacts created in Salesforce"),
    "deleted": (_NUMBER, "contacts deleted in Salesforce"),
    "error": (re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,63}"), "kind of an error"),
    "holds": (_NUMBER, "questions that are open"),
    "issues": (_NUMBER, "issues that are open"),
    "keys": (re.compile(r"[A-Za-z0-9_.]{1,80}(?: [A-Za-z0-9_.]{1,80}){0,40}"), "keys of settings"),
    "late": (_NUMBER, "seconds after the session was due"),
    "logger": (re.compile(r"[A-Za-z0-9_.]{1,120}"), "a library's logger"),
    "mailbox_created": (_NUMBER, "items created"),
    "mailbox_moved": (_NUMBER, "items moved into the folder"),
    "mailbox_removed": (_NUMBER, "items removed"),
    "mailbox_requests": (_NUMBER, "requests to the mailbox"),
    "mailbox_updated": (_NUMBER, "items updated"),
    "left": (_NUMBER, "sessions that did not end in time"),
    "place": (re.compile(r"[A-Za-z0-9_./-]{1,120}:[0-9]{1,6}"), "file and line of the program"),
    "port": (_NUMBER, "of the listener"),
    "salesforce_requests": (_NUMBER, "requests to Salesforce"),
    "seconds": (_NUMBER, "how long it took"),
    "session": (_NUMBER, "its number"),
    "sessions": (_NUMBER, "at once in this process"),
    "status": (_WORD, "done, held, failed or skipped"),
    "undone": (_NUMBER, "the session that this one took back"),
    "updated": (_NUMBER, "contacts updated in Salesforce"),
    "user": (_USER, "a user's name in the settings file"),
    "users": (_NUMBER, "how many"),
    "vendor": (re.compile(r"salesforce|exchange|google|microsoft"), "whose answer it is"),
    "wait": (_NUMBER, "seconds until the next try"),
    "why": (_WORD, "a reason of a closed list"),
}
"""Every field there is: the shape of its values, and what it says."""

WITHHELD = "withheld"
"""What stands in the place of a value that does not have its field's shape."""


def admit(fields: Mapping[str, object]) -> dict[str, object]:
    """The fields that a line may carry; a value of another shape is withheld, a field of no list left out."""
    return {name: _admitted(name, value) for name, value in fields.items() if name in FIELDS and value is not None}


def _admitted(name: str, value: object) -> object:
    shown = round(value, 3) if isinstance(value, float) else value
    fits = isinstance(shown, str | int | float) and FIELDS[name][0].fullmatch(str(shown))
    return shown if fits else WITHHELD
