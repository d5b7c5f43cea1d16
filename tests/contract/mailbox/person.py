"""What a person does in their mailbox, with exchangelib as an EWS client that nobody here wrote.

Items and folders are named by their EWS ids. `fields` are exchangelib's attributes of Contact.
"""

from typing import Any

from exchangelib import DELEGATE, Account, Build, Configuration, Credentials, EWSTimeZone, FailFast, Version
from exchangelib.folders import Contacts, Folder
from exchangelib.indexed_properties import EmailAddress, PhoneNumber, PhysicalAddress
from exchangelib.items import Contact, DistributionList
from exchangelib.properties import FolderId
from exchangelib.services import DeleteFolder, MoveFolder
from exchangelib.transport import BASIC, NTLM

AUTH_TYPES = {"basic": BASIC, "ntlm": NTLM}
BUILD = Build(15, 2, 1748, 10)


def log_in(url: str, address: str, username: str, password: str, auth: str = "basic") -> Account:
    """The person at their mailbox."""
    config = Configuration(
        service_endpoint=url,
        credentials=Credentials(username, password),
        auth_type=AUTH_TYPES[auth],
        version=Version(BUILD),
        retry_policy=FailFast(),
        max_connections=1,
    )
    return Account(address, config=config, access_type=DELEGATE, default_timezone=EWSTimeZone("UTC"), locale="en_US")


def find_folder(account: Account, folder: str | None) -> Folder:
    """A contact folder by id; None = the default Contacts folder."""
    if folder is None:
        return account.contacts
    return Contacts(root=account.root, _id=FolderId(id=folder))


def make_contact(account: Account, folder: str | None = None, **fields: Any) -> Contact:
    """A contact that is not saved yet. `email`, `phone` and `street` are short for the usual slots."""
    names = {
        "email": lambda v: {"email_addresses": [EmailAddress(label="EmailAddress1", email=v)]},
        "phone": lambda v: {"phone_numbers": [PhoneNumber(label="BusinessPhone", phone_number=v)]},
        "street": lambda v: {"physical_addresses": [PhysicalAddress(label="Business", street=v)]},
    }
    whole: dict[str, Any] = {}
    for name, value in fields.items():
        whole |= names[name](value) if name in names else {name: value}
    whole.setdefault("display_name", f"{whole.get('given_name', '')} {whole.get('surname', '')}".strip() or "Nobody")
    return Contact(account=account, folder=find_folder(account, folder), **whole)


def create_contact(account: Account, folder: str | None = None, **fields: Any) -> str:
    """Creates a contact; its id."""
    return make_contact(account, folder, **fields).save().id


def create_contacts(account: Account, contacts: list[Contact], folder: str | None = None) -> list[str]:
    """Creates many contacts of `make_contact`; their ids."""
    return [made.id for made in account.bulk_create(folder=find_folder(account, folder), items=contacts)]


def create_list(account: Account, name: str, folder: str | None = None) -> str:
    """Creates a distribution list; its id."""
    return DistributionList(account=account, folder=find_folder(account, folder), display_name=name).save().id


def get_contact(account: Account, item: str) -> Contact:
    """A contact with all that Exchange shows of it. Raises exchangelib's errors."""
    (found,) = account.fetch([(item, None)])
    if isinstance(found, Exception):
        raise found
    return found


def edit_contact(account: Account, item: str, **fields: Any) -> None:
    """Changes a contact."""
    found = get_contact(account, item)
    for name, value in fields.items():
        setattr(found, name, value)
    found.save(update_fields=list(fields))


def categorise_contact(account: Account, item: str, *categories: str) -> None:
    """Gives a contact exactly these categories."""
    edit_contact(account, item, categories=list(categories) or None)


def move_contact(account: Account, item: str, folder: str | None = None) -> str:
    """Drags a contact into another folder; its new id."""
    ((moved, _),) = account.bulk_move([(item, None)], to_folder=find_folder(account, folder))
    return moved


def copy_contact(account: Account, item: str, folder: str | None = None) -> str:
    """Copies a contact into a folder; the copy's id."""
    (copied,) = account.bulk_copy([(item, None)], to_folder=find_folder(account, folder))
    return copied[0] if isinstance(copied, tuple) else copied


def delete_contact(account: Account, item: str, *, for_good: bool = False) -> None:
    """Deletes a contact, into Deleted Items unless for good."""
    kind = "HardDelete" if for_good else "MoveToDeletedItems"
    for outcome in account.bulk_delete([(item, None)], delete_type=kind):
        if isinstance(outcome, Exception):
            raise outcome


def create_folder(account: Account, name: str, parent: str | None = None) -> str:
    """Creates a contact folder below another one; its id."""
    return Contacts(parent=find_folder(account, parent), name=name, folder_class="IPF.Contact").save().id


def rename_folder(account: Account, folder: str, name: str) -> None:
    """Renames a folder."""
    found = find_folder(account, folder)
    found.name = name
    found.save(update_fields=["name"])


def move_folder(account: Account, folder: str, parent: str | None = None) -> None:
    """Drags a folder below another one; it keeps its id."""
    list(MoveFolder(account=account).call(folders=[FolderId(id=folder)], to_folder=find_folder(account, parent)))


def delete_folder(account: Account, folder: str, *, for_good: bool = False) -> None:
    """Deletes a folder, into Deleted Items unless for good."""
    kind = "HardDelete" if for_good else "MoveToDeletedItems"
    for outcome in DeleteFolder(account=account).call(folders=[FolderId(id=folder)], delete_type=kind):
        if isinstance(outcome, Exception):
            raise outcome
