"""Contacts: written, read back, moved, copied and deleted."""

from tests.contract.sandbox_exchange.wire import (
    NS,
    OWN_ID,
    Mailbox,
    Ref,
    create_item,
    extended,
    move_item,
    read_ref,
    shape,
    tag,
    text,
    texts,
)

FULL = (
    '<t:Subject>Sub</t:Subject><t:Sensitivity>Private</t:Sensitivity><t:Body BodyType="Text">line 1\nline 2</t:Body>'
    "<t:Categories><t:String>Salesforce</t:String><t:String>Friends</t:String></t:Categories>"
    "<t:FileAsMapping>LastCommaFirst</t:FileAsMapping><t:DisplayName>Jo Doe</t:DisplayName>"
    "<t:GivenName>Jo</t:GivenName><t:MiddleName>M.</t:MiddleName><t:CompanyName>Acme &amp; Sons</t:CompanyName>"
    '<t:EmailAddresses><t:Entry Key="EmailAddress1">jo@doe.example</t:Entry>'
    '<t:Entry Key="EmailAddress2" Name="Jo (home)" RoutingType="SMTP">jo@home.example</t:Entry></t:EmailAddresses>'
    '<t:PhysicalAddresses><t:Entry Key="Business"><t:Street>1 Main St\nFloor 2</t:Street><t:City>Ulm</t:City>'
    "<t:PostalCode>89073</t:PostalCode></t:Entry></t:PhysicalAddresses>"
    '<t:PhoneNumbers><t:Entry Key="AssistantPhone">1</t:Entry><t:Entry Key="MobilePhone">+49 171 2</t:Entry>'
    '<t:Entry Key="OtherTelephone"></t:Entry></t:PhoneNumbers><t:Birthday>1980-02-29T11:59:00+02:00</t:Birthday>'
    "<t:BusinessHomePage>https://doe.example</t:BusinessHomePage><t:Children><t:String>Kim</t:String></t:Children>"
    "<t:Generation>Jr.</t:Generation><t:JobTitle>Buyer</t:JobTitle><t:Surname>Doe</t:Surname>"
)


def test_a_contact_comes_back_whole_and_in_the_order_of_the_schema(ann: Mailbox) -> None:
    contact = ann.get(ann.create(FULL), base="AllProperties")
    assert text(contact, "t:Body") == "line 1\nline 2"
    assert texts(contact, "t:Categories/t:String") == ["Salesforce", "Friends"]
    assert text(contact, "t:FileAs") == "Doe, Jo M."
    assert text(contact, "t:CompanyName") == "Acme & Sons"
    emails = {
        entry.get("Key"): dict(entry.attrib) | {"": entry.text} for entry in contact.iterfind("t:EmailAddresses/*", NS)
    }
    assert emails["EmailAddress1"]["Name"] == "jo@doe.example"
    assert emails["EmailAddress2"]["Name"] == "Jo (home)"
    assert emails["EmailAddress2"]["RoutingType"] == "SMTP"
    phones = {entry.get("Key"): entry.text for entry in contact.iterfind("t:PhoneNumbers/*", NS)}
    assert phones == {"AssistantPhone": "1", "MobilePhone": "+49 171 2"}
    assert text(contact, "t:PhysicalAddresses/t:Entry/t:Street") == "1 Main St\nFloor 2"
    assert text(contact, "t:Birthday") == "1980-02-29T09:59:00Z"
    assert text(contact, "t:CompleteName/t:FullName") == "Jo M. Doe Jr."
    assert text(contact, "t:Sensitivity") == "Private"
    assert text(contact, "t:ItemClass") == "IPM.Contact"


def test_elements_and_extended_properties_are_names_of_one_value(ann: Mailbox) -> None:
    keywords = (
        '<t:ExtendedFieldURI DistinguishedPropertySetId="PublicStrings" PropertyName="Keywords" '
        'PropertyType="StringArray"/>'
    )
    street = '<t:ExtendedFieldURI DistinguishedPropertySetId="Address" PropertyId="32837" PropertyType="String"/>'
    address_set = "00062004-0000-0000-C000-000000000046"
    email = f'<t:ExtendedFieldURI PropertySetId="{address_set}" PropertyId="32899" PropertyType="String"/>'
    by_tag = ann.create(
        extended(tag("0x3A06"), "Jo")
        + extended(tag("14865"), "Doe")
        + extended(tag("0x3a08"), "+1 2")
        + extended(tag("0x0036", "Integer"), "2")
        + extended(tag("0x1000"), "note")
        + f"<t:ExtendedProperty>{keywords}<t:Values><t:Value>A</t:Value><t:Value>B</t:Value></t:Values>"
        + "</t:ExtendedProperty>"
        + extended(street, "1 Main St")
        + extended(email, "jo@doe.example")
    )
    contact = ann.get(by_tag, base="AllProperties")
    assert [text(contact, f"t:{name}") for name in ("GivenName", "Surname", "Sensitivity", "Body")] == [
        "Jo",
        "Doe",
        "Private",
        "note",
    ]
    assert texts(contact, "t:Categories/t:String") == ["A", "B"]
    assert text(contact, "t:PhoneNumbers/t:Entry[@Key='BusinessPhone']") == "+1 2"
    assert text(contact, "t:PhysicalAddresses/t:Entry[@Key='Business']/t:Street") == "1 Main St"
    assert text(contact, "t:EmailAddresses/t:Entry[@Key='EmailAddress1']") == "jo@doe.example"
    by_element = ann.get(
        ann.create(FULL), tag("0x3A44"), tag("0x3A30"), tag("0x0036", "Integer"), keywords, tag("0x3A1C")
    )
    values = texts(by_element, "t:ExtendedProperty/t:Value")
    assert values == ["M.", "2", "+49 171 2"]
    assert texts(by_element, "t:ExtendedProperty/t:Values/t:Value") == ["Salesforce", "Friends"]
    assert by_element.find("t:ExtendedProperty/t:ExtendedFieldURI", NS).get("PropertyTag") == "0x3a44"


def test_the_title_is_read_in_the_complete_name_and_written_by_its_tag(ann: Mailbox) -> None:
    contact = ann.get(ann.create(extended(tag("0x3A45"), "Dr.")), "contacts:CompleteName")
    assert text(contact, "t:CompleteName/t:Title") == "Dr."
    assert ann.codes(create_item("<t:CompleteName><t:Title>Dr.</t:Title></t:CompleteName>")) == [
        "ErrorInvalidPropertySet"
    ]


def test_a_display_name_is_derived_where_none_is_given(ann: Mailbox) -> None:
    contact = ann.get(ann.create("<t:GivenName>Jo</t:GivenName><t:Surname>Doe</t:Surname>"), base="Default")
    assert text(contact, "t:DisplayName") == "Jo Doe"
    assert text(contact, "t:Subject") == "Jo Doe"
    assert contact.find("t:FileAs", NS) is None


def test_several_inputs_are_answered_one_by_one_in_their_order(ann: Mailbox) -> None:
    good = ann.create("<t:GivenName>Jo</t:GivenName>")
    strangers = Ref(good.id[:-12] + "ZZZZ" + good.id[-8:], ""), Ref("", ""), Ref("abc", "")
    contacts = read_folder(ann)
    ids = "".join(ref.xml for ref in (good, *strangers, Ref(contacts, "")))
    codes = ann.codes(f"<m:GetItem>{shape()}<m:ItemIds>{ids}</m:ItemIds></m:GetItem>")
    assert codes == [
        "NoError",
        "ErrorItemNotFound",
        "ErrorInvalidIdEmpty",
        "ErrorInvalidIdMalformed",
        "ErrorCannotUseFolderIdForItemId",
    ]


def read_folder(ann: Mailbox, name: str = "contacts") -> str:
    content = f'<m:FolderIds><t:DistinguishedFolderId Id="{name}"/></m:FolderIds>'
    return (
        ann.ask_one(f"<m:GetFolder>{shape(what='Folder')}{content}</m:GetFolder>").find(".//t:FolderId", NS).get("Id")
    )


def test_ids_are_long_and_told_apart_by_case_alone(ann: Mailbox) -> None:
    ids = [read_ref(message).id for message in ann.ask(create_item("<t:GivenName>Jo</t:GivenName>", count=100))]
    assert len(set(ids)) == 100
    assert {len(each) for each in ids} == {152}
    assert len({each.lower() for each in ids}) < 100


def test_a_moved_item_has_a_new_id_and_its_properties(ann: Mailbox) -> None:
    old = ann.create("<t:GivenName>Jo</t:GivenName>".join([extended(OWN_ID, "003A"), ""]))
    folder = ann.create_folder("Salesforce Contacts")
    new = ann.move(old, folder)
    assert new.id != old.id
    assert ann.codes(move_item(old, folder)) == ["ErrorItemNotFound"]
    contact = ann.get(new, "item:ParentFolderId", OWN_ID)
    assert contact.find("t:ParentFolderId", NS).get("Id") == folder
    assert text(contact, "t:ExtendedProperty/t:Value") == "003A"


def test_a_copy_has_an_id_of_its_own_and_all_properties(ann: Mailbox) -> None:
    first = ann.create(extended(OWN_ID, "003A") + "<t:GivenName>Jo</t:GivenName>")
    copy = read_ref(ann.ask_one(move_item(first, "contacts", "CopyItem")))
    assert copy.id != first.id
    for ref in (first, copy):
        assert text(ann.get(ref, OWN_ID), "t:ExtendedProperty/t:Value") == "003A"


def test_the_three_ways_to_delete(ann: Mailbox, exchange) -> None:
    kept, binned, gone = (ann.create("<t:GivenName>Jo</t:GivenName>") for _ in range(3))
    ann.delete(kept, "SoftDelete")
    ann.delete(binned)
    ann.delete(gone, "HardDelete")
    assert ann.find("contacts") == []
    assert len(ann.find("deleteditems")) == 1
    (soft,) = ann.find("recoverableitemsdeletions")
    restored = exchange.act("ann", "restore_item", {"item": read_ref(soft).id})
    assert [read_ref(item).id for item in ann.find("contacts")] == [restored["id"]]


def test_lists_have_members_and_their_own_class(ann: Mailbox) -> None:
    members = (
        "<t:DisplayName>Team</t:DisplayName><t:Members><t:Member><t:Mailbox><t:Name>Jo</t:Name>"
        "<t:EmailAddress>jo@doe.example</t:EmailAddress></t:Mailbox></t:Member></t:Members>"
    )
    ref = ann.create(members, kind="DistributionList")
    found = ann.get(ref, "distributionlist:Members", "item:ItemClass", "contacts:DisplayName")
    assert found.tag.endswith("}DistributionList")
    assert text(found, "t:ItemClass") == "IPM.DistList"
    assert text(found, "t:Members/t:Member/t:Mailbox/t:EmailAddress") == "jo@doe.example"


def test_what_a_contacts_folder_refuses(ann: Mailbox) -> None:
    assert ann.codes(create_item("<t:GivenName>Jo</t:GivenName>", "inbox")) == [
        "ErrorCannotCreateContactInNonContactFolder"
    ]
    assert ann.codes(create_item("<t:Subject>Hi</t:Subject>", kind="Message")) == [
        "ErrorInvalidItemForOperationCreateItem"
    ]
    assert ann.codes(create_item("<t:ItemClass>IPM.Note</t:ItemClass>")) == ["ErrorObjectTypeChanged"]
    assert ann.codes(create_item(extended(tag("0x8005"), "x"))) == ["ErrorNoPropertyTagForCustomProperties"]
    assert ann.codes(create_item(extended(tag("0x6001", "Integer"), "x"))) == ["ErrorInvalidExtendedPropertyValue"]
    both = '<t:ExtendedFieldURI PropertyTag="0x6001" PropertyName="x" PropertyType="String"/>'
    assert ann.codes(create_item(extended(both, "x"))) == ["ErrorInvalidExtendedProperty"]
    long = f"<t:Categories><t:String>{'x' * 256}</t:String></t:Categories>"
    assert ann.codes(create_item(long)) == ["ErrorPropertyValidationFailure"]
    assert ann.find("contacts") == []


def test_bodies_in_both_forms(ann: Mailbox) -> None:
    ref = ann.create('<t:Body BodyType="HTML">&lt;p&gt;a &amp;amp; b&lt;/p&gt;&lt;p&gt;c&lt;/p&gt;</t:Body>')
    as_is = ann.get(ref, "item:Body").find("t:Body", NS)
    assert (as_is.get("BodyType"), as_is.text) == ("HTML", "<p>a &amp; b</p><p>c</p>")
    plain = ann.get(ref, "item:Body", tag("0x1000"), extra="<t:BodyType>Text</t:BodyType>")
    assert text(plain, "t:Body").splitlines() == ["a & b", "c"]
    assert text(plain, "t:ExtendedProperty/t:Value") == text(plain, "t:Body")


def test_single_entries_of_dictionaries_can_be_asked_for(ann: Mailbox) -> None:
    contact = ann.get(
        ann.create(FULL),
        "contacts:PhoneNumber/MobilePhone",
        "contacts:EmailAddress/EmailAddress2",
        "contacts:PhysicalAddress:City/Business",
    )
    assert texts(contact, "t:PhoneNumbers/t:Entry") == ["+49 171 2"]
    assert texts(contact, "t:EmailAddresses/t:Entry") == ["jo@home.example"]
    assert [part.text for part in contact.find("t:PhysicalAddresses/t:Entry", NS)] == ["Ulm"]
