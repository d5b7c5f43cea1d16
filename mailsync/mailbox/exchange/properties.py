"""Properties of items by name, as the mapping tables write them, and their places in EWS.

"contacts:GivenName", "contacts:PhoneNumber:HomePhone", "contacts:PhysicalAddress:City:Business", "item:Body",
"tag:0x3A45" (a MAPI string property); "own:…" are this program's named properties, of which no table knows.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from mailsync.mailbox.exchange.soap import clean, escape

OWN_SET = "6b1f0c9e-52a4-4d0b-9f0e-3c7d5a8e2f41"
"""Our property set (mappings.md): the same name and set are visible on Graph, so identity survives a migration."""

RECORD = "own:SalesforceId"
KEY = "own:CorrelationKey"
EXCLUDED = "own:Excluded"
MARK = "own:Installation"  # on the folder: installation:generation
CATEGORIES = "item:Categories"
BODY = "item:Body"
FILE_AS = "contacts:FileAs"
DISPLAY_NAME = "contacts:DisplayName"
WEB_PAGE = "contacts:BusinessHomePage"
EMAILS = tuple(f"contacts:EmailAddress:EmailAddress{n}" for n in (1, 2, 3))

_KINDS = {EXCLUDED: "Boolean"}
DATES = ("contacts:Birthday", "contacts:WeddingAnniversary")
_CONTAINERS = {
    "PhoneNumber": "PhoneNumbers",
    "EmailAddress": "EmailAddresses",
    "ImAddress": "ImAddresses",
    "PhysicalAddress": "PhysicalAddresses",
}
_ADDRESS_PARTS = ("Street", "City", "State", "CountryOrRegion", "PostalCode")
# Children of a Contact must stand in the order of types.xsd.
_ORDER = (
    "Sensitivity Body Categories ExtendedProperty FileAs DisplayName GivenName Initials MiddleName "
    "Nickname CompanyName EmailAddresses PhysicalAddresses PhoneNumbers AssistantName Birthday "
    "BusinessHomePage Department Generation ImAddresses JobTitle Manager Mileage OfficeLocation "
    "Profession SpouseName Surname WeddingAnniversary"
)
_PLACES = {name: place for place, name in enumerate(_ORDER.split())}
_FIRST_DAY = date(1601, 1, 1)  # Windows' file time begins there; Exchange keeps no earlier date


class Unfit(ValueError):
    """A value that Exchange's schema has no way to take; `name` is its property."""

    def __init__(self, name: str, message: str) -> None:
        super().__init__(message)
        self.name = name


@dataclass(frozen=True, slots=True)
class Place:
    """Where in a Contact element a property lies: its child element, the entry's key in it, and the entry's part."""

    element: str
    key: str = ""
    part: str = ""


@lru_cache
def find_place(name: str) -> Place:
    """The place of a property."""
    prefix, _, rest = name.partition(":")
    if prefix in ("tag", "own"):
        return Place("ExtendedProperty", name)
    family, *index = rest.split(":")
    if not index:
        return Place(family)
    return Place(_CONTAINERS[family], index[-1], index[0] if len(index) > 1 else "")


def name_tag(tag: str) -> str:
    """The name of a MAPI property by its tag, which servers write as 0x3a45 or 14917; "" for no such thing."""
    try:
        return f"tag:0x{int(tag, 0):04X}"
    except ValueError:
        return ""


@lru_cache
def write_path(name: str) -> str:
    """The path element of a property: FieldURI, IndexedFieldURI or ExtendedFieldURI."""
    prefix, _, rest = name.partition(":")
    if prefix == "tag":
        return f'<t:ExtendedFieldURI PropertyTag="{rest}" PropertyType="String"/>'
    if prefix == "own":
        kind = _KINDS.get(name, "String")
        return f'<t:ExtendedFieldURI PropertySetId="{OWN_SET}" PropertyName="{rest}" PropertyType="{kind}"/>'
    if name.count(":") == 1:
        return f'<t:FieldURI FieldURI="{name}"/>'
    uri, _, index = name.rpartition(":")
    return f'<t:IndexedFieldURI FieldURI="{uri}" FieldIndex="{index}"/>'


def write_shape(names: Iterable[str], what: str = "Item", *, text_body: bool = False) -> str:
    """A response shape of exactly these properties (and the id): never a vendor's default set (B4.7)."""
    paths = "".join(write_path(name) for name in dict.fromkeys(names))
    body = "<t:BodyType>Text</t:BodyType>" if text_body else ""
    additional = f"<t:AdditionalProperties>{paths}</t:AdditionalProperties>" if paths else ""
    return f"<m:{what}Shape><t:BaseShape>IdOnly</t:BaseShape>{body}{additional}</m:{what}Shape>"


def write_values(flat: Mapping[str, str], shown: str = "") -> str:
    """The child elements of a Contact that hold these properties, in the schema's order; blank ones are left out.

    `shown` is the name beside an e-mail address (A22). Raises Unfit.
    """
    plain: list[tuple[str, str]] = []
    entries: dict[str, list[str]] = defaultdict(list)
    parts: dict[str, dict[str, str]] = defaultdict(dict)
    for name, text in flat.items():
        if not clean(text):
            continue
        place = find_place(name)
        if place.part:
            parts[place.key][place.part] = text
        elif place.element in ("PhoneNumbers", "ImAddresses", "EmailAddresses"):
            entries[place.element].append(_write_entry(place, text, shown))
        else:
            plain.append((place.element, _write_plain(name, place, text)))
    for key, texts in parts.items():
        inner = "".join(f"<t:{p}>{escape(texts[p])}</t:{p}>" for p in _ADDRESS_PARTS if p in texts)
        entries["PhysicalAddresses"].append(f'<t:Entry Key="{key}">{inner}</t:Entry>')
    plain += [(element, f"<t:{element}>{''.join(found)}</t:{element}>") for element, found in entries.items()]
    return "".join(xml for _, xml in sorted(plain, key=lambda each: _PLACES[each[0]]))


def _write_entry(place: Place, text: str, shown: str) -> str:
    if place.element != "EmailAddresses":
        return f'<t:Entry Key="{place.key}">{escape(text)}</t:Entry>'
    name = f' Name="{escape(shown)}"' if shown else ""
    return f'<t:Entry Key="{place.key}"{name} RoutingType="SMTP">{escape(text)}</t:Entry>'


def _write_plain(name: str, place: Place, text: str) -> str:
    if place.element == "ExtendedProperty":
        return f"<t:ExtendedProperty>{write_path(name)}<t:Value>{escape(text)}</t:Value></t:ExtendedProperty>"
    if name == CATEGORIES:
        return write_categories([text])
    if name == BODY:
        return f'<t:Body BodyType="Text">{escape(text)}</t:Body>'
    value = _write_day(name, text) if name in DATES else escape(text)
    return f"<t:{place.element}>{value}</t:{place.element}>"


def _write_day(name: str, text: str) -> str:
    """An instant on that day everywhere on earth: 11:59 in UTC (vendors/mailbox.md B3)."""
    try:
        day = date.fromisoformat(text) if re.fullmatch(r"\d{4}-\d\d-\d\d", text, re.ASCII) else None
    except ValueError:
        day = None
    if day is None or day < _FIRST_DAY:
        raise Unfit(name, f"{text!r} is no date that Exchange can hold")
    return f"{text}T11:59:00Z"


def write_categories(categories: Iterable[str]) -> str:
    """The Categories element; "" where there are none."""
    strings = "".join(f"<t:String>{escape(c)}</t:String>" for c in categories)
    return f"<t:Categories>{strings}</t:Categories>" if strings else ""
