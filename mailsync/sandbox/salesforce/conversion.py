"""Converting a Lead into a Contact of an Account."""

from collections.abc import Mapping
from typing import Any

from mailsync.sandbox.salesforce.activities import move_tasks
from mailsync.sandbox.salesforce.org import Org, Row
from mailsync.sandbox.salesforce.refusal import ApiError, entity_is_deleted, no_access
from mailsync.sandbox.salesforce.saving import SaveOptions, create_record, touch, update_record
from mailsync.sandbox.salesforce.viewer import Viewer

CONVERTED_STATUS = "Closed - Converted"
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


def convert_lead(
    viewer: Viewer, lead: Row, account_id: str | None, contact_id: str | None, status: str | None
) -> dict[str, Any]:
    """Makes Contact and Account out of a Lead, or merges it into those given; answers their ids.

    An existing Contact keeps what it has and is filled with what it lacks; its Account is taken where none is given.
    With Person Accounts on, a Lead without a Company becomes one. Raises ApiError for a converted or deleted Lead, a
    status that doesn't convert, a Contact of another Account, or where a rule refuses the records.
    """
    _check_lead(viewer, lead, status)
    org = viewer.org
    mark = org.mark()
    try:
        account_id, contact_id = _find_or_make(viewer, lead, account_id, contact_id)
    except ApiError:
        org.rollback(mark)
        raise
    converted = {
        "IsConverted": True,
        "Status": status or CONVERTED_STATUS,
        "ConvertedDate": org.stamp().date().isoformat(),
        "ConvertedAccountId": account_id,
        "ConvertedContactId": contact_id,
    }
    org.put("Lead", {**lead, **converted, **touch(viewer)})
    move_tasks(org, lead["Id"], contact_id)
    return {"contact": contact_id, "account": account_id, "opportunity": None}


def _check_lead(viewer: Viewer, lead: Row, status: str | None) -> None:
    if lead.get("IsDeleted"):
        raise entity_is_deleted()
    if lead.get("IsConverted"):
        raise ApiError("CANNOT_UPDATE_CONVERTED_LEAD", "cannot reference converted lead", ())
    if not viewer.owns(lead):
        raise no_access()
    if status not in (None, CONVERTED_STATUS):
        raise ApiError("INVALID_STATUS", f"invalid convertedStatus: {status}", ("Status",))


def _find_or_make(viewer: Viewer, lead: Row, account_id: str | None, contact_id: str | None) -> tuple[str, str]:
    org, options = viewer.org, SaveOptions(allow_duplicates=True)
    if contact_id is not None:
        return _merge_into(viewer, lead, account_id, contact_id)
    values = _contact_values(lead)
    if account_id is None and lead.get("Company") is None:
        made = create_record(viewer, org.objects["account"], _person_values(org, values), options)
        return made, org.records["Account"][made]["PersonContactId"]
    if account_id is None:
        account = {"Name": lead["Company"], "OwnerId": lead["OwnerId"]}
        account_id = create_record(viewer, org.objects["account"], account, options)
    return account_id, create_record(viewer, org.objects["contact"], {**values, "AccountId": account_id}, options)


def _merge_into(viewer: Viewer, lead: Row, account_id: str | None, contact_id: str) -> tuple[str, str]:
    spec = viewer.org.objects["contact"]
    contact = viewer.find(spec, contact_id)
    if contact is None or contact.get("IsDeleted"):
        raise ApiError("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id", ("ContactId",))
    at = contact.get("AccountId")
    if account_id not in (None, at) or at is None:
        raise ApiError(
            "INVALID_ID_FIELD", "the contact doesn't belong to the account of the conversion", ("AccountId",)
        )
    lacking = {name: value for name, value in _contact_values(lead).items() if contact.get(name) is None}
    update_record(viewer, spec, contact_id, lacking, SaveOptions(allow_duplicates=True))
    return at, contact_id


def _contact_values(lead: Row) -> dict[str, Any]:
    values = {name: lead[name] for name in _CONTACT_FIELDS if lead.get(name) is not None}
    values |= {f"Mailing{name}": lead[name] for name in _ADDRESS if lead.get(name) is not None}
    return {**values, "OwnerId": lead["OwnerId"]}


def _person_values(org: Org, values: Mapping[str, Any]) -> dict[str, Any]:
    """The values of a Contact by the names that its Person Account has for them."""
    names = {field.mirrors: field.name for field in org.objects["account"].fields.values() if field.mirrors}
    return {names.get(name, name): value for name, value in values.items()}
