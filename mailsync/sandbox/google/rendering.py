"""Persons as they are answered: the fields of a mask, with their metadata and what Google derives by itself."""

import hashlib
from collections.abc import Callable, Collection, Mapping
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, Final

import phonenumbers

from mailsync.sandbox.google.ids import make_person_etag, make_source_etag, name_group, name_other, name_person
from mailsync.sandbox.google.records import Contact, Mailbox, Version

_REGION: Final = "US"
_WITH_TYPE: Final = frozenset(
    {
        "addresses",
        "calendarUrls",
        "emailAddresses",
        "events",
        "externalIds",
        "imClients",
        "miscKeywords",
        "organizations",
        "phoneNumbers",
        "relations",
        "sipAddresses",
        "urls",
    }
)
_TYPES: Final[Mapping[str, str]] = {
    "homeFax": "Home Fax",
    "workFax": "Work Fax",
    "otherFax": "Other Fax",
    "workMobile": "Work Mobile",
    "workPager": "Work Pager",
    "googleVoice": "Google Voice",
    "homePage": "Home Page",
    "freeBusy": "Free/Busy",
    "domesticPartner": "Domestic Partner",
    "referredBy": "Referred By",
    "loginId": "Login ID",
}
_PREDEFINED: Final = frozenset(
    {
        "home",
        "work",
        "other",
        "mobile",
        "pager",
        "main",
        "anniversary",
        "account",
        "customer",
        "network",
        "organization",
        "blog",
        "profile",
        "ftp",
        "reservations",
        "school",
        "spouse",
        "child",
        "mother",
        "father",
        "parent",
        "brother",
        "sister",
        "friend",
        "relative",
        "manager",
        "assistant",
        "partner",
    }
)
_PROTOCOLS: Final[Mapping[str, str]] = {
    "aim": "AIM",
    "msn": "MSN",
    "yahoo": "Yahoo",
    "skype": "Skype",
    "qq": "QQ",
    "googleTalk": "Google Talk",
    "icq": "ICQ",
    "jabber": "Jabber",
    "netMeeting": "NetMeeting",
}


def show_person(contact: Contact, version: Version, mask: Collection[str], *, synced: bool = False) -> dict[str, Any]:
    """A contact's version as a Person; with `synced` also the names that it had before."""
    person: dict[str, Any] = {
        "resourceName": name_person(contact.id),
        "etag": make_person_etag(contact.id, version.revision),
    }
    if "metadata" in mask or (synced and version.previous):
        person["metadata"] = _show_metadata(contact, version, synced=synced)
    for name in mask:
        content = version.shown.get(name)
        if content is None and name not in version.shown:
            content = version.shown[name] = _show_field(contact, version, name)
        if content:
            person[name] = content
    return person


def show_deleted(contact: Contact) -> dict[str, Any]:
    """A deleted contact, as sync requests tell of it: its name alone (PersonMetadata.deleted)."""
    return {"resourceName": name_person(contact.id), "metadata": {"deleted": True, "objectType": "PERSON"}}


def show_other(contact: Contact, mask: Collection[str]) -> dict[str, Any]:
    """An other contact as a Person."""
    source = {"type": "OTHER_CONTACT", "id": f"{contact.id:x}"}
    person: dict[str, Any] = {
        "resourceName": name_other(contact.id),
        "etag": make_person_etag(contact.id, contact.now.revision),
    }
    if "metadata" in mask:
        stamp = show_time(contact.now.updated)
        etag = make_source_etag(contact.id, contact.now.revision)
        person["metadata"] = {"sources": [{**source, "etag": etag, "updateTime": stamp}], "objectType": "PERSON"}
    for name in mask:
        if name in contact.now.fields:
            person[name] = _show_values(name, contact.now.fields[name], source)
    return person


def show_self(box: Mailbox, mask: Collection[str]) -> dict[str, Any]:
    """The account's own profile (people/me)."""
    source = {"type": "PROFILE", "id": str(box.account)}
    person: dict[str, Any] = {"resourceName": f"people/{box.account}", "etag": make_person_etag(box.account, 0)}
    if "metadata" in mask:
        profile = {"objectType": "PERSON", "userTypes": ["GOOGLE_USER", "GOOGLE_APPS_USER"]}
        etag = make_source_etag(box.account, 0)
        person["metadata"] = {"sources": [{**source, "etag": etag, "profileMetadata": profile}], "objectType": "PERSON"}
    own = {"names": [{"givenName": box.user.capitalize()}], "emailAddresses": [{"value": box.address}]}
    for name in own.keys() & set(mask):
        person[name] = _show_values(name, own[name], source)
        if name == "emailAddresses":
            person[name][0]["metadata"]["verified"] = True
    return person


def show_time(moment: datetime) -> str:
    """A google-datetime: UTC with microseconds and Z."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def read_time(text: str) -> datetime:
    """The moment of a google-datetime. Raises ValueError."""
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError("a time needs its offset from UTC")
    return moment.astimezone(UTC)


def show_name(value: Mapping[str, Any]) -> str:
    """The display name of a structured one."""
    order = ("honorificPrefix", "givenName", "middleName", "familyName")
    text = " ".join(str(value[part]) for part in order if value.get(part))
    suffix = value.get("honorificSuffix")
    return f"{text}, {suffix}" if text and suffix else text or str(suffix or "")


def _show_metadata(contact: Contact, version: Version, *, synced: bool) -> dict[str, Any]:
    source = {
        "type": "CONTACT",
        "id": f"{contact.id:x}",
        "etag": make_source_etag(contact.id, version.revision),
        "updateTime": show_time(version.updated),
    }
    metadata: dict[str, Any] = {"sources": [source], "objectType": "PERSON"}
    if synced and version.previous:
        metadata["previousResourceNames"] = [name_person(number) for number in version.previous]
    return metadata


def _show_field(contact: Contact, version: Version, name: str) -> Any:
    source = {"type": "CONTACT", "id": f"{contact.id:x}"}
    if name == "memberships":
        return [
            {
                "metadata": {"source": source},
                "contactGroupMembership": {"contactGroupId": each, "contactGroupResourceName": name_group(each)},
            }
            for each in version.groups
        ]
    if name == "photos":
        return [_show_photo(version, source)]
    return _show_values(name, version.fields.get(name, []), source)


def _show_values(name: str, values: list[dict[str, Any]], source: Mapping[str, Any]) -> list[dict[str, Any]]:
    derive = _DERIVE.get(name)
    shown: list[dict[str, Any]] = []
    for at, value in enumerate(values):
        metadata: dict[str, Any] = {"source": source}
        if at == 0:
            metadata = {"primary": True, "source": source, "sourcePrimary": True}
        more = derive(value) if derive else {}
        if name in _WITH_TYPE and value.get("type"):
            more = {**more, "formattedType": _format_type(str(value["type"]))}
        shown.append({"metadata": metadata, **value, **more})
    return shown


def _show_photo(version: Version, source: Mapping[str, Any]) -> dict[str, Any]:
    metadata = {"primary": True, "source": source}
    if version.photo is None:
        return {"metadata": metadata, "url": "https://lh3.googleusercontent.com/cm/default=s100", "default": True}
    name = hashlib.sha256(version.photo).hexdigest()[:24]
    return {"metadata": metadata, "url": f"https://lh3.googleusercontent.com/contacts/{name}=s100"}


def _format_type(kind: str) -> str:
    if kind in _PREDEFINED:
        return kind.capitalize()
    return _TYPES.get(kind, kind)


def _derive_name(value: Mapping[str, Any]) -> dict[str, Any]:
    display = show_name(value)
    family, given = (
        value.get("familyName"),
        " ".join(str(value[part]) for part in ("givenName", "middleName") if value.get(part)),
    )
    last_first = f"{family}, {given}" if family and given else str(family or given or display)
    return {"displayName": display, "displayNameLastFirst": last_first, "unstructuredName": display}


@lru_cache(maxsize=16_384)
def _canonicalise(text: str) -> str:
    try:
        number = phonenumbers.parse(text, _REGION)
    except phonenumbers.NumberParseException:
        return ""
    if not phonenumbers.is_possible_number(number):
        return ""
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def _derive_phone(value: Mapping[str, Any]) -> dict[str, Any]:
    canonical = _canonicalise(str(value.get("value", "")))
    return {"canonicalForm": canonical} if canonical else {}


def _derive_address(value: Mapping[str, Any]) -> dict[str, Any]:
    """The unstructured value, made of the structured one where the user gave none."""
    if value.get("formattedValue"):
        return {}
    city = " ".join(str(value[part]) for part in ("region", "postalCode") if value.get(part))
    line = ", ".join(part for part in (str(value.get("city", "")), city) if part)
    lines = [value.get("poBox"), value.get("streetAddress"), value.get("extendedAddress"), line]
    text = "\n".join(str(part) for part in [*lines, value.get("country") or value.get("countryCode")] if part)
    return {"formattedValue": text} if text else {}


def _derive_gender(value: Mapping[str, Any]) -> dict[str, Any]:
    text = str(value.get("value", ""))
    return {"formattedValue": text.capitalize() if text in ("male", "female", "unspecified") else text}


def _derive_biography(value: Mapping[str, Any]) -> dict[str, Any]:
    return {} if "contentType" in value else {"contentType": "TEXT_PLAIN"}


def _derive_protocol(value: Mapping[str, Any]) -> dict[str, Any]:
    protocol = str(value.get("protocol", ""))
    return {"formattedProtocol": _PROTOCOLS.get(protocol, protocol)} if protocol else {}


_DERIVE: Final[Mapping[str, Callable[[Mapping[str, Any]], dict[str, Any]]]] = {
    "names": _derive_name,
    "phoneNumbers": _derive_phone,
    "addresses": _derive_address,
    "genders": _derive_gender,
    "biographies": _derive_biography,
    "imClients": _derive_protocol,
}
