"""Reading an item's values, the derived ones among them: names, file-as, times, size, body text.

Derivations follow MS-OXOCNTC (display name, PidLidFileUnderId); what is stored wins over what would be derived.
"""

import base64
import html
import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Final

from mailsync.sandbox.exchange.ids import get_id_number
from mailsync.sandbox.exchange.properties import (
    ARTICLE_NUMBER,
    BODY_HTML,
    BODY_TEXT,
    CATEGORIES,
    COMPANY,
    CREATED,
    DISPLAY_NAME,
    EMAIL_ORIGINALS,
    FILE_AS,
    FILE_AS_ID,
    FILE_AS_NUMBERS,
    GENERATION,
    GIVEN_NAME,
    HAS_ATTACHMENTS,
    HAS_PICTURE,
    ITEM_CLASS,
    KIND_CLASSES,
    MIDDLE_NAME,
    MODIFIED,
    SENSITIVITY,
    SIZE,
    SUBJECT,
    SURNAME,
    TITLE,
    Value,
)
from mailsync.sandbox.exchange.records import Item

IMPORTANCE: Final = "0x0017/Integer"
BREAK: Final = re.compile(r"<\s*(?:br\s*/?|/p|/div|/tr|/li)\s*>", re.IGNORECASE)
HIDDEN: Final = re.compile(r"<(style|script|head|title)\b.*?</\1\s*>", re.IGNORECASE | re.DOTALL)
MARK: Final = re.compile(r"<[^>]*>")
FILE_AS_NAMES: Final = {number: name for name, number in FILE_AS_NUMBERS.items()}


def get_stored(item: Item, key: str) -> str:
    """A stored scalar, '' where there is none."""
    value = item.properties.get(key, "")
    return value if isinstance(value, str) else ""


def get_list(item: Item, key: str) -> tuple[str, ...]:
    """A stored multi-value, () where there is none."""
    value = item.properties.get(key, ())
    return value if isinstance(value, tuple) else (value,)


def get_categories(item: Item) -> tuple[str, ...]:
    """The item's categories, as spelt."""
    return get_list(item, CATEGORIES)


def get_value(item: Item, key: str) -> Value | None:
    """What a client reads under a key: the stored value, else the derived one, else None."""
    if key == FILE_AS and get_stored(item, FILE_AS_ID) not in ("", "0"):
        return derive_file_as(item)
    stored = item.properties.get(key)
    if stored is not None:
        return base64.b64encode(stored.encode()).decode() if key == BODY_HTML and isinstance(stored, str) else stored
    derive = DERIVATIONS.get(key)
    return derive(item) if derive else None


def get_display_name(item: Item) -> str:
    """The stored display name, else one of given, middle and last name and suffix, else the company."""
    stored = get_stored(item, DISPLAY_NAME)
    if stored or item.kind != "Contact":
        return stored
    return _join(" ", item, GIVEN_NAME, MIDDLE_NAME, SURNAME, GENERATION) or get_stored(item, COMPANY)


def get_subject(item: Item) -> str:
    """The stored subject, else the display name."""
    return get_stored(item, SUBJECT) or get_display_name(item)


def get_full_name(item: Item) -> str:
    """CompleteName's FullName: title to suffix, without what is empty."""
    return _join(" ", item, TITLE, GIVEN_NAME, MIDDLE_NAME, SURNAME, GENERATION)


def _join(separator: str, item: Item, *keys: str) -> str:
    return separator.join(part for part in (get_stored(item, key).strip() for key in keys) if part)


def derive_file_as(item: Item) -> str:
    """File-as by the item's mapping; '' where the mapping is None or Empty."""
    first = _join(" ", item, GIVEN_NAME, MIDDLE_NAME)
    last, company = get_stored(item, SURNAME), get_stored(item, COMPANY)
    comma = ", ".join(part for part in (last, first) if part)
    space = " ".join(part for part in (last, first) if part)
    suffixed = " ".join(part for part in (space, get_stored(item, GENERATION)) if part)
    forms = {
        "LastCommaFirst": (comma,),
        "FirstSpaceLast": (_join(" ", item, GIVEN_NAME, MIDDLE_NAME, SURNAME),),
        "Company": (company,),
        "LastCommaFirstCompany": (comma, company),
        "CompanyLastFirst": (company, last + first),
        "LastFirst": (last + first,),
        "LastFirstCompany": (last + first, company),
        "CompanyLastCommaFirst": (company, comma),
        "LastFirstSuffix": (" ".join(part for part in (last + first, get_stored(item, GENERATION)) if part),),
        "LastSpaceFirstCompany": (space, company),
        "CompanyLastSpaceFirst": (company, space),
        "LastSpaceFirst": (space,),
        "DisplayName": (get_display_name(item),),
        "FirstName": (get_stored(item, GIVEN_NAME),),
        "LastFirstMiddleSuffix": (suffixed,),
        "LastName": (last,),
    }
    parts = forms.get(FILE_AS_NAMES.get(get_stored(item, FILE_AS_ID), ""), ())
    return "\r\n".join(part for part in parts if part)


def get_body_text(item: Item) -> str:
    """The body as plain text, taken out of the HTML where that is what is stored."""
    stored = get_stored(item, BODY_TEXT)
    return stored or strip_html(get_stored(item, BODY_HTML))


def strip_html(text: str) -> str:
    """The text of an HTML body: marks taken away, entities read, line ends where blocks end."""
    plain = MARK.sub("", BREAK.sub("\r\n", HIDDEN.sub("", text)))
    return html.unescape(plain).strip()


def get_size(item: Item) -> int:
    """The item's size in bytes, near enough: its values and what a message carries beside them."""
    files = sum(len(each.content) for each in item.attachments)
    return (
        1024
        + files
        + sum(
            2 * (len(value) if isinstance(value, str) else sum(map(len, value))) for value in item.properties.values()
        )
    )


def write_time(moment: datetime) -> str:
    """A UTC time in the vendor's form: whole seconds and Z."""
    return moment.replace(tzinfo=None, microsecond=0).isoformat() + "Z"


def write_long_time(moment: datetime) -> str:
    """A UTC time with nine fractional digits, as some servers write it."""
    return f"{write_time(moment).removesuffix('Z')}.{moment.microsecond:06d}731Z"


def read_time(text: str) -> datetime:
    """An xs:dateTime as UTC; without a zone it is taken as UTC. Raises ValueError."""
    if "T" not in text:
        raise ValueError("no time of day")
    moment = datetime.fromisoformat(text.strip())
    try:
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except OverflowError as problem:
        raise ValueError(text) from problem


def _derive_original(address_key: str) -> Callable[[Item], str | None]:
    return lambda item: get_stored(item, address_key) or None


DERIVATIONS: Final[dict[str, Callable[[Item], str | None]]] = {
    DISPLAY_NAME: lambda item: get_display_name(item) or None,
    SUBJECT: lambda item: get_subject(item) or None,
    BODY_TEXT: lambda item: get_body_text(item) or None,
    ITEM_CLASS: lambda item: KIND_CLASSES[item.kind],
    SENSITIVITY: lambda _: "0",
    IMPORTANCE: lambda _: "1",
    HAS_ATTACHMENTS: lambda item: "true" if any(not each.inline for each in item.attachments) else "false",
    HAS_PICTURE: lambda _: "false",
    CREATED: lambda item: write_time(item.created),
    MODIFIED: lambda item: write_time(item.modified),
    SIZE: lambda item: str(get_size(item)),
    ARTICLE_NUMBER: lambda item: str(get_id_number(item.id)),
    "0x0e06/SystemTime": lambda item: write_time(item.created),  # PidTagMessageDeliveryTime
    "0x0e07/Integer": lambda item: "17" if item.attachments else "1",  # PidTagMessageFlags: read, has attachments
    "0x0e1d/String": lambda item: get_subject(item) or None,  # PidTagNormalizedSubject
    "0x0ff9/Binary": lambda item: item.id,  # PidTagRecordKey; ids are base64 already
    "0x0fff/Binary": lambda item: item.id,  # PidTagEntryId
    "0x1080/Integer": lambda item: "512" if item.kind == "Contact" else "514",  # PidTagIconIndex
    **{key: _derive_original(address) for key, address in EMAIL_ORIGINALS.items()},
}
