"""Person Accounts: an Account and the Contact that comes with it, one person in two records (vendors/salesforce.md §5).

The Contact may be modified but neither created nor deleted, and what is written to one of the two shows in the other.
Where Person Accounts are on, Contacts have no sharing of their own: who sees the Account sees its Contacts.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from mailsync.sandbox.salesforce.ids import new_id
from mailsync.sandbox.salesforce.org import Org, Row
from mailsync.sandbox.salesforce.refusal import ApiError
from mailsync.sandbox.salesforce.schema import FieldSpec, ObjectSpec, add_field, flagged_field, insert_fields
from mailsync.sandbox.salesforce.values import compose_fields

BUSINESS, PERSON = new_id("012", 1), new_id("012", 2)
_NAMES = ("LastName", "FirstName", "Salutation", "MiddleName", "Suffix")
_PARTS = (
    "MobilePhone",
    "HomePhone",
    "OtherPhone",
    "AssistantPhone",
    "Email",
    "Title",
    "Department",
    "AssistantName",
    "LeadSource",
    "Birthdate",
    "LastCURequestDate",
    "LastCUUpdateDate",
    "EmailBouncedReason",
    "EmailBouncedDate",
    "IndividualId",
)
_CHANGED: Mapping[str, Mapping[str, Any]] = {  # where the recorded describe differs from the Contact's own
    "MobilePhone": {"label": "Mobile"},
    "AssistantName": {"label": "Assistant"},
    "Title": {"length": 80},
    "IndividualId": {"relationship": "PersonIndividual"},
}
_SHARED = ("Phone", "Fax", "OwnerId", "LastModifiedDate", "LastModifiedById", "SystemModstamp")


def enable_persons(org: Org) -> None:
    """Adds the fields and record types that an organisation has once Person Accounts are on."""
    org.person_accounts = True
    contact, account, lead = (org.objects[name] for name in ("contact", "account", "lead"))
    kind = flagged_field("IsPersonAccount", "boolean", 0, "fsgd", "Is Person Account")
    names = [_named(contact.fields[name.lower()]) for name in _NAMES]
    record_type = flagged_field("RecordTypeId", "reference", 18, "cunfsg", "Record Type ID")
    record_type = replace(record_type, refers_to="RecordType", relationship="RecordType")
    link = flagged_field("PersonContactId", "reference", 18, "nfsg", "Contact ID")
    link = replace(link, refers_to="Contact", relationship="PersonContact")
    account = add_field(account, replace(account.fields["name"], nillable=True))
    account = insert_fields(account, "Type", [record_type])
    account = insert_fields(account, "Name", names)
    account = insert_fields(account, "LastReferencedDate", [link, kind, *_person_fields(contact)])
    for field in contact.fields.values():
        if field.custom and field.name.endswith("__c") and field.type != "location":
            account = add_field(account, _custom_mirror(field))
    org.objects["account"] = replace(account, scopes=("everything", "mine", "scopingRule", "team"))
    org.objects["contact"] = add_field(contact, kind)
    org.objects["lead"] = add_field(lead, replace(lead.fields["company"], nillable=True))
    org.records["RecordType"] = {row["Id"]: row for row in _record_types(org)}


def shape_account(spec: ObjectSpec, given: Mapping[str, Any]) -> Row:
    """What a create writes beside `given`: its record type and kind. A last name makes a person where none is named.

    Raises ApiError for fields of the other kind, and where the name is missing.
    """
    kind = given.get("RecordTypeId") or (PERSON if given.get("LastName") else BUSINESS)
    person = kind == PERSON
    _refuse_foreign(spec, given, person)
    _require_name(given, person)
    return {"RecordTypeId": kind, "IsPersonAccount": person}


def check_person(
    org: Org, spec: ObjectSpec, row: Mapping[str, Any], before: Row | None, given: Mapping[str, Any]
) -> None:
    """Raises INVALID_PERSON_ACCOUNT_OPERATION for what a person's records may not be made to do."""
    if spec.name == "Contact":
        _check_contact(org, row, before)
    elif spec.name == "Account" and before is not None:
        if row.get("RecordTypeId") is None or (row["RecordTypeId"] == PERSON) != before["IsPersonAccount"]:
            raise refuse_person("a business account can't become a person account, nor the other way round")
        person = before["IsPersonAccount"]
        _refuse_foreign(spec, given, person)
        _require_name(row, person)


def reflect_person(org: Org, spec: ObjectSpec, row: Row) -> tuple[ObjectSpec, Row] | None:
    """The other record of a person as the one just written makes it, with its object; None for all other records."""
    if not row.get("IsPersonAccount") or spec.name not in ("Account", "Contact"):
        return None
    to_contact = spec.name == "Account"
    other = org.objects["contact" if to_contact else "account"]
    other_id = row["PersonContactId"] if to_contact else row["AccountId"]
    before = org.find(other.name, other_id) or _new_contact(row)
    copied = {
        (mirrored if to_contact else name): row.get(name if to_contact else mirrored)
        for name, mirrored in _pairs(org.objects["account"])
    }
    made = {key: value for key, value in {**before, **copied}.items() if value is not None}
    compose_fields(other, made)
    return other, made


def reflect_fields(org: Org, spec: ObjectSpec, names: Iterable[str]) -> frozenset[str]:
    """The fields of a person's other record into which those of this one go."""
    pairs = _pairs(org.objects["account"])
    there = dict(pairs) if spec.name == "Account" else {mirrored: name for name, mirrored in pairs}
    return frozenset(there[name] for name in names if name in there)


def complete_persons(org: Org) -> None:
    """Makes the Contacts of Person Accounts that a world names without them."""
    contacts = org.records.setdefault("Contact", {})
    for row in org.records.get("Account", {}).values():
        if row.get("IsPersonAccount") and row["PersonContactId"] not in contacts:
            reflected = reflect_person(org, org.objects["account"], row)
            assert reflected is not None, "the Account is a person's"
            org.put("Contact", reflected[1])


def refuse_person(message: str) -> ApiError:
    return ApiError("INVALID_PERSON_ACCOUNT_OPERATION", message, ())


def _named(field: FieldSpec) -> FieldSpec:
    return replace(field, nillable=True, mirrors=field.name)


def _person_fields(contact: ObjectSpec) -> list[FieldSpec]:
    """Person… for the Contact's addresses and parts, in the order of the recorded describe."""
    blocks = ("MailingAddress", "OtherAddress")
    placed = [field for block in blocks for field in contact.fields.values() if block in (field.compound, field.name)]
    return [_mirror(field) for field in [*placed, *(contact.fields[part.lower()] for part in _PARTS)]]


def _mirror(field: FieldSpec) -> FieldSpec:
    changed: dict[str, Any] = dict(_CHANGED.get(field.name, {}))
    return replace(
        field,
        name=f"Person{field.name}",
        mirrors=field.name,
        id_lookup=False,
        compound=field.compound and f"Person{field.compound}",
        controller=field.controller and f"Person{field.controller}",
        **changed,
    )


def _custom_mirror(field: FieldSpec) -> FieldSpec:
    name = f"{field.name.removesuffix('__c')}__pc"
    relationship = field.relationship and f"{field.relationship.removesuffix('__r')}__pr"
    return replace(field, name=name, mirrors=field.name, relationship=relationship, nillable=True, numbering=None)


def _record_types(org: Org) -> list[Row]:
    now = org.stamp()
    kinds = ((BUSINESS, "Business Account", "Business_Account"), (PERSON, "Person Account", "PersonAccount"))
    return [
        {
            "Id": type_id,
            "Name": label,
            "DeveloperName": name,
            "SobjectType": "Account",
            "IsActive": True,
            "IsPersonType": type_id == PERSON,
            "CreatedDate": now,
            "LastModifiedDate": now,
            "SystemModstamp": now,
        }
        for type_id, label, name in kinds
    ]


def _refuse_foreign(spec: ObjectSpec, given: Mapping[str, Any], person: bool) -> None:
    foreign = tuple(name for name, value in given.items() if value is not None and not _fits(spec, name, person))
    if foreign:
        message = f"{spec.name}: bad field names on insert/update call: {', '.join(foreign)}"
        raise ApiError("INVALID_FIELD_FOR_INSERT_UPDATE", message, foreign)


def _fits(spec: ObjectSpec, name: str, person: bool) -> bool:
    """Whether a field is one of the kind: a person has no Name of its own, a business no fields of a Contact."""
    return name != "Name" if person else spec.fields[name.lower()].mirrors is None


def _require_name(given: Mapping[str, Any], person: bool) -> None:
    name = "LastName" if person else "Name"
    if given.get(name) is None:
        raise ApiError("REQUIRED_FIELD_MISSING", f"Required fields are missing: [{name}]", (name,))


def _check_contact(org: Org, row: Mapping[str, Any], before: Row | None) -> None:
    if before is not None and before.get("IsPersonAccount"):
        moved = [name for name in ("AccountId", "ReportsToId") if row.get(name) != before.get(name)]
        if moved:
            raise refuse_person(f"the contact of a person account keeps its {moved[0]}")
        return
    account = org.find("Account", row.get("AccountId") or "")
    if account is not None and account.get("IsPersonAccount"):
        raise refuse_person("nothing can be attached to a person account: it has its own contact")


def _pairs(account: ObjectSpec) -> list[tuple[str, str]]:
    mirrored = [(field.name, field.mirrors) for field in account.fields.values() if field.mirrors]
    return [*mirrored, *((name, name) for name in _SHARED)]


def _new_contact(account: Row) -> Row:
    return {
        "Id": account["PersonContactId"],
        "AccountId": account["Id"],
        "IsPersonAccount": True,
        "IsDeleted": False,
        "IsEmailBounced": False,
        "CleanStatus": "Pending",
        "PhotoUrl": f"/services/images/photo/{account['PersonContactId']}",
        "CreatedDate": account["CreatedDate"],
        "CreatedById": account["CreatedById"],
    }
