"""The messages of the People API, version 1, as far as requests are made of them.

Written after Google's discovery document (people.v1, revision 20251117): a test holds each line against it. A field is
`name:type` (without a type: a text), `!` marks those that are output only; `[X]` is a list, `{X}` a map.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

_ENUMS: Final[Mapping[str, str]] = {
    "@reads": (
        "READ_SOURCE_TYPE_UNSPECIFIED|READ_SOURCE_TYPE_PROFILE|READ_SOURCE_TYPE_CONTACT|"
        "READ_SOURCE_TYPE_DOMAIN_CONTACT|READ_SOURCE_TYPE_OTHER_CONTACT"
    ),
    "@keywords": (
        "TYPE_UNSPECIFIED|OUTLOOK_BILLING_INFORMATION|OUTLOOK_DIRECTORY_SERVER|OUTLOOK_KEYWORD|OUTLOOK_MILEAGE|"
        "OUTLOOK_PRIORITY|OUTLOOK_SENSITIVITY|OUTLOOK_SUBJECT|OUTLOOK_USER|HOME|WORK|OTHER"
    ),
}
_TEXT: Final = """
Address city country countryCode extendedAddress formattedType! formattedValue metadata:FieldMetadata poBox postalCode
  region streetAddress type
AgeRangeType ageRange:AGE_RANGE_UNSPECIFIED|LESS_THAN_EIGHTEEN|EIGHTEEN_TO_TWENTY|TWENTY_ONE_OR_OLDER
  metadata:FieldMetadata
BatchCreateContactsRequest contacts:[ContactToCreate] readMask:mask sources:[@reads]
BatchDeleteContactsRequest resourceNames:[string]
BatchUpdateContactsRequest contacts:{Person} readMask:mask sources:[@reads] updateMask:mask
Biography contentType:CONTENT_TYPE_UNSPECIFIED|TEXT_PLAIN|TEXT_HTML metadata:FieldMetadata value
Birthday date:Date metadata:FieldMetadata text
BraggingRights metadata:FieldMetadata value
CalendarUrl formattedType! metadata:FieldMetadata type url
ClientData key metadata:FieldMetadata value
ContactGroup clientData:[GroupClientData] etag formattedName!
  groupType:GROUP_TYPE_UNSPECIFIED|USER_CONTACT_GROUP|SYSTEM_CONTACT_GROUP! memberCount:int32!
  memberResourceNames:[string]! metadata:ContactGroupMetadata! name resourceName
ContactGroupMembership contactGroupId! contactGroupResourceName
ContactGroupMetadata deleted:bool! updateTime:time!
ContactToCreate contactPerson:Person
CopyOtherContactToMyContactsGroupRequest copyMask:mask readMask:mask sources:[@reads]
CoverPhoto default:bool metadata:FieldMetadata url
CreateContactGroupRequest contactGroup:ContactGroup readGroupFields:mask
Date day:int32 month:int32 year:int32
DomainMembership inViewerDomain:bool
EmailAddress displayName formattedType! metadata:FieldMetadata type value
Event date:Date formattedType! metadata:FieldMetadata type
ExternalId formattedType! metadata:FieldMetadata type value
FieldMetadata primary:bool! source:Source sourcePrimary:bool verified:bool!
FileAs metadata:FieldMetadata value
Gender addressMeAs formattedValue! metadata:FieldMetadata value
GroupClientData key value
ImClient formattedProtocol! formattedType! metadata:FieldMetadata protocol type username
Interest metadata:FieldMetadata value
Locale metadata:FieldMetadata value
Location buildingId current:bool deskCode floor floorSection metadata:FieldMetadata type value
Membership contactGroupMembership:ContactGroupMembership domainMembership:DomainMembership! metadata:FieldMetadata
MiscKeyword formattedType! metadata:FieldMetadata type:@keywords value
ModifyContactGroupMembersRequest resourceNamesToAdd:[string] resourceNamesToRemove:[string]
Name displayName! displayNameLastFirst! familyName givenName honorificPrefix honorificSuffix metadata:FieldMetadata
  middleName phoneticFamilyName phoneticFullName phoneticGivenName phoneticHonorificPrefix phoneticHonorificSuffix
  phoneticMiddleName unstructuredName
Nickname metadata:FieldMetadata type:DEFAULT|MAIDEN_NAME|INITIALS|GPLUS|OTHER_NAME|ALTERNATE_NAME|SHORT_NAME value
Occupation metadata:FieldMetadata value
Organization costCenter current:bool department domain endDate:Date formattedType!
  fullTimeEquivalentMillipercent:int32 jobDescription location metadata:FieldMetadata name phoneticName startDate:Date
  symbol title type
Person addresses:[Address] ageRange:AGE_RANGE_UNSPECIFIED|LESS_THAN_EIGHTEEN|EIGHTEEN_TO_TWENTY|TWENTY_ONE_OR_OLDER!
  ageRanges:[AgeRangeType]! biographies:[Biography] birthdays:[Birthday] braggingRights:[BraggingRights]
  calendarUrls:[CalendarUrl] clientData:[ClientData] coverPhotos:[CoverPhoto]! emailAddresses:[EmailAddress] etag
  events:[Event] externalIds:[ExternalId] fileAses:[FileAs] genders:[Gender] imClients:[ImClient] interests:[Interest]
  locales:[Locale] locations:[Location] memberships:[Membership] metadata:PersonMetadata! miscKeywords:[MiscKeyword]
  names:[Name] nicknames:[Nickname] occupations:[Occupation] organizations:[Organization] phoneNumbers:[PhoneNumber]
  photos:[Photo]! relations:[Relation] relationshipInterests:[RelationshipInterest]!
  relationshipStatuses:[RelationshipStatus]! residences:[Residence] resourceName sipAddresses:[SipAddress]
  skills:[Skill] taglines:[Tagline]! urls:[Url] userDefined:[UserDefined]
PersonMetadata deleted:bool! linkedPeopleResourceNames:[string]! objectType:OBJECT_TYPE_UNSPECIFIED|PERSON|PAGE!
  previousResourceNames:[string]! sources:[Source]
PhoneNumber canonicalForm! formattedType! metadata:FieldMetadata type value
Photo default:bool metadata:FieldMetadata url
ProfileMetadata objectType:OBJECT_TYPE_UNSPECIFIED|PERSON|PAGE!
  userTypes:[USER_TYPE_UNKNOWN|GOOGLE_USER|GPLUS_USER|GOOGLE_APPS_USER]!
Relation formattedType! metadata:FieldMetadata person type
RelationshipInterest formattedValue! metadata:FieldMetadata value
RelationshipStatus formattedValue! metadata:FieldMetadata value
Residence current:bool metadata:FieldMetadata value
SipAddress formattedType! metadata:FieldMetadata type value
Skill metadata:FieldMetadata value
Source etag id profileMetadata:ProfileMetadata!
  type:SOURCE_TYPE_UNSPECIFIED|ACCOUNT|PROFILE|DOMAIN_PROFILE|CONTACT|OTHER_CONTACT|DOMAIN_CONTACT updateTime:time!
Tagline metadata:FieldMetadata value
UpdateContactGroupRequest contactGroup:ContactGroup readGroupFields:mask updateGroupFields:mask
UpdateContactPhotoRequest personFields:mask photoBytes:bytes sources:[@reads]
Url formattedType! metadata:FieldMetadata type value
UserDefined key metadata:FieldMetadata value
"""


@dataclass(frozen=True, slots=True)
class Field:
    """A field of a message. `kind`: string, int32, bool, mask, time, bytes, enum, or the name of a message."""

    name: str
    kind: str
    repeated: bool = False
    keyed: bool = False
    output_only: bool = False
    values: tuple[str, ...] = ()


def _read_field(text: str) -> Field:
    name, _, kind = text.rstrip("!").partition(":")
    repeated, keyed = kind.startswith("["), kind.startswith("{")
    kind = kind.strip("[]{}") or "string"
    kind = _ENUMS.get(kind, kind)
    values = tuple(kind.split("|")) if "|" in kind else ()
    return Field(name, "enum" if values else kind, repeated, keyed, text.endswith("!"), values)


def _read_messages() -> dict[str, dict[str, Field]]:
    messages: dict[str, dict[str, Field]] = {}
    for line in _TEXT.strip().replace("\n  ", " ").splitlines():
        name, *fields = line.split()
        messages[name] = {each.name: each for each in map(_read_field, fields)}
    return messages


MESSAGES: Final[Mapping[str, Mapping[str, Field]]] = _read_messages()
READ_SOURCES: Final = tuple(_ENUMS["@reads"].split("|"))
# What personFields and readMask take, and what a mask of an update takes (people.get, people.updateContact).
READABLE: Final = frozenset(
    {
        "addresses",
        "ageRanges",
        "biographies",
        "birthdays",
        "calendarUrls",
        "clientData",
        "coverPhotos",
        "emailAddresses",
        "events",
        "externalIds",
        "genders",
        "imClients",
        "interests",
        "locales",
        "locations",
        "memberships",
        "metadata",
        "miscKeywords",
        "names",
        "nicknames",
        "occupations",
        "organizations",
        "phoneNumbers",
        "photos",
        "relations",
        "sipAddresses",
        "skills",
        "urls",
        "userDefined",
    }
)
UPDATABLE: Final = READABLE - {"ageRanges", "coverPhotos", "metadata", "photos", "skills"}
SINGLETONS: Final = frozenset({"biographies", "birthdays", "genders", "names"})
