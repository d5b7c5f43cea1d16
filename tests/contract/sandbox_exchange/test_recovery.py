"""What is deleted: the recoverable items' folders, copies of folders, and read flags that contacts don't have."""

import pytest

from mailsync.sandbox.exchange import Exchange
from tests.contract.sandbox_exchange.wire import NS, Mailbox, folder_ref, shape, sync_items, text, texts


def list_names(ann: Mailbox, folder: str, traversal: str = "Shallow") -> list[str | None]:
    content = (
        f'<m:FindItem Traversal="{traversal}">{shape("contacts:GivenName")}'
        f"<m:ParentFolderIds>{folder_ref(folder)}</m:ParentFolderIds></m:FindItem>"
    )
    return texts(ann.ask_one(content), ".//t:GivenName")


def test_deletions_and_purges(ann: Mailbox) -> None:
    soft = ann.create("<t:GivenName>Soft</t:GivenName>")
    hard = ann.create("<t:GivenName>Hard</t:GivenName>")
    ann.delete(soft, "SoftDelete")
    ann.delete(hard, "HardDelete")
    assert list_names(ann, "contacts") == []
    assert list_names(ann, "contacts", "SoftDeleted") == ["Soft"]
    assert list_names(ann, "recoverableitemsdeletions") == ["Soft"]
    assert list_names(ann, "recoverableitemspurges") == ["Hard"]
    changes = ann.ask_one(sync_items("recoverableitemsdeletions", "", 512, "contacts:GivenName"))
    assert texts(changes, ".//t:Create//t:GivenName") == ["Soft"]
    for expected in (["Soft", "Hard"], ["Hard"]):
        lying = "recoverableitemsdeletions" if len(expected) == 2 else "recoverableitemspurges"
        found = ann.find(lying)[0].find("t:ItemId", NS).get("Id")
        ann.ask_one(
            f'<m:DeleteItem DeleteType="SoftDelete"><m:ItemIds><t:ItemId Id="{found}"/></m:ItemIds></m:DeleteItem>'
        )
        assert list_names(ann, "recoverableitemspurges") == expected


def test_a_soft_deleted_item_is_moved_back_by_a_client(ann: Mailbox) -> None:
    ann.delete(ann.create("<t:GivenName>Jo</t:GivenName>"), "SoftDelete")
    found = ann.find("recoverableitemsdeletions")[0].find("t:ItemId", NS).get("Id")
    ann.ask_one(
        f'<m:MoveItem><m:ToFolderId>{folder_ref("contacts")}</m:ToFolderId><m:ItemIds><t:ItemId Id="{found}"/>'
        f"</m:ItemIds></m:MoveItem>"
    )
    assert list_names(ann, "contacts") == ["Jo"]
    assert list_names(ann, "contacts", "SoftDeleted") == []


@pytest.mark.parametrize(("disposal", "place"), [("SoftDelete", "deletions"), ("HardDelete", "purges")])
def test_a_folders_items_go_where_it_sends_them(ann: Mailbox, disposal: str, place: str) -> None:
    folder = ann.create_folder("Clients")
    ann.create("<t:GivenName>Jo</t:GivenName>", ann.create_folder("Old", folder))
    ann.ask_one(
        f'<m:DeleteFolder DeleteType="{disposal}"><m:FolderIds>{folder_ref(folder)}</m:FolderIds></m:DeleteFolder>'
    )
    assert list_names(ann, f"recoverableitems{place}") == ["Jo"]


def copy_folder(folder: str, target: str) -> str:
    return (
        f"<m:CopyFolder><m:ToFolderId>{folder_ref(target)}</m:ToFolderId><m:FolderIds>{folder_ref(folder)}"
        f"</m:FolderIds></m:CopyFolder>"
    )


def test_a_folder_is_copied_with_all_in_it(ann: Mailbox) -> None:
    folder = ann.create_folder("Clients")
    ann.create("<t:GivenName>Jo</t:GivenName>", folder)
    ann.create("<t:GivenName>Al</t:GivenName>", ann.create_folder("Old", folder))
    copied = ann.ask_one(copy_folder(folder, "msgfolderroot")).find(".//t:FolderId", NS).get("Id")
    assert copied != folder
    assert list_names(ann, copied) == ["Jo"]
    below = ann.ask_one(
        f'<m:FindFolder Traversal="Shallow">{shape("folder:DisplayName", what="Folder")}'
        f"<m:ParentFolderIds>{folder_ref(copied)}</m:ParentFolderIds></m:FindFolder>"
    )
    assert text(below, ".//t:DisplayName") == "Old"
    assert ann.codes(copy_folder(folder, "msgfolderroot")) == ["ErrorFolderExists"]
    assert ann.codes(copy_folder(folder, folder)) == ["ErrorMoveCopyFailed"]
    assert ann.codes(copy_folder("msgfolderroot", "contacts")) == ["ErrorMoveCopyFailed"]


def test_contacts_have_no_read_flag(ann: Mailbox) -> None:
    ann.create("<t:GivenName>Jo</t:GivenName>")
    first = ann.ask_one(sync_items("contacts"))
    content = (
        "<m:MarkAllItemsAsRead><m:ReadFlag>true</m:ReadFlag><m:SuppressReadReceipts>true</m:SuppressReadReceipts>"
        f"<m:FolderIds>{folder_ref('contacts')}{folder_ref('voicemail')}</m:FolderIds></m:MarkAllItemsAsRead>"
    )
    assert ann.codes(content) == ["NoError", "ErrorFolderNotFound"]
    after = ann.ask_one(sync_items("contacts", text(first, "m:SyncState") or ""))
    assert len(after.find("m:Changes", NS)) == 0


def test_whom_an_impersonation_names(exchange: Exchange) -> None:
    admin = Mailbox(exchange, "admin")
    content = "<m:GetFolder><m:FolderShape><t:BaseShape>IdOnly</t:BaseShape></m:FolderShape><m:FolderIds>" + (
        '<t:DistinguishedFolderId Id="contacts"/></m:FolderIds></m:GetFolder>'
    )

    def header(identity: str) -> str:
        return f"<t:ExchangeImpersonation><t:ConnectingSID>{identity}</t:ConnectingSID></t:ExchangeImpersonation>"

    for name in ("PrimarySmtpAddress", "SmtpAddress", "PrincipalName"):
        assert admin.post(content, header(f"<t:{name}>ANN@acme.example</t:{name}>")).status == 200
    assert admin.fault(content, header("<t:SID>S-1-5-21</t:SID>"))[0] == "ErrorInvalidExchangeImpersonationHeaderData"
    nobody = header("<t:SmtpAddress>no@acme.example</t:SmtpAddress>")
    assert admin.fault(content, nobody)[0] == "ErrorNonExistentMailbox"
    eve = Mailbox(exchange, "eve")
    assert eve.fault(content, header("<t:SmtpAddress>ann@acme.example</t:SmtpAddress>"))[0] == (
        "ErrorImpersonateUserDenied"
    )
