"""Converting a Lead into a Contact of an Account."""

from typing import Any

from mailsync.sandbox.salesforce.org import Row
from mailsync.sandbox.salesforce.refusal import ApiError, entity_is_deleted, no_access
from mailsync.sandbox.salesforce.saving import SaveOptions, create_record, touch
from mailsync.sandbox.salesforce.viewer import Viewer

_CONTACT_FIELDS = (
    "LastName",
    "FirstName",
    "Salutation",
    "MiddleName",
    "Suffix",
    "Title",
    "Phone",
    "MobilePhone",
    "Fax",
    "Email",
    "Description",
    "LeadSource",
)
_ADDRESS = ("Street", "City", "State", "PostalCode", "Country")


def convert_lead(viewer: Viewer, lead: Row, account_id: str | None) -> dict[str, Any]:
    """Makes Contact and Account (or takes the one given) out of a Lead; answers their ids.

    Raises ApiError for a converted or deleted Lead, or where a rule refuses the new records.
    """
    if lead.get("IsDeleted"):
        raise entity_is_deleted()
    if lead.get("IsConverted"):
        raise ApiError("CANNOT_UPDATE_CONVERTED_LEAD", "cannot reference converted lead", ())
    if not viewer.owns(lead):
        raise no_access()
    org = viewer.org
    mark = org.mark()
    options = SaveOptions(allow_duplicates=True)
    try:
        if account_id is None:
            account = {"Name": lead["Company"], "OwnerId": lead["OwnerId"]}
            account_id = create_record(viewer, org.objects["account"], account, options)
        values = {name: lead[name] for name in _CONTACT_FIELDS if lead.get(name) is not None}
        values |= {f"Mailing{name}": lead[name] for name in _ADDRESS if lead.get(name) is not None}
        values |= {"AccountId": account_id, "OwnerId": lead["OwnerId"]}
        contact_id = create_record(viewer, org.objects["contact"], values, options)
    except ApiError:
        org.rollback(mark)
        raise
    converted = {
        "IsConverted": True,
        "Status": "Closed - Converted",
        "ConvertedDate": org.stamp().date().isoformat(),
        "ConvertedAccountId": account_id,
        "ConvertedContactId": contact_id,
    }
    org.put("Lead", {**lead, **converted, **touch(viewer)})
    return {"contact": contact_id, "account": account_id}
