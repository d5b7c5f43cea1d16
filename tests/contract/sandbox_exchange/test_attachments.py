"""Files on contacts, the contact's photo, and the photos of the organisation's people."""

import base64

from mailsync.sandbox.exchange import Exchange
from mailsync.sandbox.vendor import Clock, Request
from tests.contract.sandbox_exchange.oracle import check_valid
from tests.contract.sandbox_exchange.wire import (
    NS,
    Mailbox,
    Ref,
    basic,
    create_item,
    equals,
    move_item,
    read_ref,
    tag,
    text,
    texts,
)

PICTURE = base64.b64encode(b"\xff\xd8\xff\xe0 a small picture").decode()


def file(name: str, extra: str = "", content: str = PICTURE) -> str:
    return f"<t:FileAttachment><t:Name>{name}</t:Name>{extra}<t:Content>{content}</t:Content></t:FileAttachment>"


PHOTO = file(
    "ContactPicture.jpg",
    "<t:ContentType>image/jpeg</t:ContentType><t:IsInline>false</t:IsInline><t:IsContactPhoto>true</t:IsContactPhoto>",
)


def attach(ref: Ref, *files: str) -> str:
    parent = f'<m:ParentItemId Id="{ref.id}" ChangeKey="{ref.key}"/>'
    return f"<m:CreateAttachment>{parent}<m:Attachments>{''.join(files)}</m:Attachments></m:CreateAttachment>"


def of_attachments(operation: str, *identifiers: str) -> str:
    listed = "".join(f'<t:AttachmentId Id="{each}"/>' for each in identifiers)
    return f"<m:{operation}><m:AttachmentIds>{listed}</m:AttachmentIds></m:{operation}>"


def list_ids(ann: Mailbox, ref: Ref) -> list[str]:
    return [each.get("Id") for each in ann.get(ref, "item:Attachments").iterfind(".//t:AttachmentId", NS)]


def test_a_photo_comes_and_goes(ann: Mailbox) -> None:
    ref = ann.create("<t:GivenName>Jo</t:GivenName>")
    assert text(ann.get(ref, "contacts:HasPicture"), "t:HasPicture") == "false"
    created = ann.ask_one(attach(ref, PHOTO)).find(".//t:AttachmentId", NS)
    assert created.get("RootItemId") == ref.id
    assert created.get("RootItemChangeKey") != ref.key
    contact = ann.get(ref, "contacts:HasPicture", "item:HasAttachments", "item:Attachments", PICTURE_FLAG)
    assert [text(contact, f"t:{name}") for name in ("HasPicture", "HasAttachments")] == ["true", "true"]
    assert text(contact, "t:ExtendedProperty/t:Value") == "true"
    shown = contact.find("t:Attachments/t:FileAttachment", NS)
    assert (text(shown, "t:Name"), text(shown, "t:IsContactPhoto")) == ("ContactPicture.jpg", "true")
    assert shown.find("t:Content", NS) is None
    assert len(ann.find("contacts", equals("contacts:HasPicture", "true"))) == 1
    got = ann.ask_one(of_attachments("GetAttachment", created.get("Id")))
    assert text(got, ".//t:Content") == PICTURE
    ann.ask_one(attach(ref, PHOTO))
    assert len(list_ids(ann, ref)) == 1, "a contact has one photo"
    gone = ann.ask_one(of_attachments("DeleteAttachment", *list_ids(ann, ref))).find("m:RootItemId", NS)
    contact = ann.get(ref, "contacts:HasPicture", "item:HasAttachments")
    assert contact.find("t:ItemId", NS).get("ChangeKey") == gone.get("RootItemChangeKey")
    assert [text(contact, f"t:{name}") for name in ("HasPicture", "HasAttachments")] == ["false", "false"]


PICTURE_FLAG = '<t:ExtendedFieldURI DistinguishedPropertySetId="Address" PropertyId="32789" PropertyType="Boolean"/>'


def test_files_are_made_with_the_item_and_go_with_it(ann: Mailbox) -> None:
    message = ann.ask_one(create_item(f"<t:Attachments>{file('a.txt')}{file('b.txt')}</t:Attachments>"))
    ref = read_ref(message)
    assert texts(ann.get(ref, "item:Attachments"), ".//t:Name") == ["a.txt", "b.txt"]
    old = list_ids(ann, ref)
    copy = read_ref(ann.ask_one(move_item(ref, "contacts", "CopyItem")))
    moved = ann.move(ref, "deleteditems")
    assert ann.codes(of_attachments("GetAttachment", *old)) == ["ErrorItemNotFound"] * 2
    for each in (copy, moved):
        assert ann.codes(of_attachments("GetAttachment", *list_ids(ann, each))) == ["NoError"] * 2
    assert ann.get(moved, tag("0x0e07", "Integer")).find(".//t:Value", NS).text == "17"


def test_what_is_no_attachment(ann: Mailbox, exchange: Exchange) -> None:
    ref = ann.create("<t:GivenName>Jo</t:GivenName>")
    item = "<t:ItemAttachment><t:Name>x</t:Name><t:Contact><t:GivenName>x</t:GivenName></t:Contact></t:ItemAttachment>"
    assert ann.codes(attach(ref, file("a.txt"), item)) == [
        "NoError",
        "ErrorInvalidItemForOperationCreateItemAttachment",
    ]
    assert ann.codes(of_attachments("GetAttachment", "", "xx", ref.id)) == [
        "ErrorInvalidIdEmpty",
        "ErrorInvalidIdMalformed",
        "ErrorInvalidAttachmentId",
    ]
    assert Mailbox(exchange, "eve").codes(of_attachments("GetAttachment", *list_ids(ann, ref))) == ["ErrorItemNotFound"]
    assert ann.fault(attach(ref, file("a", content="%%")))[0] == "ErrorSchemaValidation"
    gone = Ref(ref.id, ref.key)
    ann.delete(ref)
    assert ann.codes(attach(gone, file("a.txt"))) == ["ErrorItemNotFound"]


def test_photos_of_people(clock: Clock) -> None:
    exchange = Exchange(clock)
    exchange.load({"mailboxes": [{"user": "ann", "photo": PICTURE}, {"user": "eve"}]})
    ann = Mailbox(exchange, "ann")

    def ask(address: str, size: str = "HR240x240") -> str:
        return f"<m:GetUserPhoto><m:Email>{address}</m:Email><m:SizeRequested>{size}</m:SizeRequested></m:GetUserPhoto>"

    found = check_valid(ann.post(ask("ann@acme.example")).body)
    assert text(found, ".//m:PictureData") == PICTURE
    missing = check_valid(ann.post(ask("eve@acme.example")).body)
    assert text(missing, ".//m:ResponseCode") == "ErrorItemNotFound"
    assert ann.fault(ask("ann@acme.example", "HR1x1"))[0] == "ErrorSchemaValidation"

    def get(query: str, **headers: str) -> tuple[int, bytes, str]:
        path = "/EWS/Exchange.asmx/s/GetUserPhoto"
        answer = exchange.answer(Request("GET", path, query, {**basic("ann"), **headers}, b""))
        return answer.status, answer.body, answer.headers.get("etag", "")

    status, body, etag = get("email=ann@acme.example&size=HR240x240")
    assert (status, base64.b64encode(body).decode()) == (200, PICTURE)
    assert get("email=ann@acme.example&size=HR240x240", **{"if-none-match": etag})[0] == 304
    assert get("email=eve@acme.example&size=HR240x240")[0] == 404
    assert get("email=ann@acme.example&size=big")[0] == 400
    assert exchange.answer(Request("GET", "/ews/exchange.asmx/s/getuserphoto", "", {}, b"")).status == 401


def test_a_dump_keeps_files_and_photos(ann: Mailbox, exchange: Exchange, clock: Clock) -> None:
    ref = ann.create("<t:GivenName>Jo</t:GivenName>")
    ann.codes(attach(ref, PHOTO, file("a.txt", "<t:ContentId>c1</t:ContentId><t:IsInline>true</t:IsInline>")))
    world = exchange.dump()
    world["mailboxes"][1]["photo"] = PICTURE
    again = Exchange(clock)
    again.load(world)
    assert again.dump() == world
    contact = Mailbox(again, "ann").get(ref, "item:Attachments", "contacts:HasPicture")
    assert texts(contact, ".//t:ContentId") == ["c1"]
    assert text(contact, "t:HasPicture") == "true"
