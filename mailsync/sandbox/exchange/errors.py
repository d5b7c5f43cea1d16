"""Exchange's refusals: faults that stop a whole request, and errors of one of its inputs, with the vendor's texts."""

from typing import Final

TEXTS: Final = {
    "ErrorAccessDenied": "Access is denied. Check credentials and try again.",
    "ErrorCannotCreateContactInNonContactFolder": "Cannot create a contact in a non-contact folder.",
    "ErrorCannotEmptyFolder": "Emptying the folder is not supported for this type of folder.",
    "ErrorCannotUseFolderIdForItemId": "Id must be an item id, not a folder id.",
    "ErrorCannotUseItemIdForFolderId": "Id must be a folder id, not an item id.",
    "ErrorChangeKeyRequired": "The change key is required for this operation.",
    "ErrorContainsFilterWrongType": "The Contains filter can only be used for string properties.",
    "ErrorContentIndexingNotEnabled": "Content indexing is not enabled for this mailbox.",
    "ErrorDeleteDistinguishedFolder": "Distinguished folders cannot be deleted.",
    "ErrorExceededConnectionCount": "You have exceeded the available concurrent connections for your account.",
    "ErrorExceededFindCountLimit": "You have exceeded the maximum number of objects that can be returned.",
    "ErrorExceededSubscriptionCount": "You have exceeded the available subscriptions for your account.",
    "ErrorExpiredSubscription": "The subscription has expired.",
    "ErrorFolderExists": "A folder with the specified name already exists.",
    "ErrorFolderNotFound": "The specified folder could not be found in the store.",
    "ErrorFolderSavePropertyError": "The folder save operation failed due to invalid property values.",
    "ErrorImpersonateUserDenied": "The account does not have permission to impersonate the requested user.",
    "ErrorIncorrectUpdatePropertyCount": (
        "An object within a change description must contain one and only one property to modify."
    ),
    "ErrorInternalServerError": "An internal server error occurred. The operation failed.",
    "ErrorInvalidAttachmentId": "The attachment id is invalid.",
    "ErrorInvalidChangeKey": "The change key is invalid.",
    "ErrorInvalidExchangeImpersonationHeaderData": "The ExchangeImpersonation header is invalid.",
    "ErrorInvalidExtendedProperty": "The extended property attribute combination is invalid.",
    "ErrorInvalidExtendedPropertyValue": "The extended property value is invalid.",
    "ErrorInvalidFolderTypeForOperation": "The operation is invalid for this type of folder.",
    "ErrorInvalidIdEmpty": "Id cannot be empty.",
    "ErrorInvalidIdMalformed": "Id is malformed.",
    "ErrorInvalidIndexedPagingParameters": "Indexed paging parameters are invalid.",
    "ErrorInvalidItemForOperationCreateItem": "Item type is invalid for the CreateItem operation.",
    "ErrorInvalidItemForOperationCreateItemAttachment": "The type of attachment is invalid for this operation.",
    "ErrorInvalidItemForOperationExpandDL": "The item is no distribution list.",
    "ErrorInvalidOperation": "The requested operation is invalid.",
    "ErrorInvalidPropertyAppend": "Append action is invalid for property.",
    "ErrorInvalidPropertyDelete": "Delete action is invalid for property.",
    "ErrorInvalidPropertySet": "Set action is invalid for property.",
    "ErrorInvalidPullSubscriptionId": "The subscription is no pull subscription.",
    "ErrorInvalidPushSubscriptionUrl": "The URL to push notifications to is invalid.",
    "ErrorInvalidRequest": "The request is invalid.",
    "ErrorInvalidSubscription": "The subscription is invalid.",
    "ErrorInvalidSubscriptionRequest": "The subscription request is invalid.",
    "ErrorInvalidSyncStateData": "Synchronization state data is corrupt or otherwise invalid.",
    "ErrorInvalidValueForProperty": "The specified value is invalid for property.",
    "ErrorInvalidWatermark": "The watermark is invalid.",
    "ErrorIrresolvableConflict": (
        "The send or update operation could not be performed because the change key passed in the request does not "
        "match the current change key for the item."
    ),
    "ErrorItemNotFound": "The specified object was not found in the store.",
    "ErrorItemSave": "The item can't be saved: there is one of that name.",
    "ErrorMissedNotificationEvents": "Events were missed; subscribe anew.",
    "ErrorMoveCopyFailed": "The move or copy operation failed.",
    "ErrorMoveDistinguishedFolder": "Distinguished folders cannot be moved.",
    "ErrorNameResolutionMultipleResults": "Multiple results were found.",
    "ErrorNameResolutionNoResults": "No results were found.",
    "ErrorNewEventStreamConnectionOpened": "A newer connection streams the events of this subscription.",
    "ErrorNoFolderClassOverride": "The folder class can't be overridden for this type of folder.",
    "ErrorNonExistentMailbox": "The SMTP address has no mailbox associated with it.",
    "ErrorNoPropertyTagForCustomProperties": "Custom properties must be addressed by name or id, not by tag.",
    "ErrorObjectTypeChanged": "Unable to update the item: its type can't be changed.",
    "ErrorParentFolderNotFound": "The specified parent folder could not be found.",
    "ErrorPropertyValidationFailure": "The property failed validation.",
    "ErrorQuotaExceeded": "The mailbox has exceeded its storage quota.",
    "ErrorSavedItemFolderNotFound": "The folder to save the item in could not be found.",
    "ErrorServerBusy": "The server cannot service this request right now. Try again later.",
    "ErrorSubscriptionAccessDenied": "The subscription belongs to somebody else.",
    "ErrorSubscriptionNotFound": "The subscription was not found.",
    "ErrorSubscriptionUnsubscribed": "The subscription was unsubscribed.",
    "ErrorSyncFolderNotFound": "The folder to be synchronized could not be found.",
    "ErrorToFolderNotFound": "The destination folder could not be found.",
    "ErrorUnsupportedPathForQuery": "The property can not be used in a restriction.",
    "ErrorUnsupportedPathForSortGroup": "The property can not be used for sorting.",
    "ErrorUpdatePropertyMismatch": "The property in the update doesn't match the property of its path.",
}


def get_error_text(code: str) -> str:
    """The vendor's sentence for a response code; the code itself where it has none here."""
    return TEXTS.get(code, f"The operation failed: {code}.")


class Fault(Exception):
    """A SOAP fault (HTTP 500) for the whole request. `values` are ready elements for its MessageXml."""

    def __init__(self, code: str, text: str = "", values: tuple[str, ...] = ()) -> None:
        super().__init__(code)
        self.code = code
        self.text = text or get_error_text(code)
        self.values = values


class Failed(Exception):
    """The error of one input: its response code, and as MessageXml the property it is about ('' = none)."""

    def __init__(self, code: str, text: str = "", path_xml: str = "") -> None:
        super().__init__(code)
        self.code = code
        self.text = text or get_error_text(code)
        self.path_xml = path_xml
