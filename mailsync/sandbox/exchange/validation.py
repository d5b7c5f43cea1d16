"""Holding a request against the vendor's schema, as far as clients get it wrong.

Exchange validates each request against messages.xsd before it looks at anything, and answers the first violation with
the fault ErrorSchemaValidation, naming line, position and violation.
"""

import re
from collections.abc import Callable, Sequence
from typing import Final

from mailsync.sandbox.exchange.errors import Fault
from mailsync.sandbox.exchange.layout import DEFAULT_FOLDERS
from mailsync.sandbox.exchange.properties import PROPERTY_SETS
from mailsync.sandbox.exchange.schema import (
    ATTRIBUTES,
    BASE_SHAPES,
    CONTACT_ORDER,
    FOLDER_ORDER,
    INDEXED_PATHS,
    INPUTS,
    LIST_ORDER,
    OPERATIONS,
    PROPERTY_TYPES,
    SHAPE_ORDER,
    is_known_path,
    split_words,
)
from mailsync.sandbox.exchange.soap import TYPES, Element, escape, find_child, get_children, get_local_name, get_text

MAX_SYNC_CHANGES: Final = 512  # types.xsd MaxSyncChangesReturnedType
# Well-known names of types.xsd for which this mailbox keeps no folder.
OTHER_FOLDERS: Final = frozenset(
    split_words(
        "publicfoldersroot voicemail recoverableitemsdiscoveryholds archiveroot archivemsgfolderroot "
        "archivedeleteditems archiveinbox archiverecoverableitemsroot archiverecoverableitemsdeletions "
        "archiverecoverableitemsversions archiverecoverableitemspurges archiverecoverableitemsdiscoveryholds "
        "adminauditlogs todosearch mycontacts directory peopleconnect favorites mecontact personmetadata "
        "teamspaceactivity teamspacemessaging teamspaceworkitems scheduled orionnotes tagitems alltaggeditems "
        "externalcontacts teamchat yammerroot yammerinbound yammeroutbound yammerfeeds onedriveroot "
        "onedriverecylebin onedrivesystem onedrivevolume"
    )
)
WELL_KNOWN: Final = OTHER_FOLDERS | {name for name, *_ in DEFAULT_FOLDERS}
SEQUENCES: Final[dict[str, Sequence[str]]] = {
    "Contact": CONTACT_ORDER,
    "DistributionList": LIST_ORDER,
    "Folder": FOLDER_ORDER,
    "ContactsFolder": FOLDER_ORDER,
    "ItemShape": SHAPE_ORDER,
    "FolderShape": ("BaseShape", "AdditionalProperties"),
    "ItemChange": ("ItemId", "OccurrenceItemId", "RecurringMasterItemId", "Updates", "CalendarActivityData"),
    "FolderChange": ("FolderId", "DistinguishedFolderId", "Updates"),
    "ExtendedProperty": ("ExtendedFieldURI", "Value", "Values"),
    "FileAttachment": (
        split_words(
            "AttachmentId Name ContentType ContentId ContentLocation AttachmentOriginalUrl Size LastModifiedTime "
            "IsInline IsContactPhoto Content"
        )
    ),
    "Mailbox": split_words("Name EmailAddress RoutingType MailboxType ItemId OriginalDisplayName"),
    "UserConfiguration": split_words("UserConfigurationName ItemId Dictionary XmlData BinaryData"),
    "DictionaryEntry": ("DictionaryKey", "DictionaryValue"),
    "PullSubscriptionRequest": ("FolderIds", "EventTypes", "Watermark", "Timeout"),
    "PushSubscriptionRequest": ("FolderIds", "EventTypes", "Watermark", "StatusFrequency", "URL", "CallerData"),
    "StreamingSubscriptionRequest": ("FolderIds", "EventTypes"),
    "CompleteName": (
        split_words("Title FirstName MiddleName LastName Suffix Initials FullName Nickname YomiFirstName YomiLastName")
    ),
}
EXTENDED_PATTERNS: Final = {
    "PropertyTag": re.compile(
        r"0[xX][0-9A-Fa-f]{1,4}|[0-5]?[0-9]{1,4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}|655[0-2][0-9]|6553[0-5]"
    ),
    "PropertyId": re.compile(r"[+-]?[0-9]{1,9}|[01][0-9]{9}"),
    "PropertySetId": re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"),
}
NON_EMPTY: Final = frozenset(
    {
        *INPUTS.values(),
        "AdditionalProperties",
        "Updates",
        "SortOrder",
        "ToFolderId",
        "SyncFolderId",
        "ParentFolderId",
        "ItemChange",
        "FolderChange",
        "Subscribe",
        "SubscriptionIds",
        "EmailAddresses",
        "PhoneNumbers",
        "PhysicalAddresses",
        "ImAddresses",
    }
)


class Violation(Exception):
    """A breach of the schema, at an element of the request."""

    def __init__(self, element: Element, text: str) -> None:
        super().__init__(text)
        self.element = element
        self.text = text


def make_fault(violation: Violation, source: bytes) -> Fault:
    """The vendor's fault for a violation, with the place in the request's text."""
    line = violation.element.sourceline or 1
    lines = source.split(b"\n")
    row = lines[line - 1] if line <= len(lines) else b""
    position = max(row.find(get_local_name(violation.element).encode()) + 1, 1)
    values = (
        f"<t:LineNumber>{line}</t:LineNumber>",
        f"<t:LinePosition>{position}</t:LinePosition>",
        f"<t:Violation>{escape(violation.text)}</t:Violation>",
    )
    return Fault("ErrorSchemaValidation", f"The request failed schema validation: {violation.text}", values)


def check_request(operation: Element) -> None:
    """Raises Violation for the first breach, and Fault ErrorInvalidOperation for an operation that isn't served."""
    name = get_local_name(operation)
    if name not in OPERATIONS:
        raise Fault("ErrorInvalidOperation", f"The operation {name} is not available on this server.")
    for attribute, words in ATTRIBUTES.get(name, {}).items():
        check_attribute(operation, attribute, words)
    _check_order(operation, [part.rstrip("!") for part in OPERATIONS[name]])
    for part in OPERATIONS[name]:
        if part.endswith("!") and find_child(operation, part[:-1]) is None:
            raise Violation(operation, f"The element '{name}' has incomplete content. Expected: '{part[:-1]}'.")
    for element in operation.iter():
        _check_element(element)


def check_attribute(element: Element, attribute: str, words: Sequence[str]) -> None:
    """Raises Violation where a required attribute is missing or holds none of the words."""
    value = element.get(attribute)
    if value is None:
        raise Violation(element, f"The required attribute '{attribute}' is missing.")
    if value not in words:
        raise Violation(element, f"The '{attribute}' attribute is invalid - The value '{value}' is invalid.")


def _check_element(element: Element) -> None:
    name = get_local_name(element)
    order = SEQUENCES.get(name)
    if order is not None:
        _check_order(element, order)
    if name in NON_EMPTY and not len(element):
        raise Violation(element, f"The element '{name}' has incomplete content.")
    check = CHECKS.get(name)
    if check is not None:
        check(element)


def _check_order(element: Element, order: Sequence[str]) -> None:
    position = 0
    for child in get_children(element):
        name = get_local_name(child)
        try:
            position = order.index(name, position)
        except ValueError:
            expected = ", ".join(order[position : position + 12])
            raise Violation(
                child,
                f"The element '{get_local_name(element)}' in namespace '{TYPES}' has invalid child element '{name}'. "
                f"List of possible elements expected: '{expected}'.",
            ) from None


def _check_path(element: Element) -> None:
    uri = element.get("FieldURI")
    if uri is None or not is_known_path(uri):
        raise Violation(element, f"The 'FieldURI' attribute is invalid - The value '{uri or ''}' is invalid.")


def _check_indexed(element: Element) -> None:
    uri = element.get("FieldURI")
    if uri not in INDEXED_PATHS:
        raise Violation(element, f"The 'FieldURI' attribute is invalid - The value '{uri or ''}' is invalid.")
    if element.get("FieldIndex") is None:
        raise Violation(element, "The required attribute 'FieldIndex' is missing.")


def _check_extended(element: Element) -> None:
    """PropertyTagType is hexadecimal with 0x, or an unsigned short in decimal; PropertyId an xs:int."""
    check_attribute(element, "PropertyType", sorted(PROPERTY_TYPES))
    if element.get("DistinguishedPropertySetId") is not None:
        check_attribute(element, "DistinguishedPropertySetId", sorted(PROPERTY_SETS))
    for attribute, pattern in EXTENDED_PATTERNS.items():
        value = element.get(attribute)
        if value is not None and not pattern.fullmatch(value):
            raise Violation(element, f"The '{attribute}' attribute is invalid - The value '{value}' is invalid.")


def _check_id(element: Element) -> None:
    if element.get("Id") is None:
        raise Violation(element, "The required attribute 'Id' is missing.")


def _check_filled(element: Element) -> None:
    if not get_text(element):
        raise Violation(element, f"The '{get_local_name(element)}' element is invalid - it must not be empty.")


def _check_well_known(element: Element) -> None:
    check_attribute(element, "Id", sorted(WELL_KNOWN))


def _check_shape(element: Element) -> None:
    base = find_child(element, "BaseShape")
    if base is None:
        raise Violation(element, f"The element '{get_local_name(element)}' has incomplete content: 'BaseShape'.")
    if get_text(base) not in BASE_SHAPES:
        raise Violation(base, f"The 'BaseShape' element is invalid - The value '{get_text(base)}' is invalid.")


def _check_max_changes(element: Element) -> None:
    text = get_text(element).strip()
    if not text.isdecimal() or not 1 <= int(text) <= MAX_SYNC_CHANGES:
        raise Violation(
            element,
            f"The 'MaxChangesReturned' element is invalid - The value '{text}' is invalid according to its datatype "
            f"'MaxSyncChangesReturnedType' - it must lie between 1 and {MAX_SYNC_CHANGES}.",
        )


CHECKS: Final[dict[str, Callable[[Element], None]]] = {
    "FieldURI": _check_path,
    "IndexedFieldURI": _check_indexed,
    "ExtendedFieldURI": _check_extended,
    "ItemId": _check_id,
    "ParentItemId": _check_id,
    "AttachmentId": _check_id,
    "FolderId": _check_id,
    "DistinguishedFolderId": _check_well_known,
    "ItemShape": _check_shape,
    "FolderShape": _check_shape,
    "MaxChangesReturned": _check_max_changes,
    **dict.fromkeys(("SubscriptionId", "Watermark", "EmailAddress", "RoutingType"), _check_filled),
}
