"""The one property store: which MAPI property each schema element is another name of.

A key is `0xTAG/Type` or `{set}/id-or-name/Type`. Sources: MS-OXPROPS and MS-OXOCNTC (the canonical properties of a
contact), EWS's types.xsd (names of elements, labels and enumerations). An element and an ExtendedFieldURI of the same
key read and write the same value. Scalars are kept as text, multi-values as tuples of text.
"""

from typing import Final, TypeAlias

from mailsync.sandbox.exchange.schema import split_words

Value: TypeAlias = str | tuple[str, ...]

ADDRESS_SET: Final = "00062004-0000-0000-c000-000000000046"
COMMON_SET: Final = "00062008-0000-0000-c000-000000000046"
PUBLIC_STRINGS: Final = "00020329-0000-0000-c000-000000000046"
PROPERTY_SETS: Final = {
    "Meeting": "6ed8da90-450b-101b-98da-00aa003f1305",
    "Appointment": "00062002-0000-0000-c000-000000000046",
    "Common": COMMON_SET,
    "PublicStrings": PUBLIC_STRINGS,
    "Address": ADDRESS_SET,
    "InternetHeaders": "00020386-0000-0000-c000-000000000046",
    "CalendarAssistant": "11000e07-b51b-40d6-af21-caa85edab1d0",
    "UnifiedMessaging": "4442858e-a9e3-4e80-b900-317a210cc15b",
    "Task": "00062003-0000-0000-c000-000000000046",
    "Sharing": "00062040-0000-0000-c000-000000000046",
}


def _tag(number: int, kind: str = "String") -> str:
    return f"0x{number:04x}/{kind}"


def _address(number: int, kind: str = "String") -> str:
    return f"{{{ADDRESS_SET}}}/{number}/{kind}"


def _common(number: int, kind: str) -> str:
    return f"{{{COMMON_SET}}}/{number}/{kind}"


SUBJECT: Final = _tag(0x0037)
DISPLAY_NAME: Final = _tag(0x3001)
ITEM_CLASS: Final = _tag(0x001A)
BODY_TEXT: Final = _tag(0x1000)
BODY_HTML: Final = _tag(0x1013, "Binary")  # kept as text; its extended form is base64 of UTF-8 (PidTagHtml)
CREATED: Final = _tag(0x3007, "SystemTime")
MODIFIED: Final = _tag(0x3008, "SystemTime")
SIZE: Final = _tag(0x0E08, "Integer")
HAS_ATTACHMENTS: Final = _tag(0x0E1B, "Boolean")
ARTICLE_NUMBER: Final = _tag(0x0E23, "Integer")  # PidTagInternetArticleNumber: DavMail passes over items without one
FILE_AS: Final = _address(0x8005)
FILE_AS_ID: Final = _address(0x8006, "Integer")
SENSITIVITY: Final = _tag(0x0036, "Integer")
CATEGORIES: Final = f"{{{PUBLIC_STRINGS}}}/Keywords/StringArray"
TITLE: Final = _tag(0x3A45)
GIVEN_NAME: Final = _tag(0x3A06)
SURNAME: Final = _tag(0x3A11)
MIDDLE_NAME: Final = _tag(0x3A44)
GENERATION: Final = _tag(0x3A05)
INITIALS: Final = _tag(0x3A0A)
NICKNAME: Final = _tag(0x3A4F)
COMPANY: Final = _tag(0x3A16)
MEMBERS: Final = "distributionlist:Members"
DERIVED: Final = frozenset({CREATED, MODIFIED, SIZE, HAS_ATTACHMENTS, ARTICLE_NUMBER})

TEXTS: Final = {
    "ItemClass": ITEM_CLASS,
    "Subject": SUBJECT,
    "InReplyTo": _tag(0x1042),
    "FileAs": FILE_AS,
    "DisplayName": DISPLAY_NAME,
    "GivenName": GIVEN_NAME,
    "Initials": INITIALS,
    "MiddleName": MIDDLE_NAME,
    "Nickname": NICKNAME,
    "CompanyName": COMPANY,
    "AssistantName": _tag(0x3A30),
    "BusinessHomePage": _tag(0x3A51),
    "Department": _tag(0x3A18),
    "Generation": GENERATION,
    "JobTitle": _tag(0x3A17),
    "Manager": _tag(0x3A4E),
    "Mileage": _common(0x8534, "String"),
    "OfficeLocation": _tag(0x3A19),
    "Profession": _tag(0x3A46),
    "SpouseName": _tag(0x3A48),
    "Surname": SURNAME,
    "PhoneticFirstName": _address(0x802C),
    "PhoneticLastName": _address(0x802D),
    "Alias": _tag(0x3A00),
}
LISTS: Final = {
    "Categories": CATEGORIES,
    "Children": _tag(0x3A58, "StringArray"),
    "Companies": _common(0x8539, "StringArray"),
}
TIMES: Final = {"Birthday": _tag(0x3A42, "SystemTime"), "WeddingAnniversary": _tag(0x3A41, "SystemTime")}
BOOLEANS: Final = {"IsPrivate": _common(0x8506, "Boolean")}
HAS_PICTURE: Final = _address(0x8015, "Boolean")
NO_MAPPING: Final = 0xFFFFFFFF

# The numbers of PidLidFileUnderId (MS-OXOCNTC 2.2.1.1.12) for the names of FileAsMappingType; those that Outlook has no
# number for keep one of their own below 0x8000.
FILE_AS_NUMBERS: Final = {
    "None": "0",
    "LastCommaFirst": str(0x8017),
    "FirstSpaceLast": str(0x8037),
    "Company": str(0x3A16),
    "LastCommaFirstCompany": str(0x8019),
    "CompanyLastFirst": str(0x8030),
    "LastFirst": str(0x8031),
    "LastFirstCompany": str(0x8032),
    "CompanyLastCommaFirst": str(0x8018),
    "LastFirstSuffix": str(0x8036),
    "LastSpaceFirstCompany": str(0x8035),
    "CompanyLastSpaceFirst": str(0x8034),
    "LastSpaceFirst": str(0x8033),
    "DisplayName": str(0x3001),
    "FirstName": str(0x3A06),
    "LastFirstMiddleSuffix": str(0x8038),
    "LastName": str(0x3A11),
    "Empty": "1",
}
ENUMERATIONS: Final[dict[str, tuple[str, dict[str, str]]]] = {
    "Sensitivity": (SENSITIVITY, {"Normal": "0", "Personal": "1", "Private": "2", "Confidential": "3"}),
    "Importance": (_tag(0x0017, "Integer"), {"Low": "0", "Normal": "1", "High": "2"}),
    "FileAsMapping": (FILE_AS_ID, FILE_AS_NUMBERS),
    "PostalAddressIndex": (_address(0x8022, "Integer"), {"None": "0", "Home": "1", "Business": "2", "Other": "3"}),
}
ENUMERATION_NAMES: Final = {
    element: {number: name for name, number in names.items()} for element, (_, names) in ENUMERATIONS.items()
}

PHONES: Final = {
    "AssistantPhone": _tag(0x3A2E),
    "BusinessFax": _tag(0x3A24),
    "BusinessPhone": _tag(0x3A08),
    "BusinessPhone2": _tag(0x3A1B),
    "Callback": _tag(0x3A02),
    "CarPhone": _tag(0x3A1E),
    "CompanyMainPhone": _tag(0x3A57),
    "HomeFax": _tag(0x3A25),
    "HomePhone": _tag(0x3A09),
    "HomePhone2": _tag(0x3A2F),
    "Isdn": _tag(0x3A2D),
    "MobilePhone": _tag(0x3A1C),
    "OtherFax": _tag(0x3A23),
    "OtherTelephone": _tag(0x3A1F),
    "Pager": _tag(0x3A21),
    "PrimaryPhone": _tag(0x3A1A),
    "RadioPhone": _tag(0x3A1D),
    "Telex": _tag(0x3A2C),
    "TtyTddPhone": _tag(0x3A4B),
}
IM_ADDRESSES: Final = {
    "ImAddress1": _address(0x8062),
    "ImAddress2": f"{{{PUBLIC_STRINGS}}}/IMAddress2/String",
    "ImAddress3": f"{{{PUBLIC_STRINGS}}}/IMAddress3/String",
}
# Each e-mail slot: address, display name, address type (PidLidEmail1EmailAddress and its neighbours).
EMAILS: Final = {
    "EmailAddress1": (_address(0x8083), _address(0x8080), _address(0x8082)),
    "EmailAddress2": (_address(0x8093), _address(0x8090), _address(0x8092)),
    "EmailAddress3": (_address(0x80A3), _address(0x80A0), _address(0x80A2)),
}
# PidLidEmail1OriginalDisplayName and its neighbours: the address as it was typed, which DavMail reads e-mails by.
EMAIL_ORIGINALS: Final = {
    _address(0x8084): EMAILS["EmailAddress1"][0],
    _address(0x8094): EMAILS["EmailAddress2"][0],
    _address(0x80A4): EMAILS["EmailAddress3"][0],
}
ADDRESS_PARTS: Final = ("Street", "City", "State", "CountryOrRegion", "PostalCode")
ADDRESSES: Final[dict[str, dict[str, str]]] = {
    "Business": dict(zip(ADDRESS_PARTS, map(_address, (0x8045, 0x8046, 0x8047, 0x8049, 0x8048)), strict=True)),
    "Home": dict(zip(ADDRESS_PARTS, map(_tag, (0x3A5D, 0x3A59, 0x3A5C, 0x3A5A, 0x3A5B)), strict=True)),
    "Other": dict(zip(ADDRESS_PARTS, map(_tag, (0x3A63, 0x3A5F, 0x3A62, 0x3A60, 0x3A61)), strict=True)),
}
DICTIONARIES: Final = {"PhoneNumbers": PHONES, "ImAddresses": IM_ADDRESSES}

# Elements that a client may not write (types.xsd's documentation of each); what it sends there is refused.
READ_ONLY: Final = frozenset(
    split_words(
        "ItemId ParentFolderId Size DateTimeReceived DateTimeSent DateTimeCreated ResponseObjects DisplayCc DisplayTo "
        "DisplayBcc HasAttachments EffectiveRights LastModifiedName LastModifiedTime IsAssociated IsSubmitted IsDraft "
        "IsFromMe IsResend IsUnmodified InternetMessageHeaders WebClientReadFormQueryString "
        "WebClientEditFormQueryString ConversationId UniqueBody StoreEntryId InstanceKey NormalizedBody "
        "EntityExtractionResult Preview TextBody CompleteName ContactSource HasPicture Notes Photo DirectoryId "
        "ManagerMailbox DirectReports UserSMIMECertificate MSExchangeCertificate PhoneticFullName Attachments "
        "MimeContent AbchEmailAddresses SearchKey SortKey IconIndex"
    )
)
KIND_CLASSES: Final = {"Contact": "IPM.Contact", "DistributionList": "IPM.DistList"}


def get_property_type(key: str) -> str:
    """The MAPI type that a key ends with (String, Integer …)."""
    return key.rpartition("/")[2]


def is_multiple(key: str) -> bool:
    """Whether values of that key are tuples."""
    return key.endswith("Array") or key == MEMBERS


def list_address_keys(part: str) -> dict[str, str]:
    """Address kind -> key, for one part (Street, City …) of all addresses."""
    return {kind: parts[part] for kind, parts in ADDRESSES.items()}


# Every element whose whole content is the value of one key.
SINGLE: Final[dict[str, str]] = (
    TEXTS | LISTS | TIMES | BOOLEANS | {element: key for element, (key, _) in ENUMERATIONS.items()}
)
