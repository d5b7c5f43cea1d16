"""CSV of the Bulk API: RFC 4180 with a chosen delimiter and line ending, in UTF-8."""

import csv
from collections.abc import Iterable, Sequence
from io import StringIO

from mailsync.sandbox.salesforce.jobs import Sheet

DELIMITERS = {"BACKQUOTE": "`", "CARET": "^", "COMMA": ",", "PIPE": "|", "SEMICOLON": ";", "TAB": "\t"}
LINE_ENDINGS = {"LF": "\n", "CRLF": "\r\n"}


class BatchError(Exception):
    """Data that fails the job as a whole; the message is the job's errorMessage."""


def parse_sheet(content: bytes, delimiter: str, line_ending: str) -> Sheet:
    """The rows of an upload, quoted line breaks kept. Raises BatchError for what is no CSV of that kind."""
    try:
        text = content.decode()
    except UnicodeDecodeError:
        raise BatchError("InvalidBatch : Failed to parse CSV: the data is not valid UTF-8") from None
    first, found, _ = text.partition("\n")
    if found and first.endswith("\r") != (line_ending == "CRLF"):
        raise BatchError(
            f"ClientInputError : LineEnding is invalid on user data. Current LineEnding setting is {line_ending}"
        )
    try:
        lines = list(csv.reader(StringIO(text, newline=""), delimiter=DELIMITERS[delimiter], strict=True))
    except csv.Error as error:
        raise BatchError(f"InvalidBatch : Failed to parse CSV: {error}") from None
    filled = [tuple(line) for line in lines if line]
    if not filled:
        raise BatchError("InvalidBatch : Field name not found : ")
    width = len(filled[0])
    for number, line in enumerate(filled, 1):
        if len(line) != width:
            raise BatchError(f"InvalidBatch : Row {number} has {len(line)} columns, the header has {width}")
    return Sheet(tuple(name.strip() for name in filled[0]), tuple(filled[1:]))


def write_sheet(header: Sequence[str], rows: Iterable[Sequence[str]], delimiter: str, line_ending: str) -> bytes:
    """CSV as the vendor writes results: every value in quotes."""
    out = StringIO(newline="")
    writer = csv.writer(
        out, delimiter=DELIMITERS[delimiter], lineterminator=LINE_ENDINGS[line_ending], quoting=csv.QUOTE_ALL
    )
    writer.writerow(header)
    writer.writerows(rows)
    return out.getvalue().encode()
