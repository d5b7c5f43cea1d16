"""Element orders and permitted names, as in the vendor's messages.xsd and types.xsd.

Requests are held against them (Exchange refuses a child out of its sequence), and answers are written in their order.
"""

from typing import Final


def split_words(text: str) -> tuple[str, ...]:
    """The words of a text, parted by white space."""
    return tuple(text.split())


ITEM_ORDER: Final = split_words(
    "MimeContent ItemId ParentFolderId ItemClass Subject Sensitivity Body Attachments DateTimeReceived Size "
    "Categories Importance InReplyTo IsSubmitted IsDraft IsFromMe IsResend IsUnmodified InternetMessageHeaders "
    "DateTimeSent DateTimeCreated ResponseObjects ReminderDueBy ReminderIsSet ReminderNextTime "
    "ReminderMinutesBeforeStart DisplayCc DisplayTo DisplayBcc HasAttachments ExtendedProperty Culture "
    "EffectiveRights LastModifiedName LastModifiedTime IsAssociated WebClientReadFormQueryString "
    "WebClientEditFormQueryString ConversationId UniqueBody Flag StoreEntryId InstanceKey NormalizedBody "
    "EntityExtractionResult PolicyTag ArchiveTag RetentionDate Preview RightsManagementLicenseData "
    "PredictedActionReasons IsClutter BlockStatus HasBlockedImages TextBody IconIndex SearchKey SortKey Hashtags "
    "Mentions MentionedMe MentionsPreview MentionsEx AppliedHashtags AppliedHashtagsPreview Likes LikesPreview "
    "PendingSocialActivityTagIds AtAllMention CanDelete InferenceClassification FirstBody"
)
CONTACT_ORDER: Final = (
    *ITEM_ORDER,
    *(
        split_words(
            "FileAs FileAsMapping DisplayName GivenName Initials MiddleName Nickname CompleteName CompanyName "
            "EmailAddresses AbchEmailAddresses PhysicalAddresses PhoneNumbers AssistantName Birthday "
            "BusinessHomePage Children Companies ContactSource Department Generation ImAddresses JobTitle Manager "
            "Mileage OfficeLocation PostalAddressIndex Profession SpouseName Surname WeddingAnniversary "
            "HasPicture PhoneticFullName PhoneticFirstName PhoneticLastName Alias Notes Photo "
            "UserSMIMECertificate MSExchangeCertificate DirectoryId ManagerMailbox DirectReports AccountName "
            "IsAutoUpdateDisabled IsMessengerEnabled Comment ContactShortId ContactType Gender IsHidden ObjectId "
            "PassportId IsPrivate SourceId TrustLevel CreatedBy Urls Cid SkypeAuthCertificate SkypeContext "
            "SkypeId SkypeRelationship YomiNickname XboxLiveTag InviteFree HidePresenceAndProfile "
            "IsPendingOutbound SupportGroupFeeds UserTileHash UnifiedInbox Mris Wlid AbchContactId "
            "NotInBirthdayCalendar ShellContactType ImMri PresenceTrustLevel OtherMri ProfileLastChanged "
            "MobileIMEnabled PartnerNetworkProfilePhotoUrl PartnerNetworkThumbnailPhotoUrl PersonId "
            "ConversationGuid"
        )
    ),
)
LIST_ORDER: Final = (*ITEM_ORDER, "DisplayName", "FileAs", "ContactSource", "Members")
FOLDER_ORDER: Final = split_words(
    "FolderId ParentFolderId FolderClass DisplayName TotalCount ChildFolderCount ExtendedProperty "
    "ManagedFolderInformation EffectiveRights DistinguishedFolderId PolicyTag ArchiveTag ReplicaList "
    "SharingEffectiveRights PermissionSet UnreadCount SearchParameters SourceId AccountName"
)
SHAPE_ORDER: Final = split_words(
    "BaseShape IncludeMimeContent BodyType UniqueBodyType NormalizedBodyType FilterHtmlContent"
    "ConvertHtmlCodePageToUTF8 InlineImageUrlTemplate BlockExternalImages AddBlankTargetToLinks MaximumBodySize "
    "AdditionalProperties"
)
KIND_ORDER: Final = {"Contact": CONTACT_ORDER, "DistributionList": LIST_ORDER}

# Children of an operation in their order, "!" marking the required ones.
OPERATIONS: Final[dict[str, tuple[str, ...]]] = {
    "ConvertId": ("SourceIds!",),
    "GetFolder": ("FolderShape!", "FolderIds!"),
    "FindFolder": (
        "FolderShape!",
        "IndexedPageFolderView",
        "FractionalPageFolderView",
        "Restriction",
        "ParentFolderIds!",
    ),
    "CreateFolder": ("ParentFolderId!", "Folders!"),
    "UpdateFolder": ("FolderChanges!",),
    "MoveFolder": ("ToFolderId!", "FolderIds!"),
    "CopyFolder": ("ToFolderId!", "FolderIds!"),
    "DeleteFolder": ("FolderIds!",),
    "MarkAllItemsAsRead": ("ReadFlag!", "SuppressReadReceipts!", "FolderIds!"),
    "EmptyFolder": ("FolderIds!",),
    "SyncFolderHierarchy": ("FolderShape!", "SyncFolderId", "SyncState"),
    "SyncFolderItems": ("ItemShape!", "SyncFolderId!", "SyncState", "Ignore", "MaxChangesReturned!", "SyncScope"),
    "GetItem": ("ItemShape!", "ItemIds!"),
    "FindItem": (
        "ItemShape!",
        "IndexedPageItemView",
        "FractionalPageItemView",
        "SeekToConditionPageItemView",
        "CalendarView",
        "ContactsView",
        "GroupBy",
        "DistinguishedGroupBy",
        "Restriction",
        "SortOrder",
        "ParentFolderIds!",
        "QueryString",
    ),
    "CreateItem": ("SavedItemFolderId", "Items!"),
    "UpdateItem": ("SavedItemFolderId", "ItemChanges!"),
    "MoveItem": ("ToFolderId!", "ItemIds!", "ReturnNewItemIds"),
    "CopyItem": ("ToFolderId!", "ItemIds!", "ReturnNewItemIds"),
    "DeleteItem": ("ItemIds!",),
    "CreateAttachment": ("ParentItemId!", "Attachments!"),
    "GetAttachment": ("AttachmentShape", "AttachmentIds!"),
    "DeleteAttachment": ("AttachmentIds!",),
    "ResolveNames": ("ParentFolderIds", "UnresolvedEntry!"),
    "ExpandDL": ("Mailbox!",),
    "GetUserPhoto": ("Email!", "SizeRequested!", "TypeRequested"),
    "GetUserConfiguration": ("UserConfigurationName!", "UserConfigurationProperties!"),
    "CreateUserConfiguration": ("UserConfiguration!",),
    "UpdateUserConfiguration": ("UserConfiguration!",),
    "DeleteUserConfiguration": ("UserConfigurationName!",),
    "Subscribe": ("PullSubscriptionRequest", "PushSubscriptionRequest", "StreamingSubscriptionRequest"),
    "Unsubscribe": ("SubscriptionId!",),
    "GetEvents": ("SubscriptionId!", "Watermark!"),
    "GetStreamingEvents": ("SubscriptionIds!", "ConnectionTimeout!"),
}
# Where the answers of an operation are one per child of this element.
INPUTS: Final = {
    "ConvertId": "SourceIds",
    "GetFolder": "FolderIds",
    "FindFolder": "ParentFolderIds",
    "CreateFolder": "Folders",
    "UpdateFolder": "FolderChanges",
    "MoveFolder": "FolderIds",
    "CopyFolder": "FolderIds",
    "DeleteFolder": "FolderIds",
    "MarkAllItemsAsRead": "FolderIds",
    "EmptyFolder": "FolderIds",
    "GetItem": "ItemIds",
    "FindItem": "ParentFolderIds",
    "CreateItem": "Items",
    "UpdateItem": "ItemChanges",
    "MoveItem": "ItemIds",
    "CopyItem": "ItemIds",
    "DeleteItem": "ItemIds",
    "CreateAttachment": "Attachments",
    "GetAttachment": "AttachmentIds",
    "DeleteAttachment": "AttachmentIds",
}
DISPOSALS: Final = ("HardDelete", "SoftDelete", "MoveToDeletedItems")
BOOLEAN_WORDS: Final = ("true", "false", "1", "0")
# Required attributes of an operation and what each may hold.
ATTRIBUTES: Final[dict[str, dict[str, tuple[str, ...]]]] = {
    "ConvertId": {"DestinationFormat": ("EwsLegacyId", "EwsId", "EntryId", "HexEntryId", "StoreId", "OwaId")},
    "FindFolder": {"Traversal": ("Shallow", "Deep", "SoftDeleted")},
    "FindItem": {"Traversal": ("Shallow", "SoftDeleted", "Associated")},
    "DeleteFolder": {"DeleteType": DISPOSALS},
    "EmptyFolder": {"DeleteType": DISPOSALS, "DeleteSubFolders": BOOLEAN_WORDS},
    "DeleteItem": {"DeleteType": DISPOSALS},
    "UpdateItem": {"ConflictResolution": ("NeverOverwrite", "AutoResolve", "AlwaysOverwrite")},
    "ResolveNames": {"ReturnFullContactData": BOOLEAN_WORDS},
}
BASE_SHAPES: Final = ("IdOnly", "Default", "AllProperties", "PcxPeopleSearch")

ITEM_PATHS: Final = frozenset(
    f"item:{name}"
    for name in (
        *ITEM_ORDER,
        "MimeContentUTF8",
    )
    if name not in ("ExtendedProperty", "SearchKey", "SortKey")
)
CONTACT_PATHS: Final = frozenset(f"contacts:{name}" for name in (*CONTACT_ORDER[len(ITEM_ORDER) :], "Culture"))
FOLDER_PATHS: Final = frozenset(
    f"folder:{name}" for name in FOLDER_ORDER if name not in ("ExtendedProperty", "SourceId", "AccountName")
)
# Properties of other kinds of item, which a shape may name without effect on contacts.
OTHER_PATHS: Final = ("message:", "calendar:", "task:", "meeting:", "meetingRequest:", "postitem:", "conversation:")
INDEXED_PATHS: Final = frozenset(
    {
        "item:InternetMessageHeader",
        "contacts:ImAddress",
        "contacts:PhysicalAddress:Street",
        "contacts:PhysicalAddress:City",
        "contacts:PhysicalAddress:State",
        "contacts:PhysicalAddress:CountryOrRegion",
        "contacts:PhysicalAddress:PostalCode",
        "contacts:PhoneNumber",
        "contacts:EmailAddress",
        "distributionlist:Members:Member",
    }
)
SCALAR_TYPES: Final = (
    "ApplicationTime",
    "Binary",
    "Boolean",
    "CLSID",
    "Currency",
    "Double",
    "Float",
    "Integer",
    "Long",
    "Short",
    "SystemTime",
    "String",
)
PROPERTY_TYPES: Final = frozenset({*SCALAR_TYPES, *(f"{name}Array" for name in SCALAR_TYPES)}) | {
    "Error",
    "Null",
    "Object",
    "ObjectArray",
}


def is_known_path(uri: str) -> bool:
    """Whether types.xsd knows that FieldURI."""
    return (
        uri in ITEM_PATHS
        or uri in CONTACT_PATHS
        or uri in FOLDER_PATHS
        or uri == "distributionlist:Members"
        or uri.startswith(OTHER_PATHS)
    )
