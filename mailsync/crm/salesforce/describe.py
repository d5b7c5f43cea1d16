"""What the user may see and write of Contact and Account, out of their describes, compact enough to be remembered."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, cast

from mailsync.core.person import Limits
from mailsync.crm.salesforce.answers import as_list, as_object
from mailsync.mapping.interpreter import PropertyLimit, limits
from mailsync.mapping.table import Table

VENDOR = "salesforce"
COMPANY = "Account.Name"

# Readable for everybody: system fields know no field security (the describes recorded from real organisations).
_ALWAYS = ("Id", "OwnerId", "CreatedDate", "CreatedById", "LastModifiedDate", "SystemModstamp")


@dataclass(frozen=True, slots=True)
class Description:
    """What is readable: mapped fields, AccountId (`linked`), person accounts; and when it was last modified."""

    fields: Mapping[str, PropertyLimit] = field(default_factory=dict[str, PropertyLimit])
    linked: bool = True
    person_contacts: bool = False  # Contact has IsPersonAccount
    accounts: bool = True  # Account is readable at all
    person_accounts: bool = False  # Account has IsPersonAccount
    modified: str = ""  # Last-Modified of the Contact describe, as Salesforce wrote it
    account_modified: str = ""


def assumed(table: Table) -> Description:
    """What is asked for before anything is known: every mapped field. The describes ride along."""
    free = PropertyLimit(length=255, createable=True, updateable=True, required=False, choices=(), restricted=False)
    return Description(dict.fromkeys(table.properties(VENDOR), free))


def read_contact(known: Description, content: object, modified: str, table: Table) -> Description:
    """The description with a Contact describe taken in. Raises AnswerBroken for what is none."""
    found = {str(entry.get("name")): entry for entry in as_list(as_object(content).get("fields"))}
    names = [name for name in table.properties(VENDOR) if name in found]
    return replace(
        known,
        fields={name: _limit(found[name]) for name in names},
        linked="AccountId" in found,
        person_contacts="IsPersonAccount" in found,
        modified=modified,
    )


def read_account(known: Description, content: object, modified: str) -> Description:
    """The description with an Account describe taken in (None: the user can't read accounts)."""
    if content is None:
        return replace(known, accounts=False, person_accounts=False, account_modified="")
    names = {str(entry.get("name")) for entry in as_list(as_object(content).get("fields"))}
    return replace(
        known, accounts="Name" in names, person_accounts="IsPersonAccount" in names, account_modified=modified
    )


def columns(known: Description, table: Table) -> tuple[str, ...]:
    """What a query shows of a Contact: system fields, the link, and the mapped fields that the user may read."""
    company = (COMPANY,) if reads_company(known) else ()
    mapped = [name for name in table.properties(VENDOR) if name in known.fields or name in company]
    return (*_ALWAYS, *(("AccountId",) if known.linked else ()), *mapped)


def reads_company(known: Description) -> bool:
    """Whether the name of a contact's account can be read."""
    return known.linked and known.accounts


def differs(one: Description, other: Description) -> bool:
    """Whether two descriptions say different things of Contact (B8), whenever they were made."""
    return replace(one, modified="", account_modified="") != replace(other, modified="", account_modified="")


def limits_of(known: Description, table: Table) -> Limits:
    """The mapped fields' limits for this user. Company is readable at most: it is fed from Account (E3)."""
    fields = dict(known.fields)
    if reads_company(known) and COMPANY in table.properties(VENDOR):
        fields[COMPANY] = PropertyLimit(
            length=255, createable=False, updateable=False, required=False, choices=(), restricted=False
        )
    return limits(table, VENDOR, fields)


def dump(known: Description) -> dict[str, Any]:
    """The description as JSON values."""
    return {
        "fields": {name: _dump_limit(limit) for name, limit in known.fields.items()},
        "flags": [known.linked, known.person_contacts, known.accounts, known.person_accounts],
        "modified": [known.modified, known.account_modified],
    }


def load(content: Mapping[str, Any]) -> Description:
    """The description out of `dump`. Raises KeyError, TypeError, ValueError for anything else."""
    linked, person_contacts, accounts, person_accounts = (bool(flag) for flag in content["flags"])
    modified, account_modified = (str(text) for text in content["modified"])
    fields = {str(name): _load_limit(entry) for name, entry in dict[str, Any](content["fields"]).items()}
    return Description(fields, linked, person_contacts, accounts, person_accounts, modified, account_modified)


def _limit(entry: Mapping[str, Any]) -> PropertyLimit:
    listed: object = entry.get("picklistValues") or []
    choices = tuple(
        (str(choice.get("value")), str(choice.get("label") or choice.get("value")))
        for choice in as_list(listed)
        if choice.get("active") is not False
    )
    createable = entry.get("createable") is True
    bare = entry.get("nillable") is False and entry.get("defaultedOnCreate") is not True
    return PropertyLimit(
        length=_length(entry.get("length")),
        createable=createable,
        updateable=entry.get("updateable") is True,
        required=createable and bare and entry.get("type") != "boolean",
        choices=choices,
        restricted=entry.get("restrictedPicklist") is True,
    )


def _length(value: object) -> int:
    """Characters; types without a length (date, double) have 0 in a describe, which is no limit."""
    return value if isinstance(value, int) and value > 0 else 255


def _dump_limit(limit: PropertyLimit) -> list[Any]:
    flags = [limit.createable, limit.updateable, limit.required, limit.restricted]
    return [limit.length, sum(1 << bit for bit, flag in enumerate(flags) if flag), [list(c) for c in limit.choices]]


def _load_limit(entry: Sequence[Any]) -> PropertyLimit:
    length, flags, choices = int(entry[0]), int(entry[1]), cast(list[list[str]], entry[2])
    return PropertyLimit(
        length=length,
        createable=bool(flags & 1),
        updateable=bool(flags & 2),
        required=bool(flags & 4),
        choices=tuple((str(value), str(label)) for value, label in choices),
        restricted=bool(flags & 8),
    )
