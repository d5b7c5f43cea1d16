"""Folders: names, places, ids, counts, deletion, extended properties."""

from tests.contract.sandbox_exchange.wire import (
    NS,
    OWN_ID,
    Mailbox,
    contacts_of,
    create_folder,
    extended,
    folder_ref,
    shape,
    text,
)


def get(ann: Mailbox, *folders: str, base: str = "AllProperties", paths: tuple[str, ...] = ()):
    ids = "".join(map(folder_ref, folders))
    request = f"<m:GetFolder>{shape(*paths, base=base, what='Folder')}<m:FolderIds>{ids}</m:FolderIds></m:GetFolder>"
    return [message.find("m:Folders", NS)[0] for message in ann.ask(request)]


def set_name(folder: str, name: str) -> str:
    return change(folder, "folder:DisplayName", f"<t:DisplayName>{name}</t:DisplayName>")


def change(folder: str, path: str, content: str) -> str:
    uri = path if path.startswith("<") else f'<t:FieldURI FieldURI="{path}"/>'
    return (
        f"<m:UpdateFolder><m:FolderChanges><t:FolderChange>{folder_ref(folder)}<t:Updates><t:SetFolderField>{uri}"
        f"<t:ContactsFolder>{content}</t:ContactsFolder></t:SetFolderField></t:Updates></t:FolderChange>"
        "</m:FolderChanges></m:UpdateFolder>"
    )


def move(folder: str, target: str) -> str:
    return (
        f"<m:MoveFolder><m:ToFolderId>{folder_ref(target)}</m:ToFolderId>"
        f"<m:FolderIds>{folder_ref(folder)}</m:FolderIds></m:MoveFolder>"
    )


def delete(folder: str, disposal: str) -> str:
    return f'<m:DeleteFolder DeleteType="{disposal}"><m:FolderIds>{folder_ref(folder)}</m:FolderIds></m:DeleteFolder>'


def test_a_folder_keeps_its_id_through_rename_and_move(ann: Mailbox) -> None:
    folder = ann.create_folder("Salesforce Contacts")
    assert len(folder) == 120
    before = get(ann, folder)[0].find("t:FolderId", NS).get("ChangeKey")
    ann.ask_one(set_name(folder, "Kontakte"))
    ann.ask_one(move(folder, "msgfolderroot"))
    (found,) = get(ann, folder)
    assert text(found, "t:DisplayName") == "Kontakte"
    assert text(found, "t:FolderClass") == "IPF.Contact"
    assert found.find("t:FolderId", NS).get("ChangeKey") != before
    root = get(ann, "msgfolderroot")[0].find("t:FolderId", NS).get("Id")
    assert found.find("t:ParentFolderId", NS).get("Id") == root


def test_names_are_unique_among_siblings(ann: Mailbox) -> None:
    folder = ann.create_folder("One")
    ann.create_folder("Two")
    assert ann.codes(create_folder("one")) == ["ErrorFolderExists"]
    assert ann.codes(set_name(folder, "TWO")) == ["ErrorFolderExists"]
    assert ann.codes(create_folder("One", "msgfolderroot")) == ["NoError"]
    assert ann.codes(create_folder(" ")) == ["ErrorFolderSavePropertyError"]
    assert ann.codes(create_folder("Three", folder_class="IPF.Note")) == ["ErrorNoFolderClassOverride"]
    assert ann.codes(move(folder, folder)) == ["ErrorMoveCopyFailed"]


def test_counts(ann: Mailbox) -> None:
    (before,) = get(ann, "contacts")
    folder = ann.create_folder("One")
    for target in ("contacts", "contacts", folder):
        ann.create("<t:GivenName>Jo</t:GivenName>", target)
    contacts, one = get(ann, "contacts", folder)
    assert text(contacts, "t:TotalCount") == "2"
    assert int(text(contacts, "t:ChildFolderCount")) == int(text(before, "t:ChildFolderCount")) + 1
    assert (text(one, "t:TotalCount"), text(one, "t:ChildFolderCount")) == ("1", "0")
    assert text(contacts, "t:DistinguishedFolderId") == "contacts"


def test_deleting_a_folder(ann: Mailbox) -> None:
    first, second = ann.create_folder("One"), ann.create_folder("Gone")
    item = ann.create("<t:GivenName>Jo</t:GivenName>", first)
    ann.ask_one(delete(first, "MoveToDeletedItems"))
    (found,) = get(ann, first)
    assert found.find("t:ParentFolderId", NS).get("Id") == get(ann, "deleteditems")[0].find("t:FolderId", NS).get("Id")
    ann.get(item)
    again = ann.create_folder("One")
    ann.ask_one(delete(again, "MoveToDeletedItems"))
    assert text(get(ann, again)[0], "t:DisplayName") == "One1"
    ann.ask_one(delete(second, "HardDelete"))
    request = f"<m:GetFolder>{shape(what='Folder')}<m:FolderIds>{folder_ref(second)}</m:FolderIds></m:GetFolder>"
    assert ann.codes(request) == ["ErrorFolderNotFound"]
    assert ann.codes(delete("contacts", "HardDelete")) == ["ErrorDeleteDistinguishedFolder"]
    assert ann.codes(move("contacts", "inbox")) == ["ErrorMoveDistinguishedFolder"]


def test_emptying_a_folder(ann: Mailbox) -> None:
    folder = ann.create_folder("One")
    child = ann.create_folder("Child", folder)
    ann.create("<t:GivenName>Jo</t:GivenName>", folder)
    inside = ann.create("<t:GivenName>Jo</t:GivenName>", child)
    request = '<m:EmptyFolder DeleteType="{}" DeleteSubFolders="{}"><m:FolderIds>{}</m:FolderIds></m:EmptyFolder>'
    ann.ask_one(request.format("MoveToDeletedItems", "false", folder_ref(folder)))
    assert (ann.find(folder), len(ann.find("deleteditems"))) == ([], 1)
    ann.get(inside)
    ann.ask_one(request.format("HardDelete", "true", folder_ref(folder)))
    assert text(get(ann, folder)[0], "t:ChildFolderCount") == "0"


def test_folders_carry_extended_properties(ann: Mailbox) -> None:
    ann.ask_one(create_folder("One", extra=extended(OWN_ID, "first")))
    (folder,) = (
        each.get("Id")
        for each in ann.ask_one(
            f'<m:FindFolder Traversal="Shallow">{shape(what="Folder")}<m:Restriction><t:IsEqualTo>{OWN_ID}'
            '<t:FieldURIOrConstant><t:Constant Value="first"/></t:FieldURIOrConstant></t:IsEqualTo></m:Restriction>'
            '<m:ParentFolderIds><t:DistinguishedFolderId Id="contacts"/></m:ParentFolderIds></m:FindFolder>'
        ).iterfind(".//t:FolderId", NS)
    )
    ann.ask_one(change(folder, OWN_ID, extended(OWN_ID, "second")))
    (found,) = get(ann, folder, paths=(OWN_ID,))
    assert text(found, "t:ExtendedProperty/t:Value") == "second"


def test_folders_that_are_not_there(ann: Mailbox) -> None:
    request = "<m:GetFolder>{}<m:FolderIds>{}</m:FolderIds></m:GetFolder>"
    ids = "".join(
        (
            '<t:DistinguishedFolderId Id="publicfoldersroot"/>',
            '<t:FolderId Id="abc"/>',
            contacts_of("eve@acme.example"),
            contacts_of("no@acme.example"),
        )
    )
    assert ann.codes(request.format(shape(what="Folder"), ids)) == [
        "ErrorFolderNotFound",
        "ErrorInvalidIdMalformed",
        "ErrorAccessDenied",
        "ErrorNonExistentMailbox",
    ]
